#include "sinks/event_text.h"

#include "protocol/mib/text_form.h"
#include "sinks/event_name.h"
#include "sinks/text_buffer.h"
#include "sinks/time_text.h"
#include "sinks/value_text.h"

namespace trapline::sinks {
namespace {

using protocol::Value;
using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::TextForm;

// True for what could hold a blank or be empty, and so needs quotes to be one word.
bool is_free_text(const Value& value, const Node* object) {
  if (value.type == ValueType::time_ticks || value.type == ValueType::null) return true;
  if (value.type != ValueType::octet_string) return false;
  const TextForm hint = object == nullptr ? TextForm::guess : object->form;
  return form_of(value.content, hint) == TextForm::text || value.content.empty();
}

void put_varbind(TextBuffer& text, const protocol::VarBind& varbind, const MibIndex& mibs) {
  text.put(' ');
  const Name name = name_of(varbind.name, mibs);
  put_short_name(text, name, mibs);
  text.put('=');
  const bool quoted = is_free_text(varbind.value, name.node);
  if (quoted) text.put('"');
  put_value_text(text, varbind.value, name.node, mibs);
  if (quoted) text.put('"');
}

}  // namespace

void append_event_text(const rules::RoutedTrap& event, const MibIndex& mibs, std::string& out) {
  TextBuffer text(out);
  put_rfc3339(text, event.message.received_at);
  text.put(' ');
  text.put(name_of(event.verdict.severity));
  text.put(' ');
  if (event.verdict.state != rules::State::event) {
    text.put(name_of(event.verdict.state));
    text.put(' ');
  }
  text.put(AddressText(event.message.agent).view());
  text.put(' ');
  put_name(text, name_of(event.message.trap_oid, mibs), mibs);
  if (!event.verdict.summary.empty()) {
    text.put(" \"");
    text.put_escaped(event.verdict.summary);
    text.put('"');
  }
  for (const protocol::VarBind& varbind : event.message.varbinds) {
    put_varbind(text, varbind, mibs);
  }
  text.put(" id=");
  text.put_escaped(event.id);
}

}  // namespace trapline::sinks
