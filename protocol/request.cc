// RFC 3416 §3.
//
//   BulkPDU ::= SEQUENCE { request-id INTEGER, non-repeaters INTEGER, max-repetitions INTEGER,
//                          variable-bindings VarBindList }
//
// The same shape as PDU, which has error-status and error-index there.

#include "protocol/request.h"

#include "protocol/ber_writer.h"
#include "protocol/community_message.h"
#include "protocol/pdu.h"

namespace trapline::protocol {
namespace {

bool to_int32(base::Bytes octets, BerContext& context, std::int32_t& out) {
  const std::int64_t wide = signed_number(octets);
  out = static_cast<std::int32_t>(wide);
  return wide == out || context.fail(DecodeErrorKind::integer_size, octets.data());
}

}  // namespace

void encode_request(const RequestHead& head, std::span<const Oid> names,
                    std::vector<std::byte>& out) {
  BerWriter writer(out);
  const std::size_t pdu = writer.begin(static_cast<std::uint8_t>(head.kind));
  writer.write_signed(tag::kInteger, head.request_id);
  writer.write_signed(tag::kInteger, head.non_repeaters);
  writer.write_signed(tag::kInteger, head.max_repetitions);
  const std::size_t list = writer.begin(tag::kSequence);
  for (const Oid& name : names) {
    const std::size_t varbind = writer.begin(tag::kSequence);
    writer.write_oid(name);
    writer.write(tag::kNull, {});
    writer.end(varbind);
  }
  writer.end(list);
  writer.end(pdu);
}

void encode_community_message(Version version, base::Bytes community, base::Bytes pdu,
                              std::vector<std::byte>& out) {
  BerWriter writer(out);
  const std::size_t message = begin_community_message(version, community, writer);
  writer.append(pdu);
  writer.end(message);
}

bool read_response(base::Bytes pdu, std::uint16_t max_varbinds, BerContext& context,
                   ResponsePdu& out) {
  out.request_id = 0;
  out.varbinds.clear();
  base::Bytes octets;
  if (!BerReader(pdu, context).read(tag::kResponse, octets)) return false;
  BerReader content(octets, context);
  PduHeader header;
  const bool has_header = read_pdu_header(content, header);
  out.request_id = header.request_id;
  return has_header && to_int32(header.error_status, context, out.error_status) &&
         to_int32(header.error_index, context, out.error_index) &&
         read_varbinds(content, max_varbinds, out.varbinds);
}

}  // namespace trapline::protocol
