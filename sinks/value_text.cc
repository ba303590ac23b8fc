#include "sinks/value_text.h"

#include "protocol/mib/text_form.h"
#include "sinks/time_text.h"

namespace trapline::sinks {
namespace {

using protocol::Value;
using protocol::ValueType;
using protocol::mib::TextForm;

constexpr std::size_t kDateOctets = 8;
constexpr std::size_t kDateWithZoneOctets = 11;
constexpr std::size_t kDirectionOctet = 8;

unsigned octet_at(base::Bytes octets, std::size_t at) {
  return std::to_integer<unsigned>(octets[at]);
}

// DateAndTime (RFC 2579 §2): year in two octets, month, day, hour, minute, second, deci-seconds,
// and perhaps the direction, hours and minutes from UTC.
void put_date_and_time(TextBuffer& text, base::Bytes octets) {
  constexpr std::string_view kSeparators = "--,::.";
  text.put_number(octet_at(octets, 0) << 8 | octet_at(octets, 1));
  for (std::size_t i = 2; i < kDateOctets; ++i) {
    text.put(kSeparators[i - 2]);
    text.put_number(octet_at(octets, i));
  }
  if (octets.size() < kDateWithZoneOctets) return;
  text.put(',');
  text.put(octet_at(octets, kDirectionOctet) == '-' ? '-' : '+');
  text.put_number(octet_at(octets, kDirectionOctet + 1));
  text.put(':');
  text.put_number(octet_at(octets, kDirectionOctet + 2));
}

void put_colons(TextBuffer& text, base::Bytes octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) text.put(':');
    text.put_hex(octets.subspan(i, 1));
  }
}

void put_integer(TextBuffer& text, std::int64_t number, const protocol::mib::Node* node) {
  const std::string_view label =
      node == nullptr ? std::string_view{} : protocol::mib::MibIndex::label_of(*node, number);
  if (label.empty()) {
    text.put_number(number);
    return;
  }
  text.put(label);
  text.put('(');
  text.put_number(number);
  text.put(')');
}

// What was kept undecoded: its identifier octet, then its content.
void put_raw(TextBuffer& text, const Value& value) {
  const std::byte identifier{value.tag};
  text.put("0x");
  text.put_hex({&identifier, 1});
  text.put(": ");
  text.put_hex(value.content);
}

}  // namespace

void put_octets(TextBuffer& text, base::Bytes octets, TextForm form) {
  switch (form) {
    case TextForm::text: return text.put_escaped(base::as_text(octets));
    case TextForm::mac_address: return put_colons(text, octets);
    case TextForm::date_and_time: return put_date_and_time(text, octets);
    case TextForm::guess:
    case TextForm::hex: return text.put_hex(octets);
  }
}

void put_ipv4(TextBuffer& text, base::Bytes octets) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) text.put('.');
    text.put_number(octet_at(octets, i));
  }
}

void put_value_text(TextBuffer& text, const Value& value, const protocol::mib::Node* node,
                    const protocol::mib::MibIndex& mibs) {
  switch (value.type) {
    case ValueType::integer32: return put_integer(text, value.as_signed(), node);
    case ValueType::octet_string: {
      const TextForm hint = node == nullptr ? TextForm::guess : node->form;
      return put_octets(text, value.content, form_of(value.content, hint));
    }
    case ValueType::null: return;
    case ValueType::object_identifier: return mibs.append_name(value.as_oid(), text.out());
    case ValueType::ip_address: return put_ipv4(text, value.content);
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64: return text.put_number(value.number);
    case ValueType::time_ticks:
      return put_time_ticks(text, static_cast<std::uint32_t>(value.number));
    case ValueType::opaque: return text.put_hex(value.content);
    case ValueType::raw: return put_raw(text, value);
    case ValueType::no_such_object:
    case ValueType::no_such_instance:
    case ValueType::end_of_mib_view: return text.put(name_of(value.type));
    case ValueType::opaque_float: return text.put_number(static_cast<float>(value.as_double()));
    case ValueType::opaque_double: return text.put_number(value.as_double());
    case ValueType::opaque_int64: return text.put_number(value.as_signed());
  }
}

}  // namespace trapline::sinks
