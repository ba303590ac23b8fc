#include "rules/varbind_value.h"

#include <array>
#include <charconv>
#include <limits>

#include "protocol/mib/text_form.h"
#include "rules/expression.h"
#include "rules/time_text.h"

namespace trapline::rules {
namespace {

using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::NodeKind;
using protocol::mib::TextForm;

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

unsigned octet_at(base::Bytes octets, std::size_t at) {
  return std::to_integer<unsigned>(octets[at]);
}

Value hex_of(base::Bytes octets, EvaluationScratch& scratch) {
  if (octets.size() > kMaxProducedBytes / 2) return Value::error("this text is too long");
  std::string& text = scratch.text();
  append_hex(octets, text);
  return Value::string(scratch.keep(text));
}

Value integer_of(std::int64_t number, const Node* node) {
  if (node == nullptr || node->labels.empty()) return Value::integer(number);
  const std::string_view label = MibIndex::label_of(*node, number);
  return label.empty() ? Value::integer(number) : Value::enumerated(number, label);
}

Value octets_of(base::Bytes octets, const Node* node, EvaluationScratch& scratch) {
  const TextForm hint = node == nullptr ? TextForm::guess : node->form;
  if (form_of(octets, hint) == TextForm::text) return Value::string(base::as_text(octets));
  return hex_of(octets, scratch);
}

Value address_of(base::Bytes octets, EvaluationScratch& scratch) {
  std::array<std::uint8_t, 4> parts{};
  if (octets.size() != parts.size()) return hex_of(octets, scratch);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = std::to_integer<std::uint8_t>(octets[i]);
  }
  return Value::address(scratch.keep_object(base::IpAddress::v4(parts)));
}

// DateAndTime (RFC 2579 §2).
void append_date_and_time(base::Bytes octets, std::string& out) {
  constexpr std::size_t kDateOctets = 8;
  constexpr std::string_view kSeparators = "--,::.";
  append_number(out, octet_at(octets, 0) << 8 | octet_at(octets, 1));
  for (std::size_t i = 2; i < kDateOctets; ++i) {
    out += kSeparators[i - 2];
    append_number(out, octet_at(octets, i));
  }
  if (octets.size() == kDateOctets) return;
  out += ',';
  out += octet_at(octets, kDateOctets) == '-' ? '-' : '+';
  append_number(out, octet_at(octets, kDateOctets + 1));
  out += ':';
  append_number(out, octet_at(octets, kDateOctets + 2));
}

void append_octets(base::Bytes octets, const Node* node, std::string& out) {
  switch (form_of(octets, node == nullptr ? TextForm::guess : node->form)) {
    case TextForm::text: out += base::as_text(octets); return;
    case TextForm::date_and_time: return append_date_and_time(octets, out);
    case TextForm::mac_address:
      for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i != 0) out += ':';
        append_hex(octets.subspan(i, 1), out);
      }
      return;
    case TextForm::guess:
    case TextForm::hex: return append_hex(octets, out);
  }
}

void append_integer(std::int64_t number, const Node* node, std::string& out) {
  const std::string_view label = node == nullptr ? "" : MibIndex::label_of(*node, number);
  out += label;
  if (!label.empty()) out += '(';
  append_number(out, number);
  if (!label.empty()) out += ')';
}

void append_dotted(base::Bytes octets, std::string& out) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) out += '.';
    append_number(out, octet_at(octets, i));
  }
}

}  // namespace

ObjectName object_of(protocol::OidView oid, const MibIndex& mibs) {
  const auto found = mibs.resolve(oid);
  if (!found || found->node->kind == NodeKind::node) return {};
  return {found->node, found->suffix};
}

Value value_of(const protocol::Value& value, const Node* node, EvaluationScratch& scratch) {
  switch (value.type) {
    case ValueType::integer32: return integer_of(value.as_signed(), node);
    case ValueType::opaque_int64: return Value::integer(value.as_signed());
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::time_ticks:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64:
      return value.number > std::numeric_limits<std::int64_t>::max()
                 ? Value::uint(value.number)
                 : Value::integer(value.as_signed());
    case ValueType::octet_string: return octets_of(value.content, node, scratch);
    case ValueType::object_identifier: return Value::oid(value.as_oid());
    case ValueType::ip_address: return address_of(value.content, scratch);
    case ValueType::opaque:
    case ValueType::raw: return hex_of(value.content, scratch);
    case ValueType::opaque_float:
    case ValueType::opaque_double: return Value::floating(value.as_double());
    case ValueType::null:
    case ValueType::no_such_object:
    case ValueType::no_such_instance:
    case ValueType::end_of_mib_view: return {};
  }
  return {};
}

void append_hex(base::Bytes octets, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte octet : octets) {
    out += kDigits[std::to_integer<unsigned>(octet) >> 4];
    out += kDigits[std::to_integer<unsigned>(octet) & 0xfU];
  }
}

void append_value_text(const protocol::Value& value, const Node* node, const MibIndex& mibs,
                       std::string& out) {
  switch (value.type) {
    case ValueType::integer32: return append_integer(value.as_signed(), node, out);
    case ValueType::opaque_int64: return append_number(out, value.as_signed());
    case ValueType::octet_string: return append_octets(value.content, node, out);
    case ValueType::null: return;
    case ValueType::object_identifier: return mibs.append_name(value.as_oid(), out);
    case ValueType::ip_address: return append_dotted(value.content, out);
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64: return append_number(out, value.number);
    case ValueType::time_ticks:
      return append_time_ticks(static_cast<std::uint32_t>(value.number), out);
    case ValueType::opaque: return append_hex(value.content, out);
    case ValueType::raw: {
      const std::byte identifier{value.tag};
      out += "0x";
      append_hex({&identifier, 1}, out);
      out += ": ";
      return append_hex(value.content, out);
    }
    case ValueType::no_such_object:
    case ValueType::no_such_instance:
    case ValueType::end_of_mib_view: out += protocol::name_of(value.type); return;
    case ValueType::opaque_float: return append_number(out, static_cast<float>(value.as_double()));
    case ValueType::opaque_double: return append_number(out, value.as_double());
  }
}

}  // namespace trapline::rules
