// PDU (RFC 3416 §3): the shape that every PDU but the v1 Trap-PDU has, and the list of varbinds all
// share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "protocol/ber_reader.h"
#include "protocol/ber_writer.h"
#include "protocol/varbind.h"

namespace trapline::protocol {

// The fields in front of the varbinds. error-status and error-index (non-repeaters and
// max-repetitions of a GetBulk) view the message, so that a Response can overwrite them.
struct PduHeader {
  std::int32_t request_id = 0;
  base::Bytes error_status;
  base::Bytes error_index;
};

// Reads the three fields from a PDU's content. Fails as BerReader does; any error-status is
// accepted.
[[nodiscard]] bool read_pdu_header(BerReader& content, PduHeader& out);

// Reads a VarBindList to its end into `out`, which is cleared first. Trailing octets behind a value
// are flagged. Fails with too_many_varbinds at the first one over `max_varbinds`.
[[nodiscard]] bool read_varbinds(BerReader& content, std::uint16_t max_varbinds,
                                 std::vector<VarBind>& out);

// Appends one VarBind, and a VarBindList of some.
void write_varbind(const VarBind& varbind, BerWriter& writer);
void write_varbinds(std::span<const VarBind> varbinds, BerWriter& writer);

}  // namespace trapline::protocol
