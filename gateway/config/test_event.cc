#include "gateway/config/test_event.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>

#include "gateway/commands/varbind_argument.h"
#include "gateway/journal/event_record.h"
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/translation.h"

namespace trapline::gateway {
namespace {

using protocol::mib::MibIndex;
using protocol::mib::NodeKind;
using protocol::mib::TextForm;
using rules::SpecProblem;

constexpr std::uint16_t kSourcePort = 50'000;
constexpr std::uint16_t kTrapPort = 162;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <class Number>
bool fits(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stopped == end;
}

// The letter of a value that nobody gave a type.
char letter_by_look(const TestVarBind& varbind) {
  if (varbind.quoted) return 's';
  const std::string_view text = varbind.value;
  if (fits<std::int32_t>(text)) return 'i';
  if (fits<std::uint32_t>(text)) return 'u';
  return fits<std::uint64_t>(text) ? 'C' : 's';
}

// The node that is named, when nothing stands behind its own name.
const protocol::mib::Node* bare_node(const protocol::Oid& oid, const MibIndex& mibs) {
  const auto resolved = mibs.resolve(oid.view());
  return resolved && resolved->suffix.empty() ? resolved->node : nullptr;
}

// What a column without an instance is completed with.
std::string instance_of(const TestNotification& notification, const MibIndex& mibs) {
  for (const TestVarBind& varbind : notification.varbinds) {
    const auto oid = mibs.parse(varbind.name.text);
    const auto* node = oid ? bare_node(*oid, mibs) : nullptr;
    if (node != nullptr && node->kind == NodeKind::column && node->label.ends_with("Index") &&
        is_digits(varbind.value)) {
      return varbind.value;
    }
  }
  return "1";
}

class EventEncoder {
 public:
  EventEncoder(const TestNotification& notification, const MibIndex& mibs)
      : sent_(notification), mibs_(mibs), instance_(instance_of(notification, mibs)) {}

  base::Result<std::vector<std::byte>, SpecProblem> encode() {
    const auto trap_oid = mibs_.parse(sent_.trap.text);
    if (!trap_oid) {
      return SpecProblem{sent_.trap.place,
                         "`" + sent_.trap.text + "` is not a notification the MIB knows",
                         "write its OID, like 1.3.6.1.6.3.1.1.5.3"};
    }
    for (const TestVarBind& varbind : sent_.varbinds) {
      if (auto problem = add(varbind)) return std::move(*problem);
    }
    const std::vector<std::byte> pdu = encode_pdu(*trap_oid);
    protocol::TrapMessage message = frame();
    std::vector<std::byte> payload(journal::event_bytes(message, pdu));
    journal::encode_event(message, pdu, {}, payload);
    return payload;
  }

 private:
  std::optional<SpecProblem> add(const TestVarBind& varbind) {
    std::string name = varbind.name.text;
    const auto oid = mibs_.parse(name);
    if (!oid) {
      return SpecProblem{varbind.name.place, "`" + name + "` is not a name the MIB knows",
                         "write its OID in quotes, like \"1.3.6.1.2.1.2.2.1.1.7\""};
    }
    if (const auto* node = bare_node(*oid, mibs_); node != nullptr) {
      if (node->kind == NodeKind::scalar) name += ".0";
      if (node->kind == NodeKind::column) name += "." + instance_;
    }
    auto argument = parse_varbind_argument(name, type_of(varbind, *oid), varbind.value, mibs_);
    if (!argument) return SpecProblem{varbind.value_place, argument.error(), ""};
    arguments_.push_back(std::move(*argument));
    varbinds_.push_back(arguments_.back().view());
    return std::nullopt;
  }

  [[nodiscard]] std::string type_of(const TestVarBind& varbind, const protocol::Oid& oid) const {
    if (!varbind.type.empty()) return varbind.type;
    const auto resolved = mibs_.resolve(oid.view());
    const bool typed =
        resolved &&
        (!resolved->node->labels.empty() || resolved->node->form == TextForm::text ||
         resolved->node->form == TextForm::hex || resolved->node->form == TextForm::mac_address);
    return std::string(1, typed ? '=' : letter_by_look(varbind));
  }

  [[nodiscard]] std::vector<std::byte> encode_pdu(const protocol::Oid& trap_oid) const {
    std::vector<std::byte> octets;
    if (sent_.version == protocol::Version::v1) return encode_v1_pdu(trap_oid);
    protocol::Notification notification;
    notification.pdu = sent_.pdu;
    notification.request_id = 1;
    notification.uptime = sent_.uptime;
    notification.trap_oid = trap_oid;
    notification.varbinds = varbinds_;
    protocol::encode_pdu(notification, octets);
    return octets;
  }

  // RFC 3584 §3.2 makes the v1 fields; the PDU is what stands behind the community.
  [[nodiscard]] std::vector<std::byte> encode_v1_pdu(const protocol::Oid& trap_oid) const {
    protocol::TrapMessage message;
    message.trap_oid = trap_oid;
    message.uptime = sent_.uptime;
    message.agent = sent_.from;
    message.raw_varbinds = varbinds_;
    message.varbinds = varbinds_;
    const protocol::TranslatedV1 translated = protocol::to_v1(message);
    const protocol::NotificationV1 notification{translated.enterprise, translated.agent_addr,
                                                translated.generic,    translated.specific,
                                                translated.uptime,     translated.varbinds};
    std::vector<std::byte> datagram;
    protocol::encode_v1(notification, {}, datagram);
    protocol::DecodeScratch scratch;
    const auto decoded = protocol::decode(datagram, protocol::kHighestMaxVarbinds, scratch);
    if (!decoded) return {};
    return {decoded->pdu.begin(), decoded->pdu.end()};
  }

  // All but the PDU.
  [[nodiscard]] protocol::TrapMessage frame() const {
    protocol::TrapMessage message;
    message.version = sent_.version;
    message.pdu = sent_.pdu;
    message.peer = {sent_.from, kSourcePort};
    message.local = {base::IpAddress::v4({0, 0, 0, 0}), kTrapPort};
    message.agent = sent_.from;
    message.listener = sent_.listener;
    if (sent_.version != protocol::Version::v3) {
      message.community = sent_.community;
      return message;
    }
    message.security.name = sent_.security_name;
    message.security.level = sent_.security_level;
    message.security.engine_id = sent_.engine_id;
    message.security.context_engine_id = sent_.engine_id;
    message.security.context_name = sent_.context;
    return message;
  }

  const TestNotification& sent_;
  const MibIndex& mibs_;
  const std::string instance_;
  std::deque<VarBindArgument> arguments_;
  std::vector<protocol::VarBind> varbinds_;
};

}  // namespace

base::Result<std::vector<std::byte>, SpecProblem> encode_test_event(
    const TestNotification& notification, const MibIndex& mibs) {
  return EventEncoder(notification, mibs).encode();
}

}  // namespace trapline::gateway
