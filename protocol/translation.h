// Between the notifications of SNMPv1 and SNMPv2 (RFC 3584 §3.1 and §3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ip_address.h"
#include "protocol/oid.h"
#include "protocol/trap_message.h"

namespace trapline::protocol {

// generic-trap 6: the trap is told by enterprise and specific-trap.
inline constexpr std::int32_t kEnterpriseSpecific = 6;

// The snmpTrapOID of a v1 trap (§3.1 (2) and (3)): snmpTraps.(generic + 1) for generic 0 to 5, else
// enterprise.0.specific, a negative specific as its 32 bits. Views a constant or octets appended to
// `room`, which never reallocates here unless its capacity is exceeded: keep kMaxOidBytes free.
// Nothing when the enterprise is too long for two sub-identifiers more.
[[nodiscard]] std::optional<OidView> v1_trap_oid(OidView enterprise, std::int32_t generic,
                                                 std::int32_t specific,
                                                 std::vector<std::byte>& room);

// The snmpTrapOID of v2 as the fields of v1 (§3.2 (1) to (3)). `enterprise` is that of an
// enterprise-specific trap, empty for a standard one; it views the OID.
struct V1TrapName {
  OidView enterprise;
  std::int32_t generic = kEnterpriseSpecific;
  std::int32_t specific = 0;
};
// Any OID gives a name. Pure.
[[nodiscard]] V1TrapName v1_trap_name(OidView trap_oid);

// False for Counter64 and the exceptions, which v1 has no place for. Pure.
[[nodiscard]] bool v1_can_carry(ValueType type);

// What a notification says as a v1 Trap-PDU. Views the message it was made from.
struct TranslatedV1 {
  OidView enterprise;
  base::IpAddress agent_addr = base::IpAddress::v4({0, 0, 0, 0});
  std::int32_t generic = kEnterpriseSpecific;
  std::int32_t specific = 0;
  std::uint32_t uptime = 0;
  std::vector<VarBind> varbinds;
  // Varbinds that v1 cannot carry and that are missing: Counter64 and exceptions.
  std::size_t left_out = 0;
};

// Who a notification passed on is told to come from: what it says of itself (snmpTrapAddress.0, the
// agent-addr of v1), believed or not, so that the next receiver may judge; else the agent. Nothing
// when that is no IPv4 address, which is all SNMP has a place for.
[[nodiscard]] std::optional<base::IpAddress> told_origin(const TrapMessage& message);

// A notification for a v1 receiver (§3.2). A message that came as v1 keeps its own fields.
// agent-addr is the origin told, else 0.0.0.0.
// Unlike §3.2 (6), a Counter64 does not stop the notification: it is left out and counted. Pure;
// any thread.
[[nodiscard]] TranslatedV1 to_v1(const TrapMessage& message);

// Octets a translation to v2 needs for its lifetime. Reusable.
struct TranslationRoom {
  std::array<std::byte, 4> agent_addr{};
  std::vector<VarBind> varbinds;
};

// The varbinds of a message for a v2 receiver, without the two standard ones (§3.1 (4)): behind its
// own, unless present, snmpTrapAddress.0 (the origin told, whatever version it came as; one that
// claims nothing counts as absent) and, of a v1 trap, snmpTrapEnterprise.0. snmpTrapCommunity.0 is
// for the sender to add: messages do not hold communities. Views `message` and `room`. Pure; any
// thread with its own room.
[[nodiscard]] std::span<const VarBind> to_v2_varbinds(const TrapMessage& message,
                                                      TranslationRoom& room);

}  // namespace trapline::protocol
