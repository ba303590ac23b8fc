// Message (RFC 1157 §4, RFC 1901 §3): what surrounds the PDU in SNMPv1 and SNMPv2c.
#pragma once

#include "base/bytes.h"
#include "protocol/ber_reader.h"
#include "protocol/ber_writer.h"
#include "protocol/trap_message.h"

namespace trapline::protocol {

// The parts of a message. Plain value; views the datagram.
struct CommunityMessage {
  Version version = Version::v2c;
  base::Bytes community;
  base::Bytes pdu;    // tag and length included; not looked into
  base::Bytes whole;  // from the outer tag to the outer end, without trailing octets
};

// Takes a datagram apart. Octets behind the message, or behind the PDU within it, are flagged.
// Fails with unknown_version, unsupported_version (v3), community_size, high_tag_number, or as
// BerReader does.
[[nodiscard]] bool read_community_message(base::Bytes datagram, BerContext& context,
                                          CommunityMessage& out);

// Opens a message up to where its PDU goes; hand the result to BerWriter::end behind the PDU.
[[nodiscard]] std::size_t begin_community_message(Version version, base::Bytes community,
                                                  BerWriter& writer);

}  // namespace trapline::protocol
