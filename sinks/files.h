// The disk as the file sink sees it: a seam, so that tests can fail it, fill it and forget what was
// not synced.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace trapline::sinks {

template <class T>
using FileResult = base::Result<T, std::error_code>;

// What tells one file from another that later has its name.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// What the file system says of an open file.
struct FileFacts {
  bool regular = true;  // false for a terminal, pipe or device: no size, no sync, nothing to read
  std::uint64_t size_bytes = 0;
  base::WallTime modified_at;
  FileIdentity identity;
};

// One open file, closed when it dies. Used by one thread at a time.
class File {
 public:
  virtual ~File() = default;
  // Writes all of `text` at the end, wherever that is by now. After a failure any part of it may
  // have been written.
  [[nodiscard]] virtual FileResult<void> append(std::string_view text) = 0;
  // Reads up to out.size() octets; fewer only at the end of the file. Returns how many.
  [[nodiscard]] virtual FileResult<std::size_t> read_at(std::uint64_t offset,
                                                        std::span<char> out) = 0;
  // fdatasync. After a failure nothing written since the last success may be relied on, ever.
  [[nodiscard]] virtual FileResult<void> sync() = 0;
  // Cuts the file off at `size_bytes`.
  [[nodiscard]] virtual FileResult<void> truncate(std::uint64_t size_bytes) = 0;
  [[nodiscard]] virtual FileResult<FileFacts> facts() = 0;
};

enum class FileMode : std::uint8_t {
  append,      // read and append; made (0640) when missing, its directory synced then
  read,        // read what is there
  create_new,  // append to a file that must not have existed (0640)
};

// A file system. Any thread may call any member. Paths as the operating system takes them.
class Files {
 public:
  virtual ~Files() = default;
  // Opens a file; see FileMode.
  [[nodiscard]] virtual FileResult<std::unique_ptr<File>> open(const std::string& path,
                                                               FileMode mode) = 0;
  // The process's standard output. Its `append` gives up (timed_out) when nothing is taken from it
  // for a second: whoever stopped their terminal must not stop us.
  [[nodiscard]] virtual std::unique_ptr<File> standard_output() = 0;
  // Names (not paths) in a directory, unsorted.
  [[nodiscard]] virtual FileResult<std::vector<std::string>> list(const std::string& directory) = 0;
  // Renames within one directory, replacing `to`, and makes that durable.
  [[nodiscard]] virtual FileResult<void> rename(const std::string& from, const std::string& to) = 0;
  // Removes a file.
  [[nodiscard]] virtual FileResult<void> remove(const std::string& path) = 0;
};

// The directory part of a path ("." when there is none), and what stands behind it.
[[nodiscard]] std::string directory_of(const std::string& path);
[[nodiscard]] std::string name_in_directory(const std::string& path);

}  // namespace trapline::sinks
