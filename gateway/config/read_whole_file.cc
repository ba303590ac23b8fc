#include "gateway/config/read_whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace trapline::gateway {
namespace {

// Reads until the end of the file or of `memory`; -1 with errno on failure.
ssize_t read_fully(int file, base::MutableBytes memory) {
  std::size_t filled = 0;
  while (filled < memory.size()) {
    const ssize_t got = ::read(file, memory.data() + filled, memory.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(filled);
}

}  // namespace

std::optional<FileContent> read_whole_file(const std::string& path, std::size_t most_bytes,
                                           std::string& problem) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) {
    problem = "cannot be read: " + std::string(std::strerror(errno));
    return std::nullopt;
  }
  FileContent content{base::UndumpedBuffer(most_bytes + 1)};
  const ssize_t size = read_fully(file, content.memory.bytes());
  const int error = errno;
  ::close(file);
  if (size < 0) {
    problem = "cannot be read: " + std::string(std::strerror(error));
    return std::nullopt;
  }
  content.size_bytes = static_cast<std::size_t>(size);
  if (content.size_bytes > most_bytes) {
    problem = "is larger than " + std::to_string(most_bytes) + " bytes";
    return std::nullopt;
  }
  return content;
}

}  // namespace trapline::gateway
