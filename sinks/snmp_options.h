// What an SNMP sink is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/secret.h"
#include "protocol/trap_message.h"
#include "protocol/usm/local_engine.h"
#include "protocol/usm/user.h"

namespace trapline::sinks {

// The largest payload of an IPv4 datagram.
inline constexpr std::uint32_t kMaxUdpPayloadBytes = 65'507;

// As configured under `sinks` with type `snmp`. Move-only, because of the secrets.
struct SnmpSinkOptions {
  std::string host;  // a name or an address
  std::uint16_t port = 162;
  protocol::Version version = protocol::Version::v2c;
  protocol::PduKind pdu = protocol::PduKind::trap;  // v1 has traps only
  base::Secret community;                           // v1 and v2c
  std::string user;                                 // v3: a name of v3.users
  std::string context;                              // v3: the contextName
  base::Secret trap_community;    // told as snmpTrapCommunity.0 (v2c, v3); empty: not told
  bool refuse_counter64 = false;  // towards v1: refuse the notification, not the varbind
  // Informs: how long an attempt waits for its Response, and how many follow the first before the
  // worker's longer delays begin.
  std::chrono::milliseconds timeout{1'500};
  unsigned retries = 2;
  unsigned lanes = 16;  // informs in flight at most
  std::uint32_t max_message_bytes = kMaxUdpPayloadBytes;
};

// Who we are in SNMPv3. What it refers to outlives it.
struct SnmpIdentity {
  const protocol::usm::UserTable& users;
  const protocol::usm::LocalEngine& engine;
  protocol::usm::SaltCounters& salts;
};

// Goes as far as can be gone without a notification: finds the host, and asks whoever listens there
// for its SNMPv3 engine, which v3 informs need and others may leave unanswered. What failed, or
// nothing. Blocks for seconds.
[[nodiscard]] std::optional<std::string> probe_snmp(const SnmpSinkOptions& options);

}  // namespace trapline::sinks
