#include "gateway/commands/explainer.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "gateway/commands/rule_steps.h"
#include "gateway/commands/v3_steps.h"
#include "gateway/engine_id_text.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::DecodeErrorKind;
using protocol::TrapMessage;
using protocol::Version;

constexpr std::size_t kMaxEngines = 100'000;
constexpr std::int64_t kVersion3 = 3;
constexpr std::uint8_t kReportable = 4;

// What `<data_dir>/engine` says of the gateway that runs with this configuration.
struct OwnEngine {
  std::vector<std::byte> id;  // empty when it cannot be known
  std::optional<std::int32_t> boots;
};

OwnEngine own_engine(const Config& config) {
  std::string text;
  std::int32_t boots = 0;
  std::ifstream file(config.data_dir + "/engine");
  const bool whole = static_cast<bool>(file >> text >> boots);
  OwnEngine kept{parse_engine_id(text).value_or(std::vector<std::byte>()), {}};
  const std::vector<std::byte>& configured = config.v3.engine_id;
  // A file of another engine is none of the next start's.
  if (!configured.empty() && kept.id != configured) return {configured, {}};
  if (whole && !kept.id.empty()) kept.boots = boots;
  return kept;
}

// The version a message says, whatever else is wrong with it.
std::optional<std::int64_t> version_said(base::Bytes datagram) {
  std::vector<std::byte> room;
  protocol::BerContext context(datagram, room);
  protocol::Element message;
  if (!protocol::BerReader(datagram, context).read_any(message)) return std::nullopt;
  protocol::Element version;
  if (!protocol::BerReader(message.content, context).read_any(version)) return std::nullopt;
  if (version.tag != protocol::tag::kInteger || version.content.size() > 4) return std::nullopt;
  return protocol::signed_number(version.content);
}

bool is_known(const base::Endpoint& endpoint) { return endpoint != base::Endpoint{}; }

// Without a capture there is no time; all such messages are of one moment.
base::BootTime time_of(const InputMessage& input) {
  return base::BootTime(input.time.time_since_epoch());
}

std::string place_of(const protocol::DecodeError& error, base::Bytes datagram) {
  std::string octet = "the end";
  if (error.offset < datagram.size()) {
    octet = fmt::format("0x{:02x}", std::to_integer<unsigned>(datagram[error.offset]));
  }
  return fmt::format("{} at offset {} ({})", protocol::name_of(error.kind), error.offset, octet);
}

std::string advice_on(const protocol::DecodeError& error) {
  switch (error.kind) {
    case DecodeErrorKind::not_a_notification:
      return "a request, Response or Report: its sender means an agent or a manager, not a "
             "receiver of notifications";
    case DecodeErrorKind::too_many_varbinds: return "raise limits.varbinds";
    case DecodeErrorKind::unknown_version: return "no SNMP message of version 1, 2c or 3";
    default: break;
  }
  return "the sender's message is damaged: compare with a capture taken at the sender";
}

}  // namespace

Explainer::Explainer(const Config& config, std::shared_ptr<const rules::RuleSet> rules)
    : config_(config), rules_(std::move(rules)), access_(config), engines_(kMaxEngines) {
  OwnEngine own = own_engine(config);
  own_.id = std::move(own.id);
  own_boots_ = own.boots;
  if (config.v3.users.empty()) return;
  inbound_ = std::make_unique<usm::Inbound>(
      usm::InboundShared{config.v3.users, own_, engines_, salts_, stats_});
}

Explanation Explainer::explain(const InputMessage& input) {
  Explanation explanation;
  explanation.place = input.place;
  explanation.size_bytes = input.datagram.size();
  if (is_known(input.peer)) {
    explanation.way = input.peer.to_string() + " to " + input.local.to_string();
  }
  if (!admit(input, explanation)) return explanation;
  Decoded decoded = decode(input);
  if (!add_version(input, decoded, explanation)) return explanation;
  if (!add_pdu(input, decoded, explanation)) return explanation;
  if (!add_community(input, *decoded, explanation)) return explanation;
  add_event(input, decoded->message, decoded->pdu, explanation);
  return explanation;
}

bool Explainer::admit(const InputMessage& input, Explanation& explanation) const {
  const auto& allow = config_.sources.allow;
  if (!is_known(input.peer)) {
    return explanation.add("source", Verdict::unjudged, "not known: this is no capture");
  }
  const std::string source = input.peer.ip.to_string();
  if (allow.empty()) return explanation.add("source", Verdict::passed, source + ": all may send");
  if (std::ranges::any_of(allow, [&](const auto& one) { return one.contains(input.peer.ip); })) {
    return explanation.add("source", Verdict::passed, source + " is in sources.allow");
  }
  return explanation.add("source", Verdict::refused, source + " is not in sources.allow",
                         "add its network to sources.allow");
}

// An engine that cannot be known is taken from the first message that asks one; of our own engine,
// every time is right here.
Explainer::Decoded Explainer::decode(const InputMessage& input) {
  Decoded decoded = decode_once(input);
  if (decoded || !inbound_ || decoded.error().kind != DecodeErrorKind::usm_refused) return decoded;
  const usm::V3Trace& trace = inbound_->trace();
  const bool asks_unknown = trace.refusal == usm::V3Refusal::unknown_engine &&
                            (trace.flags & kReportable) != 0 && own_.id.empty();
  const bool untimely = trace.refusal == usm::V3Refusal::not_in_time_window && trace.engine_is_ours;
  if (!asks_unknown && !untimely) return decoded;
  take_engine_from(trace, time_of(input));
  return decode_once(input);
}

