// RFC 3412 §6.
//
//   SNMPv3Message ::= SEQUENCE { msgVersion INTEGER (3), msgGlobalData HeaderData,
//                                msgSecurityParameters OCTET STRING, msgData ScopedPduData }
//   HeaderData    ::= SEQUENCE { msgID, msgMaxSize INTEGER, msgFlags OCTET STRING (SIZE(1)),
//                                msgSecurityModel INTEGER }
//   ScopedPduData ::= CHOICE { plaintext ScopedPDU, encryptedPDU OCTET STRING }
//   ScopedPDU     ::= SEQUENCE { contextEngineID, contextName OCTET STRING, data ANY }

#include "protocol/v3_message.h"

namespace trapline::protocol {
namespace {

constexpr std::int64_t kVersion3 = 3;

bool read_version(BerReader& message) {
  const std::byte* const first = message.position();
  std::int64_t number = 0;
  if (!message.read_integer(number)) return false;
  if (number == kVersion3) return true;
  const bool other = number == 0 || number == 1;
  return message.context().fail(
      other ? DecodeErrorKind::unsupported_version : DecodeErrorKind::unknown_version, first);
}

// A number of HeaderData, none of which may be below `least`.
bool read_number(BerReader& fields, std::int32_t least, std::int32_t& out) {
  const std::byte* const first = fields.position();
  if (!fields.read_int32(out)) return false;
  return out >= least || fields.context().fail(DecodeErrorKind::header_data, first);
}

bool read_flags(BerReader& fields, std::uint8_t& out) {
  const std::byte* const first = fields.position();
  base::Bytes octets;
  if (!fields.read(tag::kOctetString, octets)) return false;
  if (octets.size() != 1) return fields.context().fail(DecodeErrorKind::header_data, first);
  out = std::to_integer<std::uint8_t>(octets[0]);
  // Privacy without authentication there is not (RFC 3412 §6.4).
  const bool level_exists = (out & msg_flag::kAuth) != 0 || (out & msg_flag::kPriv) == 0;
  return level_exists || fields.context().fail(DecodeErrorKind::header_data, first);
}

bool read_header(BerReader& message, V3Header& out) {
  base::Bytes octets;
  if (!message.read(tag::kSequence, octets)) return false;
  BerReader fields(octets, message.context());
  if (!read_number(fields, 0, out.msg_id) ||
      !read_number(fields, kLeastMaxSizeBytes, out.max_size) || !read_flags(fields, out.flags) ||
      !read_number(fields, 0, out.security_model)) {
    return false;
  }
  if (!fields.at_end()) message.context().flags.add(Tolerance::trailing_bytes);
  return true;
}

// msgData from its tag to its end: an OCTET STRING when encrypted, else a SEQUENCE.
bool read_data(BerReader& message, bool encrypted, base::Bytes& out) {
  const std::byte* const first = message.position();
  base::Bytes content;
  if (!message.read(encrypted ? tag::kOctetString : tag::kSequence, content)) return false;
  out = {first, message.position()};
  return true;
}

}  // namespace

bool read_v3_message(base::Bytes datagram, BerContext& context, V3Message& out, bool& has_header) {
  has_header = false;
  BerReader outer(datagram, context, BerReader::Scope::whole_input);
  base::Bytes content;
  if (!outer.read(tag::kSequence, content)) return false;
  BerReader message(content, context);
  if (!read_version(message) || !read_header(message, out.header)) return false;
  has_header = true;
  if (!message.read(tag::kOctetString, out.security_parameters) ||
      !read_data(message, (out.header.flags & msg_flag::kPriv) != 0, out.data)) {
    return false;
  }
  out.whole = datagram.first(datagram.size() - outer.rest().size());
  if (!message.at_end() || !outer.at_end()) context.flags.add(Tolerance::trailing_bytes);
  return true;
}

bool read_scoped_pdu(BerReader& reader, ScopedPduFields& out) {
  base::Bytes octets;
  if (!reader.read(tag::kSequence, octets)) return false;
  BerReader fields(octets, reader.context());
  base::Bytes context_name;
  if (!fields.read(tag::kOctetString, out.context_engine_id) ||
      !fields.read(tag::kOctetString, context_name)) {
    return false;
  }
  out.context_name = base::as_text(context_name);
  const std::byte* const first = fields.position();
  Element pdu;
  if (!fields.read_any(pdu)) return false;
  if ((pdu.tag & tag::kHighTagMark) == tag::kHighTagMark) {
    return reader.context().fail(DecodeErrorKind::high_tag_number, first);
  }
  out.pdu = {first, fields.position()};
  if (!fields.at_end()) reader.context().flags.add(Tolerance::trailing_bytes);
  return true;
}

void put_scoped_pdu(const ScopedPduFields& fields, BerBackWriter& writer) {
  const std::size_t before = writer.size();
  writer.put(fields.pdu);
  writer.put(tag::kOctetString, base::as_bytes(fields.context_name));
  writer.put(tag::kOctetString, fields.context_engine_id);
  writer.close(tag::kSequence, before);
}

void put_v3_header(const V3Header& header, BerBackWriter& writer) {
  const std::size_t before = writer.size();
  const std::byte flags{header.flags};
  writer.put_signed(tag::kInteger, header.security_model);
  writer.put(tag::kOctetString, {&flags, 1});
  writer.put_signed(tag::kInteger, header.max_size);
  writer.put_signed(tag::kInteger, header.msg_id);
  writer.close(tag::kSequence, before);
  writer.put_signed(tag::kInteger, kVersion3);
  writer.close(tag::kSequence, 0);
}

}  // namespace trapline::protocol
