// RFC 1157 §4.1.6.
//
//   Trap-PDU ::= [4] IMPLICIT SEQUENCE { enterprise OBJECT IDENTIFIER, agent-addr NetworkAddress
//   (40),
//                                        generic-trap INTEGER, specific-trap INTEGER,
//                                        time-stamp TimeTicks (43), variable-bindings VarBindList }

#include "protocol/trap_pdu_v1.h"

#include "protocol/value_codec.h"

namespace trapline::protocol {
namespace {

bool read_agent_addr(BerReader& reader, std::optional<std::array<std::uint8_t, 4>>& out) {
  base::Bytes content;
  if (!reader.read(tag::kIpAddress, content)) return false;
  if (content.size() != 4) {
    reader.context().flags.add(Tolerance::raw_value);
    out.reset();
    return true;
  }
  std::memcpy(out.emplace().data(), content.data(), content.size());
  return true;
}

bool read_time_stamp(BerReader& reader, std::uint32_t& out) {
  base::Bytes content;
  if (!reader.read(tag::kTimeTicks, content)) return false;
  const std::optional<std::uint64_t> number = accept_unsigned(content, reader.context());
  if (!number) return false;
  out = static_cast<std::uint32_t>(*number);
  return true;
}

}  // namespace

bool read_trap_pdu_v1(BerReader& content, TrapPduV1& out) {
  return content.read_oid(out.enterprise) && read_agent_addr(content, out.agent_addr) &&
         content.read_int32(out.generic) && content.read_int32(out.specific) &&
         read_time_stamp(content, out.time_stamp);
}

}  // namespace trapline::protocol
