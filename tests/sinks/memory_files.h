// A disk in memory that fails, fills up and forgets on command.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sinks/files.h"

namespace trapline::sinks {

// What a fault can strike.
enum class FileOperation { open, append, read, sync, truncate, facts, list, rename, remove };

// Files whose content is kept twice: as processes see it, and as the disk holds it. They differ by
// what was not synced, and by what a failed sync has lost for good though it can still be read.
// Any thread.
class MemoryFiles final : public Files {
 public:
  // Asked before each operation: an error to fail with, or nothing. A failing append writes the
  // first half of its text.
  using Fault = std::function<std::optional<std::errc>(FileOperation, const std::string& path)>;

  [[nodiscard]] FileResult<std::unique_ptr<File>> open(const std::string& path,
                                                       FileMode mode) override;
  [[nodiscard]] std::unique_ptr<File> standard_output() override;
  [[nodiscard]] FileResult<std::vector<std::string>> list(const std::string& directory) override;
  [[nodiscard]] FileResult<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] FileResult<void> remove(const std::string& path) override;

  // Sets or clears the fault.
  void set_fault(Fault fault);
  // Fails the next operation of one kind, once.
  void fail_next(FileOperation operation, std::errc error);
  // Room on the disk, in octets; appends beyond it write what fits and fail with
  // no_space_on_device.
  void set_room(std::uint64_t bytes);
  // The wall time of writes from now on.
  void set_now(base::WallTime now);
  // Everything not on the disk is gone; open files are useless from here on.
  void lose_power();

  // Names of all files, sorted.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool exists(const std::string& path) const;
  // What a process reads; empty when there is no such file.
  [[nodiscard]] std::string content(const std::string& path) const;
  // What would be left after a loss of power.
  [[nodiscard]] std::string on_disk(const std::string& path) const;
  // Puts a synced file there.
  void put(const std::string& path, std::string_view content);
  // What went to standard output.
  [[nodiscard]] std::string output() const;

  // How often an operation was tried.
  [[nodiscard]] int count(FileOperation operation) const;

 private:
  friend class MemoryFile;
  struct Inode {
    std::string seen;
    std::string durable;
    std::size_t dirty_from = 0;  // what is behind is not on the disk and a sync would put it there
    base::WallTime modified_at;
    std::uint64_t number = 0;
  };

  [[nodiscard]] std::optional<std::error_code> strike(FileOperation operation,
                                                      const std::string& path);
  [[nodiscard]] std::shared_ptr<Inode> make_inode();

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Inode>> files_;
  std::shared_ptr<Inode> output_ = std::make_shared<Inode>();
  std::map<FileOperation, int> counts_;
  Fault fault_;
  std::optional<std::pair<FileOperation, std::errc>> fail_next_;
  std::uint64_t room_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t inodes_ = 0;
  base::WallTime now_;
};

}  // namespace trapline::sinks
