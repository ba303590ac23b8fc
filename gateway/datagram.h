// A UDP datagram as it was read, and one to be sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace trapline::gateway {

// Plain value; `payload` views the receive buffer and is valid until the next receive.
struct Datagram {
  base::Bytes payload;
  base::Endpoint peer;
  base::Endpoint local;         // the address it was sent to, and the port of the socket
  std::uint32_t interface = 0;  // it came in on; 0 when not known. Link-local answers need it
  bool truncated = false;       // longer than the receive buffer: its rest is gone
};

// An answer, to `peer`, from the address the question was sent to. `payload` must live until it is
// sent.
struct Reply {
  base::Bytes payload;
  base::Endpoint peer;
  base::IpAddress from;
  std::uint32_t interface = 0;
};

// A UDP socket as reception sees it; the simulation has one without a network.
class DatagramPort {
 public:
  virtual ~DatagramPort() = default;
  // What has arrived, waiting up to `wait` for the first one; empty when nothing came or `wake` was
  // called. Views are valid until the next call. The listener's thread.
  [[nodiscard]] virtual std::span<const Datagram> receive(std::chrono::milliseconds wait) = 0;
  // Sends what the socket takes without waiting; returns how many. Any thread.
  virtual std::size_t send(std::span<const Reply> replies) = 0;
};

}  // namespace trapline::gateway
