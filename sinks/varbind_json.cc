#include "sinks/varbind_json.h"

#include <cmath>

#include "base/utf8.h"
#include "protocol/mib/text_form.h"
#include "sinks/event_name.h"
#include "sinks/value_text.h"

namespace trapline::sinks {
namespace {

using protocol::Value;
using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::TextForm;

constexpr std::int64_t kHighestExact = 1LL << 53;  // beyond it, a reader's double would round

// The members `value`, `text` and `label` of an integer.
void put_integer(TextBuffer& text, std::int64_t number, const Node* object) {
  const std::string_view label =
      object == nullptr ? std::string_view{} : MibIndex::label_of(*object, number);
  const bool exact = number <= kHighestExact && number >= -kHighestExact;
  Pen pen = text.pen(64 + 2 * kLongestInteger + 2 * label.size());
  pen.put("\"value\":");
  if (!exact) pen.put('"');
  pen.put_number(number);
  if (!exact) pen.put('"');
  pen.put(",\"text\":\"");
  if (label.empty()) {
    pen.put_number(number);
    pen.put('"');
  } else {
    pen.put(label);
    pen.put('(');
    pen.put_number(number);
    pen.put(")\",\"label\":\"");
    pen.put(label);
    pen.put('"');
  }
  text.down(pen);
}

// The members `value` and `text` of a counter or gauge.
void put_counter(TextBuffer& text, std::uint64_t number) {
  const bool exact = number <= static_cast<std::uint64_t>(kHighestExact);
  Pen pen = text.pen(64 + 2 * kLongestInteger);
  pen.put("\"value\":");
  if (!exact) pen.put('"');
  pen.put_number(number);
  if (!exact) pen.put('"');
  pen.put(",\"text\":\"");
  pen.put_number(number);
  pen.put('"');
  text.down(pen);
}

void put_hex_member(TextBuffer& text, base::Bytes octets) {
  text.put(",\"hex\":\"");
  text.put_hex(octets);
  text.put('"');
}

// The members `value` and `text` of an octet string, and `hex` where the text can't be turned back.
void put_octet_string(TextBuffer& text, base::Bytes octets, const Node* object) {
  const TextForm hint = object == nullptr ? TextForm::guess : object->form;
  const TextForm form = form_of(octets, hint);
  text.put("\"value\":\"");
  if (form == TextForm::text) {
    text.put_escaped(base::as_text(octets));
  } else {
    text.put_hex(octets);
  }
  text.put("\",\"text\":\"");
  put_octets(text, octets, form);
  text.put('"');
  // What was taken for text is UTF-8; what the MIB calls text need not be.
  const bool reads_back = hint == TextForm::guess || base::is_utf8(base::as_text(octets));
  if (form != TextForm::text || !reads_back) put_hex_member(text, octets);
}

void put_float(TextBuffer& text, const Value& value) {
  const double number = value.as_double();
  if (!std::isfinite(number)) return text.put("null");
  if (value.type == ValueType::opaque_double) return text.put_number(number);
  text.put_number(static_cast<float>(number));
}

// The member `value` of the types above is not for here: this is for those that are seldom met.
void put_seldom_value(TextBuffer& text, const Value& value) {
  switch (value.type) {
    case ValueType::time_ticks: return text.put_number(value.number);
    case ValueType::opaque_float:
    case ValueType::opaque_double: return put_float(text, value);
    case ValueType::object_identifier:
      text.put('"');
      text.put_oid(value.as_oid());
      return text.put('"');
    case ValueType::ip_address:
      text.put('"');
      put_ipv4(text, value.content);
      return text.put('"');
    case ValueType::opaque:
    case ValueType::raw:
      text.put('"');
      text.put_hex(value.content);
      return text.put('"');
    default: return text.put("null");  // NULL and the exceptions
  }
}

void put_value(TextBuffer& text, const Value& value, const Node* object, const MibIndex& mibs) {
  switch (value.type) {
    case ValueType::integer32: return put_integer(text, value.as_signed(), object);
    case ValueType::opaque_int64: return put_integer(text, value.as_signed(), nullptr);
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64: return put_counter(text, value.number);
    case ValueType::octet_string: return put_octet_string(text, value.content, object);
    default: break;
  }
  text.put("\"value\":");
  put_seldom_value(text, value);
  text.put(",\"text\":\"");
  put_value_text(text, value, object, mibs);
  text.put('"');
  const bool undecoded = value.type == ValueType::opaque || value.type == ValueType::raw;
  if (undecoded) put_hex_member(text, value.content);
}

}  // namespace

void put_varbind_json(TextBuffer& text, const protocol::VarBind& varbind, const MibIndex& mibs) {
  const Name name = name_of(varbind.name, mibs);
  Pen pen = text.pen(32 + oid_text_bound(varbind.name));
  pen.put("{\"oid\":\"");
  pen.put_oid(varbind.name);
  pen.put("\",\"name\":\"");
  text.down(pen);
  put_short_name(text, name, mibs);
  const std::string_view type = name_of(varbind.value.type);
  pen = text.pen(32 + type.size());
  pen.put("\",\"type\":\"");
  pen.put(type);
  pen.put("\",");
  text.down(pen);
  put_value(text, varbind.value, name.node, mibs);
  text.put('}');
}

}  // namespace trapline::sinks
