#include "sinks/net/socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace trapline::sinks {
namespace {

// Connects to one address; 0, or what went wrong.
int try_address(const addrinfo& address, std::chrono::milliseconds at_most, Socket& out) {
  Socket socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return errno;
  int error = ::connect(socket.descriptor(), address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (!wait_for(socket, POLLOUT, std::chrono::steady_clock::now() + at_most)) return ETIMEDOUT;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  }
  if (error == 0) out = std::move(socket);
  return error;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::close() {
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

bool wait_for(const Socket& socket, short events, SteadyTime deadline) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{socket.descriptor(), events, 0};
    const auto most = std::max<std::chrono::milliseconds::rep>(left.count(), 0);
    const int ready = ::poll(&wanted, 1, static_cast<int>(most));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Socket connect_to(const std::string& host, std::uint16_t port, int type,
                  std::chrono::milliseconds at_most, std::string& problem) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  hints.ai_flags = AI_NUMERICHOST;
  const std::string service = std::to_string(port);
  addrinfo* found = nullptr;
  int failed = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (failed != 0) {
    // Of a name, only addresses of families that this machine has.
    hints.ai_flags = AI_ADDRCONFIG;
    failed = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  }
  if (failed != 0) {
    problem = "cannot look up " + host + ": " + ::gai_strerror(failed);
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  Socket socket;
  int error = EADDRNOTAVAIL;
  for (const addrinfo* each = found; each != nullptr && error != 0; each = each->ai_next) {
    error = try_address(*each, at_most, socket);
  }
  if (error != 0) problem = std::string("cannot connect: ") + std::strerror(error);
  return socket;
}

}  // namespace trapline::sinks
