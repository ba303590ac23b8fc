// The real DatagramLink: one UDP socket per address family, connected, and the name service.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "sinks/datagram_link.h"

namespace trapline::sinks {

// A link to `host` (a name or an address) and `port`. Opens nothing yet. Being connected, its
// socket takes datagrams from that address and port only, and is told when nobody listens there.
[[nodiscard]] std::unique_ptr<DatagramLink> make_udp_link(const std::string& host,
                                                          std::uint16_t port,
                                                          const base::Clock& clock);

}  // namespace trapline::sinks
