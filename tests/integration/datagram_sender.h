// A UDP socket of a test's own, for octets that no SNMP tool would send.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"

namespace trapline::integration {

// Sends to one port on 127.0.0.1, as 127.0.0.1 or as another address of that network. Used by one
// thread.
class DatagramSender {
 public:
  explicit DatagramSender(std::uint16_t port, std::uint32_t from = INADDR_LOOPBACK)
      : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(from);
    static_cast<void>(bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    static_cast<void>(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to));
  }
  DatagramSender(const DatagramSender&) = delete;
  DatagramSender& operator=(const DatagramSender&) = delete;
  ~DatagramSender() { close(socket_); }

  // True when the kernel took all of it.
  [[nodiscard]] bool send(base::Bytes octets) const {
    return ::send(socket_, octets.data(), octets.size(), 0) == static_cast<ssize_t>(octets.size());
  }

 private:
  int socket_;
};

}  // namespace trapline::integration
