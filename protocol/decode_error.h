// Why a datagram is not a notification, and at which byte.
#pragma once

#include <cstdint>
#include <string_view>

namespace trapline::protocol {

enum class DecodeErrorKind : std::uint8_t {
  truncated,             // ends before the element does
  indefinite_length,     // X.690 §8.1.3.6; SNMP forbids it (RFC 3417 §8)
  length_too_wide,       // more than four length octets
  length_beyond_parent,  // an element longer than what encloses it
  unexpected_tag,        // not the element the grammar wants here
  high_tag_number,       // PDU tag in multi-octet form
  integer_size,          // INTEGER empty or over 8 octets, request-id over 32 bits
  value_size,            // a value of a size its type cannot have
  sub_identifier,        // over 32 bits, unterminated
  oid_too_long,          // over 128 sub-identifiers
  too_many_varbinds,
  no_varbinds,          // a v2c or v3 notification without any
  community_size,       // over 255 octets
  unknown_version,      // not 0, 1 or 3
  unsupported_version,  // 3, while no v3 user is configured
  not_a_notification,   // a well-formed Get, Set, Response or Report
  header_data,          // v3: a field of HeaderData beyond its range, priv without auth
  security_model,       // v3: not USM
  security_parameters,  // v3: a field of UsmSecurityParameters beyond its range
  usm_refused,          // v3: USM turned it away; usm::V3Trace::refusal says why
};
inline constexpr int kDecodeErrorKindCount = 20;

// Plain value. `offset` counts from the datagram's first byte to the first one not acceptable.
struct DecodeError {
  DecodeErrorKind kind;
  std::uint32_t offset;
};

// The name counters and logs show, e.g. "length_beyond_parent".
[[nodiscard]] std::string_view name_of(DecodeErrorKind kind);

}  // namespace trapline::protocol
