#include "protocol/encode.h"

#include <algorithm>
#include <array>

#include "protocol/ber_reader.h"
#include "protocol/ber_writer.h"
#include "protocol/community_message.h"
#include "protocol/pdu.h"
#include "protocol/value_codec.h"
#include "protocol/well_known.h"

namespace trapline::protocol {
namespace {

// Overwrites in `out`, a copy of `whole`, the octets that `part` views in `whole`.
void zero_part(base::MutableBytes out, base::Bytes whole, base::Bytes part) {
  const auto from = static_cast<std::size_t>(part.data() - whole.data());
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(from), part.size(), std::byte{0});
}

void write_standard_varbinds(const Notification& notification, BerWriter& writer) {
  const Value uptime{.type = ValueType::time_ticks,
                     .tag = tag::kTimeTicks,
                     .number = notification.uptime,
                     .content = {}};
  write_varbind({well_known::sys_up_time_0(), uptime}, writer);
  const Value trap_oid{.type = ValueType::object_identifier,
                       .tag = tag::kObjectIdentifier,
                       .number = 0,
                       .content = notification.trap_oid.content()};
  write_varbind({well_known::snmp_trap_oid_0(), trap_oid}, writer);
}

void write_pdu(const Notification& notification, BerWriter& writer) {
  const bool inform = notification.pdu == PduKind::inform;
  const std::size_t pdu = writer.begin(inform ? tag::kInformRequest : tag::kTrapV2);
  writer.write_signed(tag::kInteger, notification.request_id);
  writer.write_signed(tag::kInteger, 0);
  writer.write_signed(tag::kInteger, 0);
  const std::size_t list = writer.begin(tag::kSequence);
  write_standard_varbinds(notification, writer);
  for (const VarBind& varbind : notification.varbinds) write_varbind(varbind, writer);
  writer.end(list);
  writer.end(pdu);
}

}  // namespace

// The octets are kept as they came, whatever tolerances they needed: only the tag and the two error
// fields change, each within its own width, so no length changes.
std::size_t encode_response_pdu(base::Bytes pdu, base::MutableBytes out) {
  std::vector<std::byte> no_room;  // no OID is read here
  BerContext context(pdu, no_room);
  BerReader reader(pdu, context);
  base::Bytes content;
  if (!reader.read(tag::kInformRequest, content)) return 0;
  BerReader fields(content, context);
  PduHeader header;
  if (!read_pdu_header(fields, header) || out.size() < pdu.size()) return 0;
  std::copy(pdu.begin(), pdu.end(), out.begin());
  out[0] = std::byte{tag::kResponse};
  zero_part(out, pdu, header.error_status);
  zero_part(out, pdu, header.error_index);
  return pdu.size();
}

std::size_t encode_response(base::Bytes datagram, base::MutableBytes out) {
  std::vector<std::byte> no_room;
  BerContext context(datagram, no_room);
  CommunityMessage message;
  if (!read_community_message(datagram, context, message)) return 0;
  const base::Bytes whole = message.whole;
  if (out.size() < whole.size()) return 0;
  const auto at = static_cast<std::size_t>(message.pdu.data() - whole.data());
  if (encode_response_pdu(message.pdu, out.subspan(at)) == 0) return 0;
  std::copy_n(whole.begin(), at, out.begin());
  const auto behind = static_cast<std::ptrdiff_t>(at + message.pdu.size());
  std::copy(whole.begin() + behind, whole.end(), out.begin() + behind);
  return whole.size();
}

void encode_pdu(const Notification& notification, std::vector<std::byte>& out) {
  BerWriter writer(out);
  write_pdu(notification, writer);
}

void encode_v2c(const Notification& notification, base::Bytes community,
                std::vector<std::byte>& out) {
  BerWriter writer(out);
  const std::size_t message = begin_community_message(Version::v2c, community, writer);
  write_pdu(notification, writer);
  writer.end(message);
}

void encode_v1(const NotificationV1& notification, base::Bytes community,
               std::vector<std::byte>& out) {
  BerWriter writer(out);
  const std::size_t message = begin_community_message(Version::v1, community, writer);
  const std::size_t pdu = writer.begin(tag::kTrapV1);
  writer.write_oid(notification.enterprise);
  const std::array<std::uint8_t, 4> agent_addr = notification.agent_addr.v4_octets();
  writer.write(tag::kIpAddress, std::as_bytes(std::span(agent_addr)));
  writer.write_signed(tag::kInteger, notification.generic);
  writer.write_signed(tag::kInteger, notification.specific);
  writer.write_unsigned(tag::kTimeTicks, notification.uptime);
  write_varbinds(notification.varbinds, writer);
  writer.end(pdu);
  writer.end(message);
}

}  // namespace trapline::protocol
