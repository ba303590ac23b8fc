// SNMPv3Message and ScopedPDU (RFC 3412 §6): what surrounds the PDU in SNMPv3, but for the security
// parameters, which belong to the security model.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "protocol/ber_back_writer.h"
#include "protocol/ber_reader.h"

namespace trapline::protocol {

// msgFlags (RFC 3412 §6.4).
namespace msg_flag {
inline constexpr std::uint8_t kAuth = 1;
inline constexpr std::uint8_t kPriv = 2;
inline constexpr std::uint8_t kReportable = 4;
}  // namespace msg_flag

inline constexpr std::int32_t kUsmSecurityModel = 3;
// The least msgMaxSize (RFC 3412 §6), and what we say of ourselves: what IPv4 can carry.
inline constexpr std::int32_t kLeastMaxSizeBytes = 484;
inline constexpr std::int32_t kOwnMaxSizeBytes = 65'507;

// HeaderData (RFC 3412 §6.2–6.5). Plain value.
struct V3Header {
  std::int32_t msg_id = 0;
  std::int32_t max_size = kOwnMaxSizeBytes;
  std::uint8_t flags = 0;
  std::int32_t security_model = kUsmSecurityModel;
};

// The parts of a message. Plain value; views the datagram.
struct V3Message {
  V3Header header;
  base::Bytes security_parameters;  // what the OCTET STRING contains
  base::Bytes data;                 // msgData, tag and length included: not looked into
  base::Bytes whole;                // from the outer tag to the outer end
};

// Takes a datagram apart. Octets behind the message, or behind a field within it, are flagged.
// Fails with header_data, unsupported_version (v1 and v2c), unknown_version, or as BerReader does.
// `out.header` is read even when a later field fails; `has_header` tells.
[[nodiscard]] bool read_v3_message(base::Bytes datagram, BerContext& context, V3Message& out,
                                   bool& has_header);

// The parts of a scopedPDU. Plain value; views what it was read from.
struct ScopedPduFields {
  base::Bytes context_engine_id;
  std::string_view context_name;
  base::Bytes pdu;  // tag and length included; not looked into
};

// Reads a scopedPDU; what stands behind it stays unread, padding or not.
[[nodiscard]] bool read_scoped_pdu(BerReader& reader, ScopedPduFields& out);

// Puts a scopedPDU in front of what `writer` has.
void put_scoped_pdu(const ScopedPduFields& fields, BerBackWriter& writer);
// Puts version and HeaderData in front of security parameters and msgData, which were all that
// `writer` had, and closes the message.
void put_v3_header(const V3Header& header, BerBackWriter& writer);

}  // namespace trapline::protocol
