#include "gateway/commands/command_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "gateway/commands/hex_text.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kMaxInputBytes = std::size_t{1} << 30;

using Input = base::Result<std::vector<std::byte>, std::string>;

Input read_descriptor(int file, const std::string& name) {
  std::vector<std::byte> octets;
  std::vector<std::byte> chunk(std::size_t{64} << 10);
  for (;;) {
    const ssize_t got = ::read(file, chunk.data(), chunk.size());
    if (got == 0) return octets;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return name + " cannot be read: " + std::strerror(errno);
    octets.insert(octets.end(), chunk.begin(), chunk.begin() + got);
    if (octets.size() > kMaxInputBytes) return name + " is larger than 1 GiB: cut it first";
  }
}

}  // namespace

Input read_command_input(const std::string& argument) {
  if (argument == kStandardInput) {
    if (::isatty(STDIN_FILENO) == 1) {
      fmt::print(stderr, "reading hexadecimal from the terminal; end with Ctrl-D\n");
    }
    return read_descriptor(STDIN_FILENO, argument);
  }
  const int file = ::open(argument.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file >= 0) {
    Input input = read_descriptor(file, argument);
    ::close(file);
    return input;
  }
  const std::string why = std::strerror(errno);
  auto octets = parse_hex(argument);
  if (octets && !octets->empty()) return std::move(*octets);
  return argument + " is neither a file (" + why + ") nor hexadecimal";
}

}  // namespace trapline::gateway
