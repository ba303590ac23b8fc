// TrapMessage: the normalised notification, whatever SNMP version brought it (RFC 3584 §3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "protocol/oid.h"
#include "protocol/tolerance.h"
#include "protocol/varbind.h"

namespace trapline::protocol {

enum class Version : std::uint8_t { v1 = 0, v2c = 1, v3 = 3 };
enum class PduKind : std::uint8_t { trap, inform };
enum class SecurityLevel : std::uint8_t { no_auth_no_priv = 1, auth_no_priv = 2, auth_priv = 3 };
// How it is known who the notification is about.
enum class AgentVia : std::uint8_t {
  peer,               // the UDP source
  agent_addr,         // the agent-addr of a v1 Trap-PDU, from a trusted relay
  snmp_trap_address,  // snmpTrapAddress.0, from a trusted relay
  engine_id,          // the map of v3 engines
};

[[nodiscard]] std::string_view name_of(Version version);      // "v1" "v2c" "v3"
[[nodiscard]] std::string_view name_of(PduKind kind);         // "trap" "inform"
[[nodiscard]] std::string_view name_of(SecurityLevel level);  // "noAuthNoPriv" ...
[[nodiscard]] std::string_view name_of(AgentVia via);         // "peer" "agent-addr" ...

// v3 only; all empty for v1 and v2c. Views what the message views.
struct Security {
  std::string_view name;
  SecurityLevel level = SecurityLevel::no_auth_no_priv;
  base::Bytes engine_id;
  base::Bytes context_engine_id;
  std::string_view context_name;
  // Of the authoritative engine, as the message said them.
  std::int32_t engine_boots = 0;
  std::int32_t engine_time = 0;
};

// Plain value that owns nothing: it views the datagram (or journal record) and the DecodeScratch it
// was decoded with, which must both outlive it.
struct TrapMessage {
  // Filled by reception.
  base::Endpoint peer;
  base::Endpoint local;
  std::string_view listener;
  base::WallTime received_at;
  // The *configured name* of the community that matched; never its text.
  std::string_view community;

  // Filled by decoding.
  Version version = Version::v2c;
  PduKind pdu = PduKind::trap;
  Security security;
  std::int32_t request_id = 0;  // 0 for v1, which has none
  std::int32_t msg_id = 0;      // v3 only
  OidView trap_oid;
  // Empty for v2c/v3 without snmpTrapEnterprise.0.
  OidView enterprise;
  std::optional<std::int32_t> generic;   // v1 only
  std::optional<std::int32_t> specific;  // v1 only
  std::uint32_t uptime = 0;              // sysUpTime, hundredths of a second
  // In wire order. `varbinds` leaves out sysUpTime.0 and snmpTrapOID.0.
  std::span<const VarBind> raw_varbinds;
  std::span<const VarBind> varbinds;
  // agent-addr (v1) or snmpTrapAddress.0, as claimed by the message; whether it is believed is for
  // gateway/access to say. Nothing when absent, 0.0.0.0 or not four octets.
  std::optional<base::IpAddress> claimed_agent;
  AgentVia claimed_via = AgentVia::peer;
  Tolerances flags;

  // Filled by access: who the notification is about.
  base::IpAddress agent;
  AgentVia agent_via = AgentVia::peer;
};

}  // namespace trapline::protocol
