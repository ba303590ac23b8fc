// From values to a UDP payload: Responses to informs, and notifications of our own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "protocol/oid.h"
#include "protocol/trap_message.h"

namespace trapline::protocol {

// The Response to a v2c InformRequest (RFC 3416 §4.2.7): the same message with the PDU's tag 0xA2,
// error-status and error-index 0, the same variable bindings. `datagram` must have been accepted by
// `decode` as an inform. Writes at most datagram.size() + 16 octets into `out`; returns how many,
// or 0 when `out` is too small. No allocation.
[[nodiscard]] std::size_t encode_response(base::Bytes datagram, base::MutableBytes out);

// The same of the PDU alone: `pdu` must have been accepted as an inform. Writes pdu.size() octets
// into `out`; returns how many, or 0 when `out` is too small.
[[nodiscard]] std::size_t encode_response_pdu(base::Bytes pdu, base::MutableBytes out);

// A v2c (or v1-framed) notification to be sent.
struct Notification {
  PduKind pdu = PduKind::trap;
  std::int32_t request_id = 0;
  std::uint32_t uptime = 0;
  OidView trap_oid;
  std::span<const VarBind> varbinds;  // without the two standard ones
};

// A v1 Trap-PDU to be sent (RFC 1157 §4.1.6).
struct NotificationV1 {
  OidView enterprise;
  base::IpAddress agent_addr;  // IPv4
  std::int32_t generic = 6;
  std::int32_t specific = 0;
  std::uint32_t uptime = 0;
  std::span<const VarBind> varbinds;
};

// Appends the PDU alone (RFC 3416 §3), as a v3 message carries it.
void encode_pdu(const Notification& notification, std::vector<std::byte>& out);
// Appends a whole v2c message (RFC 1901 §3) to `out`.
void encode_v2c(const Notification& notification, base::Bytes community,
                std::vector<std::byte>& out);
// Appends a whole v1 message (RFC 1157 §4) to `out`.
void encode_v1(const NotificationV1& notification, base::Bytes community,
               std::vector<std::byte>& out);

}  // namespace trapline::protocol
