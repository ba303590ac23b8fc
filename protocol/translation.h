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

// A notification for a v1 receiver (§3.2). A message that came as v1 keeps its own fields.
// agent-addr is snmpTrapAddress.0, else the agent when that is an IPv4 address, else 0.0.0.0.
// Unlike §3.2 (6), a Counter64 does not stop the notification: it is left out and counted. Pure;
// any thread.
[[nodiscard]] TranslatedV1 to_v1(const TrapMessage& message);

// Octets a translation to v2 needs for its lifetime. Reusable.
struct TranslationRoom {
  std::array<std::byte, 4> agent_addr{};
  std::vector<VarBind> varbinds;
};

// The varbinds of a message for a v2 receiver, without the two standard ones (§3.1 (4)): a v1 trap
// gets snmpTrapAddress.0 (when the agent is an IPv4 address) and snmpTrapEnterprise.0 behind its
// own varbinds, unless present. snmpTrapCommunity.0 is for the sender to add: messages do not hold
// communities. Views `message` and `room`. Pure; any thread with its own room.
[[nodiscard]] std::span<const VarBind> to_v2_varbinds(const TrapMessage& message,
                                                      TranslationRoom& room);

}  // namespace trapline::protocol
