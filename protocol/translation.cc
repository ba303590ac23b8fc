#include "protocol/translation.h"

#include <algorithm>

#include "protocol/ber_reader.h"
#include "protocol/well_known.h"

namespace trapline::protocol {
namespace {

constexpr std::byte kZero{0};
constexpr std::size_t kAddedSubIdentifiers = 2;

void append_sub_identifier(std::uint32_t value, std::vector<std::byte>& room) {
  for (unsigned shift = 28; shift > 0; shift -= 7) {
    if ((value >> shift) != 0) room.push_back(std::byte(0x80 | ((value >> shift) & 0x7f)));
  }
  room.push_back(std::byte(value & 0x7f));
}

// generic-trap of a standard trap, kEnterpriseSpecific of any other.
std::int32_t generic_of(OidView trap_oid) {
  for (std::size_t i = 0; i < well_known::kStandardTraps.size(); ++i) {
    if (trap_oid == OidView(base::Bytes(well_known::kStandardTraps[i]))) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kEnterpriseSpecific;
}

// Content without the last sub-identifier.
base::Bytes parent(base::Bytes content) {
  if (content.empty()) return content;
  std::size_t size = content.size() - 1;
  while (size > 0 && (content[size - 1] & std::byte{0x80}) != std::byte{0}) --size;
  return content.first(size);
}

bool names(std::span<const VarBind> varbinds, OidView name) {
  return std::any_of(varbinds.begin(), varbinds.end(),
                     [name](const VarBind& varbind) { return varbind.name == name; });
}

Value value_of(ValueType type, std::uint8_t tag, base::Bytes content) {
  return Value{.type = type, .tag = tag, .number = 0, .content = content};
}

}  // namespace

std::optional<OidView> v1_trap_oid(OidView enterprise, std::int32_t generic, std::int32_t specific,
                                   std::vector<std::byte>& room) {
  if (generic >= 0 && generic < kEnterpriseSpecific) {
    return OidView(base::Bytes(well_known::kStandardTraps[static_cast<std::size_t>(generic)]));
  }
  if (enterprise.size() + kAddedSubIdentifiers > kMaxSubIdentifiers) return std::nullopt;
  const base::Bytes content = enterprise.content();
  const std::size_t began = room.size();
  room.insert(room.end(), content.begin(), content.end());
  if (content.empty()) room.push_back(kZero);  // the empty OID reads as 0.0
  room.push_back(kZero);
  append_sub_identifier(static_cast<std::uint32_t>(specific), room);
  return OidView(base::Bytes(room).subspan(began));
}

// §3.2 (1) and (3) for a trap that is not a standard one: the last sub-identifier is specific-trap;
// a zero in front of it, the mark of a translated v1 trap, is no part of the enterprise.
V1TrapName v1_trap_name(OidView trap_oid) {
  V1TrapName name;
  name.generic = generic_of(trap_oid);
  if (name.generic != kEnterpriseSpecific) return name;
  const base::Bytes content = trap_oid.content();
  const base::Bytes above = parent(content);
  std::uint32_t specific = 0;
  for (const std::byte octet : content.subspan(above.size())) {
    specific = (specific << 7) | std::to_integer<std::uint32_t>(octet & std::byte{0x7f});
  }
  name.specific = static_cast<std::int32_t>(specific);
  const base::Bytes second_above = parent(above);
  const bool marked =
      above.size() == second_above.size() + 1 && above.back() == kZero && !second_above.empty();
  name.enterprise = OidView(marked ? second_above : above);
  return name;
}

bool v1_can_carry(ValueType type) {
  return type != ValueType::counter64 && type != ValueType::no_such_object &&
         type != ValueType::no_such_instance && type != ValueType::end_of_mib_view;
}

std::optional<base::IpAddress> told_origin(const TrapMessage& message) {
  if (message.claimed_agent && message.claimed_agent->is_v4()) return message.claimed_agent;
  if (message.agent.is_v4()) return message.agent;
  return std::nullopt;
}

TranslatedV1 to_v1(const TrapMessage& message) {
  TranslatedV1 out;
  out.uptime = message.uptime;
  if (const auto origin = told_origin(message)) out.agent_addr = *origin;
  if (message.generic && message.specific) {
    out.enterprise = message.enterprise;
    out.generic = *message.generic;
    out.specific = *message.specific;
  } else {
    const V1TrapName name = v1_trap_name(message.trap_oid);
    out.generic = name.generic;
    out.specific = name.specific;
    out.enterprise = name.enterprise;
    if (name.generic != kEnterpriseSpecific) {
      out.enterprise = message.enterprise.empty() ? well_known::snmp_traps() : message.enterprise;
    }
  }
  for (const VarBind& varbind : message.varbinds) {
    if (v1_can_carry(varbind.value.type)) {
      out.varbinds.push_back(varbind);
    } else {
      ++out.left_out;
    }
  }
  return out;
}

std::span<const VarBind> to_v2_varbinds(const TrapMessage& message, TranslationRoom& room) {
  const auto origin = told_origin(message);
  // An address that claims nothing, being 0.0.0.0 or no address, is as good as none: what is passed
  // on without a claim would look like a device's own, wherever it goes round.
  const bool told = message.claimed_agent && message.claimed_via == AgentVia::snmp_trap_address;
  const bool tell_origin = origin && !told;
  const bool tell_enterprise =
      message.generic && !names(message.varbinds, well_known::snmp_trap_enterprise_0());
  if (!tell_origin && !tell_enterprise) return message.varbinds;
  room.varbinds.assign(message.varbinds.begin(), message.varbinds.end());
  if (tell_origin) {
    const std::array<std::uint8_t, 4> octets = origin->v4_octets();
    std::memcpy(room.agent_addr.data(), octets.data(), octets.size());
    room.varbinds.push_back({well_known::snmp_trap_address_0(),
                             value_of(ValueType::ip_address, tag::kIpAddress, room.agent_addr)});
  }
  if (tell_enterprise) {
    room.varbinds.push_back({well_known::snmp_trap_enterprise_0(),
                             value_of(ValueType::object_identifier, tag::kObjectIdentifier,
                                      message.enterprise.content())});
  }
  return room.varbinds;
}

}  // namespace trapline::protocol
