// The machine's file system behind the journal's seam.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/journal/fs.h"

namespace trapline::gateway::journal {

// POSIX files: pread, pwritev, fdatasync, flock. Files are made with mode 0600, directories 0700.
// Stateless; any thread may call any member.
class PosixFs final : public Fs {
 public:
  [[nodiscard]] FsResult<std::unique_ptr<File>> open(const std::string& path,
                                                     OpenMode mode) override;
  [[nodiscard]] FsResult<void> make_directory(const std::string& path) override;
  [[nodiscard]] FsResult<std::vector<std::string>> list(const std::string& path) override;
  [[nodiscard]] FsResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] FsResult<void> unlink(const std::string& path) override;
  [[nodiscard]] FsResult<void> sync_directory(const std::string& path) override;
  [[nodiscard]] FsResult<FsSpace> space(const std::string& path) override;
  [[nodiscard]] FsResult<std::unique_ptr<File>> lock(const std::string& path) override;
};

}  // namespace trapline::gateway::journal
