// The disk as a seam: everything the journal (and later any durable store) does to files.
//
// PosixFs is the real one; the simulation has one that forgets what was not synced, tears writes,
// fails and fills up on command.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace trapline::gateway::journal {

enum class FsError : std::uint8_t { not_found, exists, no_space, io, denied, locked };
// The error in an operator's words.
[[nodiscard]] std::string_view name_of(FsError error);

template <class T>
using FsResult = base::Result<T, FsError>;

enum class OpenMode : std::uint8_t { read, read_write, create_exclusive };

// Free and total octets of a file system.
struct FsSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
};

// One open file; closed when it dies. Used by one thread at a time, except that reads may run
// beside writes.
class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() octets; fewer only at the end of the file.
  [[nodiscard]] virtual FsResult<std::size_t> read_at(std::uint64_t offset,
                                                      base::MutableBytes out) = 0;
  // Writes all pieces, one after the other, as one operation. On failure any part may have been
  // written.
  [[nodiscard]] virtual FsResult<void> write_at(std::uint64_t offset,
                                                std::span<const base::Bytes> pieces) = 0;
  // fdatasync. After a failure nothing written since the last success may be relied on, ever.
  [[nodiscard]] virtual FsResult<void> sync() = 0;
  [[nodiscard]] virtual FsResult<void> truncate(std::uint64_t size_bytes) = 0;
  [[nodiscard]] virtual FsResult<std::uint64_t> size_bytes() = 0;
};

// A file system. Any thread may call any member.
class Fs {
 public:
  virtual ~Fs() = default;
  // Opens a file; `create_exclusive` makes it and fails when it is there.
  [[nodiscard]] virtual FsResult<std::unique_ptr<File>> open(const std::string& path,
                                                             OpenMode mode) = 0;
  // Makes the directory and its missing parents, mode 0700. Fine when it is there.
  [[nodiscard]] virtual FsResult<void> make_directory(const std::string& path) = 0;
  // Names (not paths) in a directory, unsorted.
  [[nodiscard]] virtual FsResult<std::vector<std::string>> list(const std::string& path) = 0;
  [[nodiscard]] virtual FsResult<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual FsResult<void> unlink(const std::string& path) = 0;
  // Makes creations, renames and unlinks in the directory durable.
  [[nodiscard]] virtual FsResult<void> sync_directory(const std::string& path) = 0;
  [[nodiscard]] virtual FsResult<FsSpace> space(const std::string& path) = 0;
  // Takes an exclusive advisory lock on a file (made if missing), held until the result dies.
  [[nodiscard]] virtual FsResult<std::unique_ptr<File>> lock(const std::string& path) = 0;
};

}  // namespace trapline::gateway::journal
