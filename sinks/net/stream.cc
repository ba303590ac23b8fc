#include "sinks/net/stream.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace trapline::sinks {
namespace {

constexpr int kReadsAtOnce = 64;

}  // namespace

void send_at_once(const Socket& socket) {
  const int on = 1;
  ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::uint64_t unacknowledged_octets(const Socket& socket) {
  int octets = 0;
  const bool known = ::ioctl(socket.descriptor(), SIOCOUTQ, &octets) == 0 && octets >= 0;
  return known ? static_cast<std::uint64_t>(octets) : std::numeric_limits<std::uint64_t>::max();
}

void end_stream(const Socket& socket) {
  ::shutdown(socket.descriptor(), SHUT_WR);  // no harm in saying it again
}

std::optional<bool> stream_ended(const Socket& socket, std::string& problem) {
  std::array<char, 4'096> ignored;
  ssize_t got = 1;
  for (int reads = 0; got > 0 && reads < kReadsAtOnce; ++reads) {
    got = ::recv(socket.descriptor(), ignored.data(), ignored.size(), MSG_DONTWAIT);
  }
  int error = got < 0 ? errno : 0;
  if (got == 0) {
    // A reset that has come with the end is told here only.
    socklen_t size = sizeof error;
    if (::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error == 0) return got == 0;
  if (error == EAGAIN || error == EINTR) return false;
  problem = std::string("the connection broke: ") + std::strerror(error);
  return std::nullopt;
}

void abandon(Socket& socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket.close();
}

}  // namespace trapline::sinks