Explainer::Decoded Explainer::decode_once(const InputMessage& input) {
  return protocol::decode(input.datagram, config_.limits.varbinds, scratch_, inbound_.get(),
                          time_of(input));
}

void Explainer::take_engine_from(const usm::V3Trace& trace, base::BootTime now) {
  own_.boots = trace.boots;
  own_.started = now - std::chrono::seconds(trace.time);
  if (!own_.id.empty()) return;
  own_.id.assign(trace.engine_id.begin(), trace.engine_id.end());
  own_assumed_ = true;
  inbound_ = std::make_unique<usm::Inbound>(
      usm::InboundShared{config_.v3.users, own_, engines_, salts_, stats_});
}

// What stands around the PDU, and with SNMPv3 all of USM.
bool Explainer::add_version(const InputMessage& input, const Decoded& decoded,
                            Explanation& explanation) {
  const auto said = version_said(input.datagram);
  if (decoded && decoded->message.version != Version::v3) {
    return explanation.add("message", Verdict::passed,
                           "SNMP" + std::string(name_of(decoded->message.version)));
  }
  if (said != kVersion3) return true;  // add_pdu tells what is wrong
  if (!inbound_) {
    return explanation.add("message", Verdict::refused, "SNMPv3, but no user is configured",
                           "add the device's user to v3.users (and name the file by --config)");
  }
  const usm::V3Trace& trace = inbound_->trace();
  if (!trace.seen) return true;
  explanation.add("message", Verdict::passed,
                  fmt::format("SNMPv3, msgID {}, {}", trace.msg_id,
                              (trace.flags & kReportable) != 0 ? "wants Reports" : "no Reports"));
  const std::string user_name(trace.user);
  return add_v3_steps(
      {trace, config_.v3.users.find(user_name), engine_id_text(own_.id), own_assumed_, own_boots_},
      explanation);
}

bool Explainer::add_pdu(const InputMessage& input, const Decoded& decoded,
                        Explanation& explanation) const {
  if (!decoded) {
    return explanation.add("PDU", Verdict::malformed, place_of(decoded.error(), input.datagram),
                           advice_on(decoded.error()));
  }
  const TrapMessage& message = decoded->message;
  std::string detail =
      fmt::format("{}, request-id {}, {} variable bindings", protocol::name_of(message.pdu),
                  message.request_id, message.raw_varbinds.size());
  if (message.flags.empty()) return explanation.add("PDU", Verdict::passed, std::move(detail));
  detail += "; accepted although:";
  for (auto bits = message.flags.bits(); bits != 0; bits &= bits - 1) {
    const auto flag = static_cast<protocol::Tolerance>(std::countr_zero(bits));
    detail += " " + std::string(protocol::name_of(flag));
  }
  return explanation.add("PDU", Verdict::noted, std::move(detail));
}

bool Explainer::add_community(const InputMessage& input, const protocol::Decoded& decoded,
                              Explanation& explanation) const {
  if (decoded.message.version == Version::v3) return true;
  const auto name = access_.check(decoded.community, input.peer.ip);
  if (name) {
    return explanation.add("community", Verdict::passed,
                           "the one named `" + std::string(*name) + "`");
  }
  if (name.error() == RefusalReason::unknown_community) {
    return explanation.add("community", Verdict::refused, "none of those configured",
                           "add it to `communities`, or correct the device's");
  }
  if (!is_known(input.peer)) {
    return explanation.add("community", Verdict::unjudged,
                           "configured, but its `from` cannot be judged without a source");
  }
  return explanation.add("community", Verdict::refused,
                         "configured, but not from " + input.peer.ip.to_string(),
                         "add the source's network to the community's `from`");
}

void Explainer::add_event(const InputMessage& input, TrapMessage& message, base::Bytes pdu,
                          Explanation& explanation) const {
  message.peer = input.peer;
  message.local = input.local;
  message.received_at = input.time;
  access_.attribute(message);
  std::string detail =
      message.agent.to_string() + ", known by " + std::string(name_of(message.agent_via));
  std::string advice;
  const bool unbelieved = message.claimed_agent && *message.claimed_agent != message.agent;
  if (unbelieved) {
    detail += "; the message says " + message.claimed_agent->to_string();
    advice = "if the sender relays for others, add it to sources.trusted_relays";
  }
  explanation.add("agent", unbelieved ? Verdict::noted : Verdict::passed, std::move(detail),
                  std::move(advice));
  if (rules_)
    return add_rule_steps({rules_, message, pdu, input.time, config_.poller.devices}, explanation);
  rules::RoutedTrap event;
  event.message = message;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  sinks::append_event_json(event, mibs, explanation.event_json);
  sinks::append_event_text(event, mibs, explanation.event_text);
  // What is not in a journal has no id.
  constexpr std::string_view kNoId = " id=";
  if (explanation.event_text.ends_with(kNoId)) {
    explanation.event_text.resize(explanation.event_text.size() - kNoId.size());
  }
}

}  // namespace trapline::gateway
