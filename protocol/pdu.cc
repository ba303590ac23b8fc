// RFC 3416 §3.
//
//   PDU         ::= [n] IMPLICIT SEQUENCE { request-id INTEGER, error-status INTEGER, error-index
//   INTEGER,
//                                           variable-bindings VarBindList }
//   VarBindList ::= SEQUENCE OF SEQUENCE { name OBJECT IDENTIFIER, value CHOICE { ... } }

#include "protocol/pdu.h"

#include "protocol/value_codec.h"

namespace trapline::protocol {
namespace {

bool read_varbind(BerReader& list, VarBind& out) {
  base::Bytes octets;
  if (!list.read(tag::kSequence, octets)) return false;
  BerContext& context = list.context();
  BerReader varbind(octets, context);
  OidView name;
  Element value;
  if (!varbind.read_oid(name) || !varbind.read_any(value)) return false;
  out.name = name;
  if (!varbind.at_end()) context.flags.add(Tolerance::trailing_bytes);
  return accept_value(value.tag, value.content, context, out.value);
}

}  // namespace

bool read_pdu_header(BerReader& content, PduHeader& out) {
  return content.read_int32(out.request_id) && content.read_integer_content(out.error_status) &&
         content.read_integer_content(out.error_index);
}

bool read_varbinds(BerReader& content, std::uint16_t max_varbinds, std::vector<VarBind>& out) {
  out.clear();
  base::Bytes octets;
  if (!content.read(tag::kSequence, octets)) return false;
  BerReader list(octets, content.context());
  while (!list.at_end()) {
    if (out.size() == max_varbinds) return list.fail(DecodeErrorKind::too_many_varbinds);
    if (!read_varbind(list, out.emplace_back())) return false;
  }
  return true;
}

void write_varbind(const VarBind& varbind, BerWriter& writer) {
  const std::size_t sequence = writer.begin(tag::kSequence);
  writer.write_oid(varbind.name);
  write_value(varbind.value, writer);
  writer.end(sequence);
}

void write_varbinds(std::span<const VarBind> varbinds, BerWriter& writer) {
  const std::size_t list = writer.begin(tag::kSequence);
  for (const VarBind& varbind : varbinds) write_varbind(varbind, writer);
  writer.end(list);
}

}  // namespace trapline::protocol
