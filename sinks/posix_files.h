// The real disk.
#pragma once

#include "sinks/files.h"

namespace trapline::sinks {

// Files by POSIX calls. Stateless; any thread.
class PosixFiles final : public Files {
 public:
  [[nodiscard]] FileResult<std::unique_ptr<File>> open(const std::string& path,
                                                       FileMode mode) override;
  [[nodiscard]] std::unique_ptr<File> standard_output() override;
  [[nodiscard]] FileResult<std::vector<std::string>> list(const std::string& directory) override;
  [[nodiscard]] FileResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] FileResult<void> remove(const std::string& path) override;
};

}  // namespace trapline::sinks
