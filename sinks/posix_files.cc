#include "sinks/posix_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace trapline::sinks {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr int kOutputPatienceMs = 1'000;
constexpr std::size_t kPipeChunkBytes = 4'096;  // PIPE_BUF: room for it is what POLLOUT promises

std::error_code last_error() { return {errno, std::generic_category()}; }

// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// An owned file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  const int number_;
};

FileResult<void> sync_directory(const std::string& directory) {
  const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0) return last_error();
  if (::fsync(descriptor.number()) != 0 && errno != EINVAL) return last_error();
  return {};
}

FileResult<FileFacts> facts_of(int number) {
  struct stat found {};
  if (::fstat(number, &found) != 0) return last_error();
  FileFacts facts;
  facts.regular = S_ISREG(found.st_mode);
  facts.size_bytes = facts.regular ? static_cast<std::uint64_t>(found.st_size) : 0;
  facts.modified_at = base::WallTime(std::chrono::seconds(found.st_mtim.tv_sec) +
                                     std::chrono::nanoseconds(found.st_mtim.tv_nsec));
  facts.identity = {found.st_dev, found.st_ino};
  return facts;
}

class PosixFile final : public File {
 public:
  explicit PosixFile(int number) : descriptor_(number) {}

  [[nodiscard]] FileResult<void> append(std::string_view text) override {
    while (!text.empty()) {
      const ssize_t written =
          uninterrupted([&] { return ::write(descriptor_.number(), text.data(), text.size()); });
      if (written < 0) return last_error();
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  [[nodiscard]] FileResult<std::size_t> read_at(std::uint64_t offset,
                                                std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = uninterrupted([&] {
        return ::pread(descriptor_.number(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) return last_error();
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  [[nodiscard]] FileResult<void> sync() override {
    if (::fdatasync(descriptor_.number()) != 0) return last_error();
    return {};
  }

  [[nodiscard]] FileResult<void> truncate(std::uint64_t size_bytes) override {
    const auto size = static_cast<off_t>(size_bytes);
    if (uninterrupted([&] { return ::ftruncate(descriptor_.number(), size); }) != 0) {
      return last_error();
    }
    return {};
  }

  [[nodiscard]] FileResult<FileFacts> facts() override { return facts_of(descriptor_.number()); }

 private:
  const Descriptor descriptor_;
};

// Standard output, which is not ours to close and which may be a terminal that somebody stopped.
class StandardOutput final : public File {
 public:
  [[nodiscard]] FileResult<void> append(std::string_view text) override {
    while (!text.empty()) {
      pollfd output{STDOUT_FILENO, POLLOUT, 0};
      const int ready = uninterrupted([&] { return ::poll(&output, 1, kOutputPatienceMs); });
      if (ready < 0) return last_error();
      if (ready == 0) return std::make_error_code(std::errc::timed_out);
      const std::size_t chunk = std::min(text.size(), kPipeChunkBytes);
      const ssize_t written =
          uninterrupted([&] { return ::write(STDOUT_FILENO, text.data(), chunk); });
      if (written < 0 && errno != EAGAIN) return last_error();
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }
  [[nodiscard]] FileResult<std::size_t> read_at(std::uint64_t, std::span<char>) override {
    return std::size_t{0};
  }
  [[nodiscard]] FileResult<void> sync() override { return {}; }
  [[nodiscard]] FileResult<void> truncate(std::uint64_t) override { return {}; }
  [[nodiscard]] FileResult<FileFacts> facts() override {
    FileFacts facts;
    facts.regular = false;
    return facts;
  }
};

int flags_of(FileMode mode) {
  switch (mode) {
    case FileMode::append: return O_RDWR | O_APPEND;
    case FileMode::read: return O_RDONLY;
    case FileMode::create_new: return O_RDWR | O_APPEND | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

}  // namespace

FileResult<std::unique_ptr<File>> PosixFiles::open(const std::string& path, FileMode mode) {
  const int flags = flags_of(mode) | O_CLOEXEC | O_NOCTTY;
  int number = uninterrupted([&] { return ::open(path.c_str(), flags, kFileMode); });
  bool made = mode == FileMode::create_new;
  if (number < 0 && errno == ENOENT && mode == FileMode::append) {
    number = uninterrupted([&] { return ::open(path.c_str(), flags | O_CREAT, kFileMode); });
    made = true;
  }
  if (number < 0) return last_error();
  std::unique_ptr<File> file = std::make_unique<PosixFile>(number);
  if (made) {
    if (const auto synced = sync_directory(directory_of(path)); !synced) return synced.error();
  }
  return file;
}

std::unique_ptr<File> PosixFiles::standard_output() { return std::make_unique<StandardOutput>(); }

FileResult<std::vector<std::string>> PosixFiles::list(const std::string& directory) {
  DIR* const stream = ::opendir(directory.c_str());
  if (stream == nullptr) return last_error();
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  return names;
}

FileResult<void> PosixFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return last_error();
  return sync_directory(directory_of(to));
}

FileResult<void> PosixFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return last_error();
  return {};
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_in_directory(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace trapline::sinks
