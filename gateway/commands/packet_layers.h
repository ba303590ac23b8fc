// What lies around a UDP payload in a captured packet.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ip_address.h"

namespace trapline::gateway {

// A UDP datagram in a packet. Views the packet.
struct CapturedDatagram {
  base::Endpoint source;
  base::Endpoint destination;
  base::Bytes payload;
};

// The UDP datagram in a packet of this link type (LINKTYPE_ numbers: loopback, Ethernet with VLAN
// tags, raw IP, Linux cooked v1 and v2), over IPv4 or IPv6. Nothing when there is none, when it is
// a fragment, or when it is cut. Pure.
[[nodiscard]] std::optional<CapturedDatagram> find_udp(base::Bytes packet, std::uint32_t link_type);

}  // namespace trapline::gateway
