// Requests of a manager and the Responses to them (RFC 1157 §4.1, RFC 3416 §4.2.1–4.2.4).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "protocol/ber_reader.h"
#include "protocol/oid.h"
#include "protocol/trap_message.h"
#include "protocol/varbind.h"

namespace trapline::protocol {

namespace tag {
inline constexpr std::uint8_t kGetNextRequest = 0xa1;
inline constexpr std::uint8_t kGetBulkRequest = 0xa5;
}  // namespace tag

enum class RequestKind : std::uint8_t {
  get = tag::kGetRequest,
  get_next = tag::kGetNextRequest,
  get_bulk = tag::kGetBulkRequest,  // SNMPv1 has none
};

// Of a PDU to be sent, what stands before its names. Plain value.
struct RequestHead {
  RequestKind kind = RequestKind::get;
  std::int32_t request_id = 0;
  std::int32_t non_repeaters = 0;    // of get_bulk
  std::int32_t max_repetitions = 0;  // of get_bulk
};

// Appends a PDU that asks for `names`.
void encode_request(const RequestHead& head, std::span<const Oid> names,
                    std::vector<std::byte>& out);
// Appends the v1 or v2c message that carries `pdu`.
void encode_community_message(Version version, base::Bytes community, base::Bytes pdu,
                              std::vector<std::byte>& out);

// A Response. Plain value; views what it was read from, and the context's room.
struct ResponsePdu {
  std::int32_t request_id = 0;
  std::int32_t error_status = 0;
  std::int32_t error_index = 0;  // as received: it may point nowhere
  std::vector<VarBind> varbinds;
};

// Reads a Response from its tag on, into `out`, whose vector is reused. Fails as BerReader does, on
// any other PDU, on a status or index over 32 bits, and over `max_varbinds`. Then `request_id` is
// what was read of it, or 0.
[[nodiscard]] bool read_response(base::Bytes pdu, std::uint16_t max_varbinds, BerContext& context,
                                 ResponsePdu& out);

}  // namespace trapline::protocol
