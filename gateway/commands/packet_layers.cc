// Link types as registered (LINKTYPE_...), EtherTypes, IPv4 (RFC 791), IPv6 (RFC 8200), UDP
// (RFC 768).
#include "gateway/commands/packet_layers.h"

#include <algorithm>
#include <array>

namespace trapline::gateway {
namespace {

constexpr std::uint32_t kEtherIpv4 = 0x0800;
constexpr std::uint32_t kEtherIpv6 = 0x86dd;
constexpr std::uint32_t kEtherVlan = 0x8100;
constexpr std::uint32_t kEtherServiceVlan = 0x88a8;
constexpr int kMostVlanTags = 4;
constexpr unsigned kProtocolUdp = 17;
constexpr std::size_t kIpv6HeaderBytes = 40;
constexpr std::size_t kUdpHeaderBytes = 8;
constexpr int kMostExtensionHeaders = 8;

unsigned u8(base::Bytes octets, std::size_t at) { return std::to_integer<unsigned>(octets[at]); }
unsigned u16(base::Bytes octets, std::size_t at) {
  return u8(octets, at) << 8 | u8(octets, at + 1);
}

template <std::size_t N>
std::array<std::uint8_t, N> octets_at(base::Bytes octets, std::size_t at) {
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint8_t>(octets[at + i]);
  return out;
}

using Found = std::optional<CapturedDatagram>;

Found read_udp(base::Bytes octets, const base::IpAddress& source, const base::IpAddress& target) {
  if (octets.size() < kUdpHeaderBytes) return std::nullopt;
  const std::size_t length = u16(octets, 4);
  if (length < kUdpHeaderBytes || length > octets.size()) return std::nullopt;
  CapturedDatagram datagram;
  datagram.source = {source, static_cast<std::uint16_t>(u16(octets, 0))};
  datagram.destination = {target, static_cast<std::uint16_t>(u16(octets, 2))};
  datagram.payload = octets.subspan(kUdpHeaderBytes, length - kUdpHeaderBytes);
  return datagram;
}

Found read_ipv4(base::Bytes octets) {
  if (octets.size() < 20) return std::nullopt;
  const std::size_t header = (u8(octets, 0) & 0x0fU) * 4U;
  const std::size_t total = u16(octets, 2);
  const bool fragment = (u16(octets, 6) & 0x3fffU) != 0;  // more fragments, or an offset
  if (u8(octets, 0) >> 4 != 4 || header < 20 || total < header || total > octets.size() ||
      fragment || u8(octets, 9) != kProtocolUdp) {
    return std::nullopt;
  }
  return read_udp(octets.subspan(header, total - header),
                  base::IpAddress::v4(octets_at<4>(octets, 12)),
                  base::IpAddress::v4(octets_at<4>(octets, 16)));
}

// Headers that stand between IPv6 and UDP and say where the next one begins; a fragment's does not.
bool is_extension(unsigned next_header) {
  return next_header == 0 || next_header == 43 || next_header == 60;
}

Found read_ipv6(base::Bytes octets) {
  if (octets.size() < kIpv6HeaderBytes || u8(octets, 0) >> 4 != 6) return std::nullopt;
  const std::size_t length = u16(octets, 4);
  if (length > octets.size() - kIpv6HeaderBytes) return std::nullopt;
  base::Bytes rest = octets.subspan(kIpv6HeaderBytes, length);
  unsigned next_header = u8(octets, 6);
  for (int i = 0; i < kMostExtensionHeaders && is_extension(next_header); ++i) {
    if (rest.size() < 8) return std::nullopt;
    const std::size_t size = (u8(rest, 1) + 1U) * 8U;
    if (size > rest.size()) return std::nullopt;
    next_header = u8(rest, 0);
    rest = rest.subspan(size);
  }
  if (next_header != kProtocolUdp) return std::nullopt;
  return read_udp(rest, base::IpAddress::v6(octets_at<16>(octets, 8)),
                  base::IpAddress::v6(octets_at<16>(octets, 24)));
}

Found read_ip(base::Bytes octets) {
  if (octets.empty()) return std::nullopt;
  return u8(octets, 0) >> 4 == 6 ? read_ipv6(octets) : read_ipv4(octets);
}

// `octets` begin behind the link's header; `type` is what it said lies there.
Found read_by_ether_type(base::Bytes octets, std::uint32_t type) {
  for (int i = 0; i < kMostVlanTags && (type == kEtherVlan || type == kEtherServiceVlan); ++i) {
    if (octets.size() < 4) return std::nullopt;
    type = u16(octets, 2);
    octets = octets.subspan(4);
  }
  return type == kEtherIpv4 || type == kEtherIpv6 ? read_ip(octets) : std::nullopt;
}

// A link header of `header` octets with an EtherType at `type_at`.
Found read_typed_link(base::Bytes packet, std::size_t header, std::size_t type_at) {
  if (packet.size() < header) return std::nullopt;
  return read_by_ether_type(packet.subspan(header), u16(packet, type_at));
}

}  // namespace

std::optional<CapturedDatagram> find_udp(base::Bytes packet, std::uint32_t link_type) {
  switch (link_type) {
    case 1: return read_typed_link(packet, 14, 12);    // Ethernet
    case 113: return read_typed_link(packet, 16, 14);  // Linux cooked
    case 276: return read_typed_link(packet, 20, 0);   // Linux cooked v2
    case 0:                                            // BSD loopback, in the host's order
    case 108:                                          // OpenBSD loopback
      return packet.size() < 4 ? std::nullopt : read_ip(packet.subspan(4));
    case 12:   // raw IP, by its DLT number
    case 14:   // the same, on OpenBSD
    case 101:  // raw IP
    case 228:  // raw IPv4
    case 229:  // raw IPv6
      return read_ip(packet);
    default: return std::nullopt;
  }
}

}  // namespace trapline::gateway
