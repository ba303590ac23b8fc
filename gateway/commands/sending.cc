#include "gateway/commands/sending.h"

#include <fmt/core.h>

#include "base/clock.h"
#include "base/random.h"
#include "protocol/encode.h"
#include "protocol/mib/mib_index.h"
#include "protocol/translation.h"

namespace trapline::gateway {
namespace {

using protocol::PduKind;
using protocol::Version;
using protocol::mib::MibIndex;

constexpr std::size_t kFixedWords = 3;  // trap|inform HOST NOTIFICATION

using Problem = std::optional<std::string>;

std::string form() { return "write: " + std::string(kSendForm); }

std::uint32_t system_uptime() {
  using Hundredths = std::chrono::duration<std::uint64_t, std::centi>;
  const auto since_boot = base::SystemClock().boot().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<Hundredths>(since_boot).count());
}

// A positive request-id: some receivers take it for unsigned.
std::int32_t fresh_request_id() {
  return static_cast<std::int32_t>(base::SystemRandom().next() & 0x7fff'ffffU);
}

Problem read_head(const std::vector<std::string>& words, Sending& sending) {
  if (words.size() < kFixedWords) return "something is missing; " + form();
  if (words[0] != "trap" && words[0] != "inform") {
    return "`" + words[0] + "` is neither trap nor inform; " + form();
  }
  sending.pdu = words[0] == "trap" ? PduKind::trap : PduKind::inform;
  const auto target = parse_udp_target(words[1]);
  if (!target) return target.error();
  sending.target = *target;
  const auto trap_oid = MibIndex::built_in().parse(words[2]);
  if (!trap_oid) {
    return "`" + words[2] + "` is not a notification the built-in MIB knows: write its OID";
  }
  sending.trap_oid = *trap_oid;
  return std::nullopt;
}

Problem read_varbinds(const std::vector<std::string>& words, Sending& sending) {
  if ((words.size() - kFixedWords) % 3 != 0) {
    return "variable bindings come in threes, NAME TYPE VALUE; " + form();
  }
  for (std::size_t i = kFixedWords; i < words.size(); i += 3) {
    auto argument =
        parse_varbind_argument(words[i], words[i + 1], words[i + 2], MibIndex::built_in());
    if (!argument) return argument.error();
    sending.arguments.push_back(std::move(*argument));
    sending.varbinds.push_back(sending.arguments.back().view());
  }
  return std::nullopt;
}

Problem read_v1_options(const SendOptions& options, Sending& sending) {
  const bool given =
      options.enterprise || options.agent_addr || options.generic || options.specific;
  if (sending.access.version != Version::v1) {
    if (!given) return std::nullopt;
    return "--enterprise, --agent-addr, --generic and --specific are for --version v1";
  }
  if (sending.pdu == PduKind::inform) {
    return "SNMPv1 has no informs: send a trap, or leave --version v1 out";
  }
  sending.generic = options.generic;
  sending.specific = options.specific;
  if (options.enterprise) {
    sending.enterprise = MibIndex::built_in().parse(*options.enterprise);
    if (!sending.enterprise) return "--enterprise must be an OID, like 1.3.6.1.4.1.8072";
  }
  if (options.agent_addr) {
    sending.agent_addr = base::IpAddress::parse(*options.agent_addr);
    if (!sending.agent_addr || !sending.agent_addr->is_v4()) {
      return "--agent-addr must be an IPv4 address, like 192.0.2.1";
    }
  }
  return std::nullopt;
}

protocol::Notification notification_of(const Sending& sending) {
  protocol::Notification notification;
  notification.pdu = sending.pdu;
  notification.request_id = sending.request_id;
  notification.uptime = sending.uptime;
  notification.trap_oid = sending.trap_oid;
  notification.varbinds = sending.varbinds;
  return notification;
}

}  // namespace

base::Result<Sending, std::string> read_sending(SendOptions& options,
                                                const std::vector<std::string>& words) {
  auto access = read_access(options.access);
  if (!access) return access.error();
  Sending sending;
  sending.access = std::move(*access);
  sending.uptime = options.uptime ? *options.uptime : system_uptime();
  sending.request_id = fresh_request_id();
  if (Problem problem = read_head(words, sending)) return *problem;
  if (Problem problem = read_varbinds(words, sending)) return *problem;
  if (Problem problem = read_v1_options(options, sending)) return *problem;
  return sending;
}

// RFC 3584 §3.2 makes the v1 fields of the notification; options replace some.
std::vector<std::byte> encode_v1(const Sending& sending, const base::IpAddress& local) {
  protocol::TrapMessage message;
  message.trap_oid = sending.trap_oid;
  message.uptime = sending.uptime;
  message.agent = local;
  message.raw_varbinds = sending.varbinds;
  message.varbinds = sending.varbinds;
  const protocol::TranslatedV1 translated = protocol::to_v1(message);
  if (translated.left_out != 0) {
    fmt::print(stderr, "note: {} variable binding(s) left out: SNMPv1 has no Counter64\n",
               translated.left_out);
  }
  protocol::NotificationV1 notification;
  notification.enterprise = sending.enterprise ? sending.enterprise->view() : translated.enterprise;
  notification.agent_addr = sending.agent_addr.value_or(translated.agent_addr);
  notification.generic = sending.generic.value_or(translated.generic);
  notification.specific = sending.specific.value_or(translated.specific);
  notification.uptime = sending.uptime;
  notification.varbinds = translated.varbinds;
  std::vector<std::byte> datagram;
  protocol::encode_v1(notification, base::as_bytes(sending.access.community), datagram);
  return datagram;
}

std::vector<std::byte> encode_v2c(const Sending& sending) {
  std::vector<std::byte> datagram;
  protocol::encode_v2c(notification_of(sending), base::as_bytes(sending.access.community),
                       datagram);
  return datagram;
}

std::vector<std::byte> encode_pdu(const Sending& sending) {
  std::vector<std::byte> pdu;
  protocol::encode_pdu(notification_of(sending), pdu);
  return pdu;
}

}  // namespace trapline::gateway
