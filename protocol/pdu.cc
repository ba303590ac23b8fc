// RFC 3416 §3.
//
//   PDU         ::= [n] IMPLICIT SEQUENCE { request-id INTEGER, error-status INTEGER, error-index INTEGER,
//                                           variable-bindings VarBindList }
//   VarBindList ::= SEQUENCE OF SEQUENCE { name OBJECT IDENTIFIER, value CHOICE { ... } }

#include "protocol/pdu.h"

#include "protocol/value_codec.h"

namespace trapline::protocol {
namespace {

// An INTEGER of which only the place matters.
bool read_integer_content(BerReader& reader, base::Bytes& out) {
  const BerReader before = reader;
  std::int64_t number = 0;
  if (!reader.read_integer(number)) return false;
  reader = before;
  return reader.read(tag::kInteger, out);
}

bool read_varbind(BerReader& list, VarBind& out) {
  BerReader varbind = list;
  if (!list.enter_sequence(varbind)) return false;
  if (!varbind.read_oid(out.name) || !read_value(varbind, out.value)) return false;
  if (!varbind.at_end()) list.context().flags.add(Tolerance::trailing_bytes);
  return true;
}

}  // namespace

bool read_pdu_header(BerReader& content, PduHeader& out) {
  return content.read_int32(out.request_id) && read_integer_content(content, out.error_status) &&
         read_integer_content(content, out.error_index);
}

bool read_varbinds(BerReader& content, std::uint16_t max_varbinds, std::vector<VarBind>& out) {
  out.clear();
  BerReader list = content;
  if (!content.enter_sequence(list)) return false;
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
