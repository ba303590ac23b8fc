// What an upstream SNMP manager says to an inform of ours (RFC 3416 §4.2.7).
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "protocol/trap_message.h"

namespace trapline::sinks {

// The part of a Response that matters. Plain value.
struct SnmpResponse {
  std::int32_t request_id = 0;
  std::int32_t error_status = 0;
};

// Reads a Response PDU, tag and length included. Nothing when it is anything else. Pure.
[[nodiscard]] std::optional<SnmpResponse> read_response_pdu(base::Bytes pdu);
// The same of a whole v2c message of this community.
[[nodiscard]] std::optional<SnmpResponse> read_response_v2c(base::Bytes datagram,
                                                            base::Bytes community);

// What an error-status means for the inform it answers.
enum class InformFate : std::uint8_t {
  delivered,
  again,              // the upstream's trouble of the moment
  refused,            // the upstream will never take this one
  destination_fails,  // it takes none of ours
};
[[nodiscard]] InformFate fate_of(std::int32_t error_status);

}  // namespace trapline::sinks
