#include "protocol/notification_content.h"

#include "protocol/ber_writer.h"
#include "protocol/pdu.h"
#include "protocol/translation.h"
#include "protocol/value_codec.h"
#include "protocol/well_known.h"

namespace trapline::protocol {
namespace {

bool is_added_on_the_way(OidView name) {
  return name == well_known::snmp_trap_address_0() || name == well_known::snmp_trap_community_0() ||
         name == well_known::snmp_trap_enterprise_0();
}

void append_varbind(const VarBind& varbind, BerWriter& writer) {
  if (varbind.value.type != ValueType::raw) return write_varbind(varbind, writer);
  const std::size_t began = writer.begin(tag::kSequence);
  writer.write_oid(varbind.name);
  write_as_opaque(varbind.value, writer);
  writer.end(began);
}

}  // namespace

void append_content(const TrapMessage& message, const std::optional<base::IpAddress>& origin,
                    std::vector<std::byte>& out) {
  BerWriter writer(out);
  const V1TrapName trap = v1_trap_name(message.trap_oid);
  if (trap.generic == kEnterpriseSpecific) writer.write_oid(trap.enterprise);
  writer.write_fixed(tag::kInteger, static_cast<std::uint32_t>(trap.generic), sizeof trap.generic);
  writer.write_fixed(tag::kInteger, static_cast<std::uint32_t>(trap.specific),
                     sizeof trap.specific);
  writer.write_fixed(tag::kTimeTicks, message.uptime, sizeof message.uptime);
  const base::IpAddress from = origin.value_or(base::IpAddress());
  writer.append(std::as_bytes(std::span(from.octets())));
  for (const VarBind& varbind : message.varbinds) {
    if (is_added_on_the_way(varbind.name) || !v1_can_carry(varbind.value.type)) continue;
    append_varbind(varbind, writer);
  }
}

}  // namespace trapline::protocol
