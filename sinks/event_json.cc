#include "sinks/event_json.h"

#include <cmath>

#include "base/utf8.h"
#include "protocol/tolerance.h"
#include "sinks/event_name.h"
#include "sinks/text_buffer.h"
#include "sinks/time_text.h"
#include "sinks/value_text.h"

namespace trapline::sinks {
namespace {

using protocol::TrapMessage;
using protocol::Value;
using protocol::ValueType;
using protocol::VarBind;
using protocol::mib::MibIndex;
using protocol::mib::TextForm;

constexpr std::int64_t kHighestExact = 1LL << 53;  // beyond it, a reader's double would round

void put_signed(TextBuffer& text, std::int64_t number) {
  const bool exact = number <= kHighestExact && number >= -kHighestExact;
  if (!exact) text.put('"');
  text.put_number(number);
  if (!exact) text.put('"');
}

void put_unsigned(TextBuffer& text, std::uint64_t number) {
  const bool exact = number <= static_cast<std::uint64_t>(kHighestExact);
  if (!exact) text.put('"');
  text.put_number(number);
  if (!exact) text.put('"');
}

void put_float(TextBuffer& text, double number, bool single) {
  if (!std::isfinite(number)) {
    text.put("null");
  } else if (single) {
    text.put_number(static_cast<float>(number));
  } else {
    text.put_number(number);
  }
}

// The members `value` and `text` of an octet string, and `hex` where the text can't be turned back.
void put_octet_string(TextBuffer& text, base::Bytes octets, const protocol::mib::Node* object) {
  const TextForm form = form_of(octets, object == nullptr ? TextForm::guess : object->form);
  text.put("\"value\":\"");
  if (form == TextForm::text) {
    text.put_escaped(base::as_text(octets));
  } else {
    text.put_hex(octets);
  }
  text.put("\",\"text\":\"");
  put_octets(text, octets, form);
  text.put('"');
  if (form == TextForm::text && base::is_utf8(base::as_text(octets))) return;
  text.put(",\"hex\":\"");
  text.put_hex(octets);
  text.put('"');
}

// The member `value`, for every type but octet strings.
void put_plain_value(TextBuffer& text, const Value& value) {
  switch (value.type) {
    case ValueType::integer32:
    case ValueType::opaque_int64: return put_signed(text, value.as_signed());
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::time_ticks:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64: return put_unsigned(text, value.number);
    case ValueType::opaque_float: return put_float(text, value.as_double(), true);
    case ValueType::opaque_double: return put_float(text, value.as_double(), false);
    case ValueType::null:
    case ValueType::no_such_object:
    case ValueType::no_such_instance:
    case ValueType::end_of_mib_view: return text.put("null");
    case ValueType::object_identifier:
      text.put('"');
      text.put_oid(value.as_oid());
      return text.put('"');
    case ValueType::ip_address:
      text.put('"');
      put_ipv4(text, value.content);
      return text.put('"');
    case ValueType::octet_string:
    case ValueType::opaque:
    case ValueType::raw:
      text.put('"');
      text.put_hex(value.content);
      return text.put('"');
  }
}

void put_value(TextBuffer& text, const Value& value, const protocol::mib::Node* object,
               const MibIndex& mibs) {
  if (value.type == ValueType::octet_string) {
    return put_octet_string(text, value.content, object);
  }
  text.put("\"value\":");
  put_plain_value(text, value);
  text.put(",\"text\":\"");
  put_value_text(text, value, object, mibs);
  text.put('"');
  if (value.type == ValueType::integer32 && object != nullptr) {
    const std::string_view label = MibIndex::label_of(*object, value.as_signed());
    if (!label.empty()) {
      text.put(",\"label\":\"");
      text.put(label);
      text.put('"');
    }
  }
  if (value.type == ValueType::opaque || value.type == ValueType::raw) {
    text.put(",\"hex\":\"");
    text.put_hex(value.content);
    text.put('"');
  }
}

void put_varbind(TextBuffer& text, const VarBind& varbind, const MibIndex& mibs) {
  text.put("{\"oid\":\"");
  text.put_oid(varbind.name);
  text.put("\",\"name\":\"");
  const protocol::mib::Node* const object = put_short_name(text, varbind.name, mibs);
  text.put("\",\"type\":\"");
  text.put(name_of(varbind.value.type));
  text.put("\",");
  put_value(text, varbind.value, object, mibs);
  text.put('}');
}

void put_origin(TextBuffer& text, const TrapMessage& message) {
  text.put(",\"listener\":\"");
  text.put_escaped(message.listener);
  text.put("\",\"peer\":{\"ip\":\"");
  put_address(text, message.peer.ip);
  text.put("\",\"port\":");
  text.put_number(message.peer.port);
  text.put("},\"agent\":{\"ip\":\"");
  put_address(text, message.agent);
  text.put("\",\"via\":\"");
  text.put(name_of(message.agent_via));
  text.put("\"},\"version\":\"");
  text.put(name_of(message.version));
  text.put("\",\"pdu\":\"");
  text.put(name_of(message.pdu));
  text.put('"');
}

void put_security(TextBuffer& text, const TrapMessage& message) {
  const bool v3 = message.version == protocol::Version::v3;
  text.put(",\"security\":{\"name\":\"");
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

void put_notification(TextBuffer& text, const TrapMessage& message, const MibIndex& mibs) {
  text.put(",\"trap\":{\"oid\":\"");
  text.put_oid(message.trap_oid);
  text.put("\",\"name\":\"");
  const protocol::mib::Node* const trap = put_name(text, message.trap_oid, mibs);
  text.put("\",\"module\":\"");
  if (trap != nullptr) text.put(trap->module);
  text.put("\"}");
  if (!message.enterprise.empty()) {
    text.put(",\"enterprise\":\"");
    text.put_oid(message.enterprise);
    text.put('"');
  }
  text.put(",\"uptime\":");
  text.put_number(message.uptime);
  text.put(",\"request_id\":");
  text.put_number(message.request_id);
}

void put_varbinds(TextBuffer& text, const TrapMessage& message, const MibIndex& mibs) {
  text.put(",\"varbinds\":[");
  bool first = true;
  for (const VarBind& varbind : message.varbinds) {
    if (!first) text.put(',');
    first = false;
    put_varbind(text, varbind, mibs);
  }
  text.put(']');
}

void put_key(TextBuffer& text, const rules::RoutedTrap& event) {
  if (!event.verdict.key.empty()) return text.put_escaped(event.verdict.key);
  put_address(text, event.message.agent);
  text.put('/');
  text.put_oid(event.message.trap_oid);
}

void put_summary(TextBuffer& text, const rules::RoutedTrap& event, const MibIndex& mibs) {
  if (!event.verdict.summary.empty()) return text.put_escaped(event.verdict.summary);
  put_name(text, event.message.trap_oid, mibs);
  text.put(" from ");
  put_address(text, event.message.agent);
}

void put_tags(TextBuffer& text, std::span<const rules::Tag> tags) {
  text.put(",\"tags\":{");
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
  text.put('}');
}

void put_rules(TextBuffer& text, std::span<const std::string_view> rules) {
  text.put(",\"rules\":[");
  bool first = true;
  for (const std::string_view rule : rules) {
    if (!first) text.put(',');
    first = false;
    text.put('"');
    text.put_escaped(rule);
    text.put('"');
  }
  text.put(']');
}

void put_flags(TextBuffer& text, protocol::Tolerances flags) {
  text.put(",\"flags\":[");
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
  text.put(']');
}

void put_verdict(TextBuffer& text, const rules::RoutedTrap& event, const MibIndex& mibs) {
  text.put(",\"severity\":\"");
  text.put(name_of(event.verdict.severity));
  text.put("\",\"state\":\"");
  text.put(name_of(event.verdict.state));
  text.put("\",\"key\":\"");
  put_key(text, event);
  text.put("\",\"summary\":\"");
  put_summary(text, event, mibs);
  text.put('"');
  put_tags(text, event.verdict.tags);
  put_rules(text, event.verdict.rules);
  put_flags(text, event.message.flags);
}

}  // namespace

void append_event_json(const rules::RoutedTrap& event, const MibIndex& mibs, std::string& out) {
  TextBuffer text(out);
  text.put("{\"schema\":1,\"id\":\"");
  text.put_escaped(event.id);
  text.put("\",\"time\":\"");
  put_rfc3339(text, event.message.received_at);
  text.put("\",\"received_at\":\"");
  put_rfc3339(text, event.message.received_at);
  text.put('"');
  put_origin(text, event.message);
  put_security(text, event.message);
  put_notification(text, event.message, mibs);
  put_varbinds(text, event.message, mibs);
  put_verdict(text, event, mibs);
  text.put('}');
}

}  // namespace trapline::sinks
