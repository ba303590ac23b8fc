// What `trapline send` is to send, from its command line to octets.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "gateway/commands/access_options.h"
#include "gateway/commands/udp_target.h"
#include "gateway/commands/varbind_argument.h"
#include "protocol/oid.h"
#include "protocol/trap_message.h"

namespace trapline::gateway {

inline constexpr std::string_view kSendForm =
    "trapline send trap|inform [OPTIONS] HOST[:PORT] NOTIFICATION [NAME TYPE VALUE]...";

// The options, before they are checked.
struct SendOptions {
  AccessOptions access;
  std::optional<std::uint32_t> uptime;
  std::optional<std::string> enterprise;
  std::optional<std::string> agent_addr;
  std::optional<std::int32_t> generic;
  std::optional<std::int32_t> specific;
};

// Checked. Owns what the message is made of. Move-only; the bindings view the arguments.
struct Sending {
  SnmpAccess access;
  protocol::PduKind pdu = protocol::PduKind::trap;
  UdpTarget target;
  protocol::Oid trap_oid;
  std::deque<VarBindArgument> arguments;
  std::vector<protocol::VarBind> varbinds;
  std::optional<protocol::Oid> enterprise;
  std::optional<base::IpAddress> agent_addr;
  std::optional<std::int32_t> generic;
  std::optional<std::int32_t> specific;
  std::uint32_t uptime = 0;
  std::int32_t request_id = 0;
};

// Reads options and words (trap|inform HOST NOTIFICATION [NAME TYPE VALUE]...). Failing, says in
// one line what to write instead.
[[nodiscard]] base::Result<Sending, std::string> read_sending(
    SendOptions& options, const std::vector<std::string>& words);

// The whole v1 message; `local` is its agent-addr when none was given. Tells on standard error what
// SNMPv1 cannot carry.
[[nodiscard]] std::vector<std::byte> encode_v1(const Sending& sending,
                                               const base::IpAddress& local);
// The whole v2c message.
[[nodiscard]] std::vector<std::byte> encode_v2c(const Sending& sending);
// The PDU alone, for SNMPv3.
[[nodiscard]] std::vector<std::byte> encode_pdu(const Sending& sending);

}  // namespace trapline::gateway
