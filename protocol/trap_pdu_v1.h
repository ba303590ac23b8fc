// Trap-PDU (RFC 1157 §4.1.6): the notification of SNMPv1, which has a shape of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocol/ber_reader.h"
#include "protocol/oid.h"

namespace trapline::protocol {

// The fields in front of the varbinds. Plain value; views what was read.
struct TrapPduV1 {
  OidView enterprise;
  std::optional<std::array<std::uint8_t, 4>> agent_addr;  // nothing when not of four octets
  std::int32_t generic = 0;
  std::int32_t specific = 0;
  std::uint32_t time_stamp = 0;  // hundredths of a second
};

// Reads the fields from a Trap-PDU's content. An agent-addr not of four octets is flagged as a raw
// value; what generic-trap and specific-trap say is not judged here. Fails as BerReader does.
[[nodiscard]] bool read_trap_pdu_v1(BerReader& content, TrapPduV1& out);

}  // namespace trapline::protocol
