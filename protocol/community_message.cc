// RFC 1157 §4, RFC 1901 §3.
//
//   Message ::= SEQUENCE { version INTEGER { version-1(0), version-2(1) }, community OCTET STRING,
//   data PDU }

#include "protocol/community_message.h"

#include "protocol/decode.h"

namespace trapline::protocol {
namespace {

bool read_version(BerReader& message, Version& out) {
  const std::byte* const first = message.position();
  std::int64_t number = 0;
  if (!message.read_integer(number)) return false;
  if (number == 0 || number == 1) {
    out = static_cast<Version>(number);
    return true;
  }
  return message.context().fail(
      number == 3 ? DecodeErrorKind::unsupported_version : DecodeErrorKind::unknown_version, first);
}

bool read_community(BerReader& message, base::Bytes& out) {
  const std::byte* const first = message.position();
  if (!message.read(tag::kOctetString, out)) return false;
  return out.size() <= kMaxCommunityBytes ||
         message.context().fail(DecodeErrorKind::community_size, first);
}

// The PDU from its tag to its end, whichever it is.
bool read_pdu_octets(BerReader& message, base::Bytes& out) {
  const std::byte* const first = message.position();
  Element element;
  if (!message.read_any(element)) return false;
  if ((element.tag & tag::kHighTagMark) == tag::kHighTagMark) {
    return message.context().fail(DecodeErrorKind::high_tag_number, first);
  }
  out = {first, message.position()};
  return true;
}

}  // namespace

bool read_community_message(base::Bytes datagram, BerContext& context, CommunityMessage& out) {
  BerReader outer(datagram, context, BerReader::Scope::whole_input);
  base::Bytes content;
  if (!outer.read(tag::kSequence, content)) return false;
  BerReader message(content, context);
  if (!read_version(message, out.version) || !read_community(message, out.community) ||
      !read_pdu_octets(message, out.pdu)) {
    return false;
  }
  out.whole = datagram.first(datagram.size() - outer.rest().size());
  if (!message.at_end() || !outer.at_end()) context.flags.add(Tolerance::trailing_bytes);
  return true;
}

std::size_t begin_community_message(Version version, base::Bytes community, BerWriter& writer) {
  const std::size_t message = writer.begin(tag::kSequence);
  writer.write_signed(tag::kInteger, static_cast<std::int64_t>(version));
  writer.write(tag::kOctetString, community);
  return message;
}

}  // namespace trapline::protocol
