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

void put_times(TextBuffer& text, const TrapMessage& message) {
  const auto written = rfc3339(message.received_at);
  const std::string_view time(written.data(), written.size());
  Pen pen = text.pen(64 + 2 * kRfc3339Length);
  pen.put("\",\"time\":\"");
  pen.put(time);
  pen.put("\",\"received_at\":\"");
  pen.put(time);
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

void put_flags(TextBuffer& text, protocol::Tolerances flags) {
  text.put("],\"flags\":[");
  bool first = true;
  for (int i = 0; !flags.empty() && i < protocol::kToleranceCount; ++i) {
    const auto tolerance = static_cast<protocol::Tolerance>(i);
    if (!flags.has(tolerance)) continue;
    if (!first) text.put(',');
    first = false;
    text.put('"');
    text.put(name_of(tolerance));
    text.put('"');
  }
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
  put_flags(text, event.message.flags);
}

}  // namespace

void append_event_json(const rules::RoutedTrap& event, const MibIndex& mibs, std::string& out) {
  const Shared shared(event, mibs);
  TextBuffer text(out);
  text.put("{\"schema\":1,\"id\":\"");
  text.put_escaped(event.id);
  put_times(text, event.message);
  put_origin(text, event.message, shared);
  put_security(text, event.message);
  put_notification(text, event.message, shared, mibs);
  put_varbinds(text, event.message, mibs);
  put_verdict(text, event, shared, mibs);
  text.put("]}");
}

}  // namespace trapline::sinks
