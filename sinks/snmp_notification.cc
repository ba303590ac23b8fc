#include "sinks/snmp_notification.h"

#include <algorithm>

#include "protocol/ber_writer.h"
#include "protocol/encode.h"
#include "protocol/value_codec.h"
#include "protocol/well_known.h"

namespace trapline::sinks {
namespace {

using protocol::ValueType;
using protocol::VarBind;
using protocol::Version;

constexpr std::uint64_t kFnvPrime = 1'099'511'628'211ULL;

bool has(std::span<const VarBind> varbinds, ValueType type) {
  return std::ranges::any_of(varbinds,
                             [type](const VarBind& one) { return one.value.type == type; });
}

}  // namespace

bool is_notification(const rules::RoutedTrap& event) {
  const rules::VerdictFlags flags = event.verdict.flags;
  if (flags.has(rules::VerdictFlag::held) || flags.has(rules::VerdictFlag::cleared_in_hold)) {
    return false;
  }
  const rules::Synthetic kind = event.verdict.synthetic;
  // What the gateway said of a device may have been held, or counted.
  const bool sent_by_nobody = event.message.listener.empty() && event.message.peer.port == 0;
  if (sent_by_nobody && kind != rules::Synthetic::none) return false;
  return kind == rules::Synthetic::none || kind == rules::Synthetic::hold ||
         kind == rules::Synthetic::threshold;
}

std::int32_t request_id_of(const rules::RoutedTrap& event, std::uint64_t seed) {
  std::uint64_t hash = seed ^ 14'695'981'039'346'656'037ULL;
  for (const char c : event.id) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  hash = (hash ^ seed ^ hash >> 32U) * 0xff51'afd7'ed55'8ccdULL;
  return static_cast<std::int32_t>(hash >> 34U) + 1;
}

std::optional<std::string> SnmpNotification::render(const protocol::TrapMessage& message,
                                                    std::int32_t request_id,
                                                    std::vector<std::byte>& out) {
  left_out_ = 0;
  wrapped_.clear();
  if (options_.version == Version::v1) return render_v1(message, out);
  const auto translated = protocol::to_v2_varbinds(message, room_);
  varbinds_.assign(translated.begin(), translated.end());
  add_community(message.varbinds);
  wrap_raw_values();
  const protocol::Notification notification{options_.pdu, request_id, message.uptime,
                                            message.trap_oid, varbinds_};
  if (options_.version == Version::v3) {
    protocol::encode_pdu(notification, out);
  } else {
    protocol::encode_v2c(notification, options_.community.reveal(), out);
  }
  return std::nullopt;
}

std::optional<std::string> SnmpNotification::render_v1(const protocol::TrapMessage& message,
                                                       std::vector<std::byte>& out) {
  if (options_.refuse_counter64 && has(message.varbinds, ValueType::counter64)) {
    return "SNMPv1 has no Counter64, and `counter64: refuse` is set";
  }
  protocol::TranslatedV1 translated = protocol::to_v1(message);
  left_out_ = translated.left_out;
  varbinds_ = std::move(translated.varbinds);
  wrap_raw_values();
  protocol::encode_v1({translated.enterprise, translated.agent_addr, translated.generic,
                       translated.specific, translated.uptime, varbinds_},
                      options_.community.reveal(), out);
  return std::nullopt;
}

void SnmpNotification::add_community(std::span<const VarBind> of_message) {
  const base::Bytes text = options_.trap_community.reveal();
  const protocol::OidView name = protocol::well_known::snmp_trap_community_0();
  if (text.empty() || std::ranges::find(of_message, name, &VarBind::name) != of_message.end()) {
    return;
  }
  varbinds_.push_back({name, protocol::Value{.type = ValueType::octet_string,
                                             .tag = protocol::tag::kOctetString,
                                             .number = 0,
                                             .content = text}});
}

// A value of no type of SNMP's would have the upstream drop the whole message, and an inform come
// again for ever.
void SnmpNotification::wrap_raw_values() {
  for (VarBind& varbind : varbinds_) {
    if (varbind.value.type != ValueType::raw) continue;
    std::vector<std::byte>& element = wrapped_.emplace_back();
    protocol::BerWriter writer(element);
    protocol::write_value(varbind.value, writer);
    varbind.value = {
        .type = ValueType::opaque, .tag = protocol::tag::kOpaque, .number = 0, .content = element};
  }
}

}  // namespace trapline::sinks
