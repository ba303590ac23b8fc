// HOST[:PORT] on a command line, and a socket to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace trapline::gateway {

inline constexpr std::uint16_t kSnmpPort = 161;
inline constexpr std::uint16_t kSnmpTrapPort = 162;

// Plain value.
struct UdpTarget {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = kSnmpTrapPort;
};

// Reads "host", "host:162", "192.0.2.1:162", "::1", "[::1]" or "[::1]:162"; without a port, it is
// `port`. Fails with a sentence that says what is expected.
[[nodiscard]] base::Result<UdpTarget, std::string> parse_udp_target(
    std::string_view text, std::uint16_t port = kSnmpTrapPort);

// Looks the host up, which blocks; the first of its addresses. Failing, says why.
[[nodiscard]] base::Result<base::Endpoint, std::string> find_endpoint(const UdpTarget& target);

// A UDP socket whose peer is the target, so that it receives from nobody else. Move-only; closes
// itself.
class ConnectedUdpSocket {
 public:
  // Looks the host up (which blocks) and connects. Failing, says why and what to do.
  [[nodiscard]] static base::Result<ConnectedUdpSocket, std::string> open(const UdpTarget& target);
  ConnectedUdpSocket(ConnectedUdpSocket&& other) noexcept;
  ConnectedUdpSocket& operator=(ConnectedUdpSocket&& other) = delete;
  ~ConnectedUdpSocket();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const base::Endpoint& peer() const { return peer_; }
  // The address of ours that the peer sees.
  [[nodiscard]] const base::Endpoint& local() const { return local_; }

 private:
  ConnectedUdpSocket(int descriptor, const base::Endpoint& peer, const base::Endpoint& local)
      : descriptor_(descriptor), peer_(peer), local_(local) {}

  int descriptor_;
  base::Endpoint peer_;
  base::Endpoint local_;
};

}  // namespace trapline::gateway
