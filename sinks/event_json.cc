#include "sinks/event_json.h"

#include "protocol/tolerance.h"
#include "sinks/event_name.h"
#include "sinks/text_buffer.h"
#include "sinks/time_text.h"
#include "sinks/value_text.h"
#include "sinks/varbind_json.h"

namespace trapline::sinks {
namespace {

using protocol::TrapMessage;
using protocol::mib::MibIndex;

// What several members show: looked up and written out once.
struct Shared {
  Shared(const rules::RoutedTrap& event, const MibIndex& mibs)
      : agent(event.message.agent), trap(name_of(event.message.trap_oid, mibs)) {}

  const AddressText agent;
  const Name trap;
};

auto rule_time_text(base::RuleTime time) {
  return rfc3339(base::WallTime(std::chrono::nanoseconds(time.since_epoch_ns)));
}

// A synthetic event happened when it was made, whatever the message it is made of says.
void put_times(TextBuffer& text, const rules::RoutedTrap& event) {
  const auto received = rfc3339(event.message.received_at);
  const bool synthetic = event.verdict.synthetic != rules::Synthetic::none;
  const auto time = synthetic ? rule_time_text(event.verdict.made) : received;
  Pen pen = text.pen(64 + 2 * kRfc3339Length);
  pen.put("\",\"time\":\"");
  pen.put(std::string_view(time.data(), time.size()));
  pen.put("\",\"received_at\":\"");
  pen.put(std::string_view(received.data(), received.size()));
  text.down(pen);
}

void put_origin(TextBuffer& text, const TrapMessage& message, const Shared& shared) {
  text.put("\",\"listener\":\"");
  text.put_escaped(message.listener);
  constexpr std::size_t kMostOrigin = 400;  // 140 of its own, two addresses, a port, three names
  Pen pen = text.pen(kMostOrigin);
  pen.put("\",\"peer\":{\"ip\":\"");
  pen.put(message.peer.ip == message.agent ? shared.agent.view()
                                           : AddressText(message.peer.ip).view());
  pen.put("\",\"port\":");
  pen.put_number(message.peer.port);
  pen.put("},\"agent\":{\"ip\":\"");
  pen.put(shared.agent.view());
  pen.put("\",\"via\":\"");
  pen.put(name_of(message.agent_via));
  pen.put("\"},\"version\":\"");
  pen.put(name_of(message.version));
  pen.put("\",\"pdu\":\"");
  pen.put(name_of(message.pdu));
  pen.put("\",\"security\":{\"name\":\"");
  text.down(pen);
}

void put_security(TextBuffer& text, const TrapMessage& message) {
  const bool v3 = message.version == protocol::Version::v3;
  text.put_escaped(v3 ? message.security.name : message.community);
  text.put("\",\"level\":\"");
  text.put(name_of(message.security.level));
  if (v3) {
    text.put("\",\"engine_id\":\"");
    text.put_hex(message.security.engine_id);
    text.put("\",\"context\":\"");
    text.put_escaped(message.security.context_name);
  }
  text.put("\"}");
}

void put_notification(TextBuffer& text, const TrapMessage& message, const Shared& shared,
                      const MibIndex& mibs) {
  Pen pen = text.pen(64 + oid_text_bound(message.trap_oid));
  pen.put(",\"trap\":{\"oid\":\"");
  pen.put_oid(message.trap_oid);
  pen.put("\",\"name\":\"");
  text.down(pen);
  put_name(text, shared.trap, mibs);
  text.put("\",\"module\":\"");
  if (shared.trap.node != nullptr) text.put(shared.trap.node->module);
  pen = text.pen(128 + oid_text_bound(message.enterprise));
  pen.put("\"}");
  if (!message.enterprise.empty()) {
    pen.put(",\"enterprise\":\"");
    pen.put_oid(message.enterprise);
    pen.put('"');
  }
  pen.put(",\"uptime\":");
  pen.put_number(message.uptime);
  pen.put(",\"request_id\":");
  pen.put_number(message.request_id);
  text.down(pen);
}

void put_varbinds(TextBuffer& text, const TrapMessage& message, const MibIndex& mibs) {
  text.put(",\"varbinds\":[");
  bool first = true;
  for (const protocol::VarBind& varbind : message.varbinds) {
    if (!first) text.put(',');
    first = false;
    put_varbind_json(text, varbind, mibs);
  }
  text.put(']');
}

void put_key(TextBuffer& text, const rules::RoutedTrap& event, const Shared& shared) {
  if (!event.verdict.key.empty()) return text.put_escaped(event.verdict.key);
  text.put(shared.agent.view());
  text.put('/');
  text.put_oid(event.message.trap_oid);
}

void put_summary(TextBuffer& text, const rules::RoutedTrap& event, const Shared& shared,
                 const MibIndex& mibs) {
  if (!event.verdict.summary.empty()) return text.put_escaped(event.verdict.summary);
  put_name(text, shared.trap, mibs);
  text.put(" from ");
  text.put(shared.agent.view());
}

void put_tags(TextBuffer& text, std::span<const rules::Tag> tags) {
  text.put("\",\"tags\":{");
  bool first = true;
  for (const rules::Tag& tag : tags) {
    if (!first) text.put(',');
    first = false;
    text.put('"');
    text.put_escaped(tag.name);
    text.put("\":\"");
    text.put_escaped(tag.value);
    text.put('"');
  }
}

void put_rules(TextBuffer& text, std::span<const std::string_view> rules) {
  text.put("},\"rules\":[");
  bool first = true;
  for (const std::string_view rule : rules) {
    if (!first) text.put(',');
    first = false;
    text.put('"');
    text.put_escaped(rule);
    text.put('"');
  }
}

// What was odd about the message, and what the rules did with the event.
void put_flags(TextBuffer& text, const rules::RoutedTrap& event) {
  text.put("],\"flags\":[");
  const protocol::Tolerances odd = event.message.flags;
  const rules::VerdictFlags done = event.verdict.flags;
  if (odd.empty() && done.bits() == 0) return;
  std::string_view gap = "\"";
  const auto put = [&](std::string_view name) {
    text.put(gap);
    text.put(name);
    text.put('"');
    gap = ",\"";
  };
  for (int i = 0; i < protocol::kToleranceCount; ++i) {
    const auto tolerance = static_cast<protocol::Tolerance>(i);
    if (odd.has(tolerance)) put(name_of(tolerance));
  }
  for (int i = 0; i < rules::kVerdictFlagCount; ++i) {
    const auto flag = static_cast<rules::VerdictFlag>(i);
    if (done.has(flag)) put(rules::name_of(flag));
  }
}

// What the device answered, as people read it.
void put_enrichment(TextBuffer& text, std::span<const rules::EnrichedValue> values,
                    const MibIndex& mibs) {
  if (values.empty()) return;
  text.put(",\"enrichment\":{");
  std::string_view open;
  for (const rules::EnrichedValue& value : values) {
    if (value.enrichment != open) {
      if (!open.empty()) text.put("},");
      open = value.enrichment;
      text.put('"');
      text.put(open);
      text.put("\":{");
    } else {
      text.put(',');
    }
    text.put('"');
    text.put(value.member);
    text.put("\":\"");
    put_value_text(text, value.varbind.value, name_of(value.varbind.name, mibs).node, mibs);
    text.put('"');
  }
  text.put("}}");
}

// How often, since when, what began it, what led to it: only where there is something to say.
void put_history(TextBuffer& text, const rules::Verdict& verdict) {
  if (verdict.count != 0) {
    const auto first = rule_time_text(verdict.first_time);
    Pen pen = text.pen(64 + kLongestInteger + kRfc3339Length);
    pen.put(",\"count\":");
    pen.put_number(verdict.count);
    pen.put(",\"first_time\":\"");
    pen.put(std::string_view(first.data(), first.size()));
    pen.put('"');
    text.down(pen);
  }
  if (!verdict.raise_id.empty()) {
    text.put(",\"raise_id\":\"");
    text.put_escaped(verdict.raise_id);
    text.put('"');
  }
  if (verdict.synthetic == rules::Synthetic::none) return;
  text.put(",\"synthetic\":\"");
  text.put(rules::name_of(verdict.synthetic));
  text.put("\",\"causes\":[");
  std::string_view gap = "\"";
  for (const std::string_view cause : verdict.causes) {
    text.put(gap);
    text.put_escaped(cause);
    text.put('"');
    gap = ",\"";
  }
  text.put(']');
}

void put_verdict(TextBuffer& text, const rules::RoutedTrap& event, const Shared& shared,
                 const MibIndex& mibs) {
  text.put(",\"severity\":\"");
  text.put(name_of(event.verdict.severity));
  text.put("\",\"state\":\"");
  text.put(name_of(event.verdict.state));
  text.put("\",\"key\":\"");
  put_key(text, event, shared);
  text.put("\",\"summary\":\"");
  put_summary(text, event, shared, mibs);
  put_tags(text, event.verdict.tags);
  put_rules(text, event.verdict.rules);
  put_flags(text, event);
}

}  // namespace

void append_event_json(const rules::RoutedTrap& event, const MibIndex& mibs, std::string& out) {
  const Shared shared(event, mibs);
  TextBuffer text(out);
  text.put("{\"schema\":1,\"id\":\"");
  text.put_escaped(event.id);
  put_times(text, event);
  put_origin(text, event.message, shared);
  put_security(text, event.message);
  put_notification(text, event.message, shared, mibs);
  put_varbinds(text, event.message, mibs);
  put_verdict(text, event, shared, mibs);
  text.put(']');
  put_enrichment(text, event.verdict.enrichment, mibs);
  put_history(text, event.verdict);
  text.put('}');
}

}  // namespace trapline::sinks
