// A connected socket, made within a deadline.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace trapline::sinks {

using SteadyTime = std::chrono::steady_clock::time_point;

// Owns a descriptor. Move-only.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  // Closes it, if it is open.
  void close();

 private:
  int descriptor_ = -1;
};

// Waits until the socket is ready for `events` (POLLIN, POLLOUT); false when `deadline` came first.
[[nodiscard]] bool wait_for(const Socket& socket, short events, SteadyTime deadline);

// Looks the host up (which blocks as long as the resolver does) and connects to the first of its
// addresses that answers, each within `at_most`. `type` is SOCK_STREAM or SOCK_DGRAM. The socket
// does not block. Closed, with the problem, when there was none.
[[nodiscard]] Socket connect_to(const std::string& host, std::uint16_t port, int type,
                                std::chrono::milliseconds at_most, std::string& problem);

}  // namespace trapline::sinks
