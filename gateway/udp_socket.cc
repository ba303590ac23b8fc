#include "gateway/udp_socket.h"

#include <linux/filter.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

namespace trapline::gateway {
namespace {

bool enable(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

}  // namespace

socklen_t to_sockaddr(const base::Endpoint& endpoint, sockaddr_storage& out) {
  out = {};
  if (endpoint.ip.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    const auto octets = endpoint.ip.v4_octets();
    std::memcpy(&v4.sin_addr, octets.data(), octets.size());
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.ip.octets().data(), endpoint.ip.octets().size());
  return sizeof v6;
}

base::Endpoint from_sockaddr(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return {base::IpAddress::v4(octets), ntohs(v4.sin_port)};
  }
  if (address.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return {base::IpAddress::v6(octets), ntohs(v6.sin6_port)};
}

bool is_link_local(const base::IpAddress& address) {
  return address.octets()[0] == 0xfe && (address.octets()[1] & 0xc0) == 0x80;
}

void set_scope(sockaddr_storage& address, std::uint32_t interface) {
  reinterpret_cast<sockaddr_in6&>(address).sin6_scope_id = interface;
}

int new_udp_socket(const base::Endpoint& endpoint) {
  const bool is_v4 = endpoint.ip.is_v4();
  const int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && !is_v4) enable(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  return fd;
}

std::uint64_t set_receive_buffer(int fd, std::uint64_t wanted_bytes) {
  // The kernel doubles what it is given, in an int.
  const int wanted = static_cast<int>(std::min<std::uint64_t>(wanted_bytes, INT_MAX / 2));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
  int granted = 0;
  socklen_t size = sizeof granted;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &size);
  return static_cast<std::uint64_t>(granted) / 2;
}

bool ask_for_packet_info(int fd, bool is_v4) {
  const bool asked =
      is_v4 ? enable(fd, IPPROTO_IP, IP_PKTINFO) : enable(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  return asked && enable(fd, SOL_SOCKET, SO_RXQ_OVFL);
}

bool steer_by_source(int fd, bool is_v4, unsigned shards) {
  // The address as one word (for IPv6 the low half, folded), multiplied so that its last octet
  // counts, then its high bits modulo the number of sockets.
  constexpr auto kNet = static_cast<std::uint32_t>(SKF_NET_OFF);
  const std::uint32_t low_word = is_v4 ? 12 : 20;
  const std::uint32_t high_word = is_v4 ? 12 : 16;
  std::array<sock_filter, 9> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNet + high_word),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, is_v4 ? 0U : 31U),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNet + low_word),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1U),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, shards),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) == 0;
}

void refuse_everything(int fd) {
  sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog filter{1, &nothing};
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

std::uint32_t socket_drops(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

}  // namespace trapline::gateway
