#include "gateway/journal/posix_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kPiecesPerCall = 512;  // below IOV_MAX

FsError from_errno(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR: return FsError::not_found;
    case EEXIST: return FsError::exists;
    case ENOSPC:
    case EDQUOT: return FsError::no_space;
    case EACCES:
    case EPERM:
    case EROFS: return FsError::denied;
    case EWOULDBLOCK: return FsError::locked;
    default: return FsError::io;
  }
}

FsResult<void> checked(int returned) {
  if (returned != 0) return from_errno(errno);
  return {};
}

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::read_write: return O_RDWR;
    case OpenMode::create_exclusive: return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

class PosixFile final : public File {
 public:
  explicit PosixFile(int fd) : fd_(fd) {}
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(fd_); }

  FsResult<std::size_t> read_at(std::uint64_t offset, base::MutableBytes out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return from_errno(errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  FsResult<void> write_at(std::uint64_t offset, std::span<const base::Bytes> pieces) override {
    std::size_t skip = 0;  // octets of the first piece that are written already
    while (!pieces.empty()) {
      std::array<iovec, kPiecesPerCall> parts;
      const std::size_t count = std::min(pieces.size(), parts.size());
      for (std::size_t i = 0; i < count; ++i) {
        const base::Bytes piece = i == 0 ? pieces[i].subspan(skip) : pieces[i];
        parts[i] = {const_cast<std::byte*>(piece.data()), piece.size()};
      }
      const ssize_t wrote =
          ::pwritev(fd_, parts.data(), static_cast<int>(count), static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return from_errno(errno);
      offset += static_cast<std::uint64_t>(wrote);
      skip += static_cast<std::size_t>(wrote);
      const std::span<const base::Bytes> before = pieces;
      while (!pieces.empty() && skip >= pieces.front().size()) {
        skip -= pieces.front().size();
        pieces = pieces.subspan(1);
      }
      if (wrote == 0 && before.size() == pieces.size()) return FsError::io;
    }
    return {};
  }

  FsResult<void> sync() override { return checked(::fdatasync(fd_)); }

  FsResult<void> truncate(std::uint64_t size) override {
    return checked(::ftruncate(fd_, static_cast<off_t>(size)));
  }

  FsResult<std::uint64_t> size_bytes() override {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return from_errno(errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  const int fd_;
};

}  // namespace

std::string_view name_of(FsError error) {
  switch (error) {
    case FsError::not_found: return "not found";
    case FsError::exists: return "exists already";
    case FsError::no_space: return "no space left";
    case FsError::io: return "input/output error";
    case FsError::denied: return "permission denied";
    case FsError::locked: return "locked by another process";
  }
  return "input/output error";
}

FsResult<std::unique_ptr<File>> PosixFs::open(const std::string& path, OpenMode mode) {
  const int fd = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC, 0600);
  if (fd < 0) return from_errno(errno);
  return std::unique_ptr<File>(std::make_unique<PosixFile>(fd));
}

FsResult<void> PosixFs::make_directory(const std::string& path) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at != path.size() && path[at] != '/') continue;
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return from_errno(errno);
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return from_errno(errno);
  if (!S_ISDIR(status.st_mode)) return FsError::exists;
  return {};
}

FsResult<std::vector<std::string>> PosixFs::list(const std::string& path) {
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return from_errno(errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int failed = errno;
  ::closedir(directory);
  if (failed != 0) return from_errno(failed);
  return names;
}

FsResult<void> PosixFs::rename(const std::string& from, const std::string& to) {
  return checked(::rename(from.c_str(), to.c_str()));
}

FsResult<void> PosixFs::unlink(const std::string& path) { return checked(::unlink(path.c_str())); }

FsResult<void> PosixFs::sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return from_errno(errno);
  const int returned = ::fsync(fd);
  const int code = errno;
  ::close(fd);
  if (returned != 0) return from_errno(code);
  return {};
}

FsResult<FsSpace> PosixFs::space(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return from_errno(errno);
  const auto unit = static_cast<std::uint64_t>(status.f_frsize);
  return FsSpace{unit * status.f_blocks, unit * status.f_bavail};
}

FsResult<std::unique_ptr<File>> PosixFs::lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return from_errno(errno);
  auto file = std::make_unique<PosixFile>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return from_errno(errno);
  return std::unique_ptr<File>(std::move(file));
}

}  // namespace trapline::gateway::journal
