// The socket calls behind UdpListener: addresses, options, receive buffer, steering of shards.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "base/ip_address.h"

namespace trapline::gateway {

// An endpoint as the kernel wants it. The length is that of the family in use.
socklen_t to_sockaddr(const base::Endpoint& endpoint, sockaddr_storage& out);
// And back. Families other than IPv4 and IPv6 give the unspecified endpoint.
[[nodiscard]] base::Endpoint from_sockaddr(const sockaddr_storage& address);

// True for fe80::/10, which means nothing without an interface.
[[nodiscard]] bool is_link_local(const base::IpAddress& address);
// Says on which interface an IPv6 address is meant.
void set_scope(sockaddr_storage& address, std::uint32_t interface);

// A non-blocking UDP socket of the endpoint's family, IPv6 only where it is IPv6. -1 and errno on
// failure.
[[nodiscard]] int new_udp_socket(const base::Endpoint& endpoint);
// Asks for a receive buffer and returns the octets of payload granted.
std::uint64_t set_receive_buffer(int fd, std::uint64_t wanted_bytes);
// Asks the kernel to say which local address a datagram was sent to, and how many it dropped so
// far.
[[nodiscard]] bool ask_for_packet_info(int fd, bool is_v4);
// Steers datagrams to the `shards` sockets of a SO_REUSEPORT group by source address. Once per
// group.
[[nodiscard]] bool steer_by_source(int fd, bool is_v4, unsigned shards);
// Lets nothing more into the socket's queue; what is refused counts as dropped.
void refuse_everything(int fd);
// The kernel's counter of datagrams dropped on this socket (SO_MEMINFO); 0 when it will not say.
[[nodiscard]] std::uint32_t socket_drops(int fd);

}  // namespace trapline::gateway
