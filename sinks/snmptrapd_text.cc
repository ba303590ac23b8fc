#include "sinks/snmptrapd_text.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "protocol/mib/text_form.h"
#include "sinks/event_name.h"
#include "sinks/text_buffer.h"
#include "sinks/time_text.h"
#include "sinks/value_text.h"

namespace trapline::sinks {
namespace {

using protocol::TrapMessage;
using protocol::Value;
using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::TextForm;

// By generic-trap (RFC 1157 §4.1.6).
constexpr std::array<std::string_view, 7> kGenericTraps = {
    "Cold Start",        "Warm Start",         "Link Down", "Link Up", "Authentication Failure",
    "EGP Neighbor Loss", "Enterprise Specific"};

void put_local_time(TextBuffer& text, base::WallTime time) {
  const time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  tm local{};
  localtime_r(&seconds, &local);
  text.put_number(local.tm_year + 1'900);
  text.put('-');
  text.put_two_digits(static_cast<unsigned>(local.tm_mon + 1));
  text.put('-');
  text.put_two_digits(static_cast<unsigned>(local.tm_mday));
  text.put(' ');
  text.put_two_digits(static_cast<unsigned>(local.tm_hour));
  text.put(':');
  text.put_two_digits(static_cast<unsigned>(local.tm_min));
  text.put(':');
  text.put_two_digits(static_cast<unsigned>(local.tm_sec));
}

void put_endpoint(TextBuffer& text, const base::Endpoint& endpoint) {
  text.put('[');
  text.put(AddressText(endpoint.ip).view());
  text.put("]:");
  text.put_number(endpoint.port);
}

// "UDP: [10.1.2.3]:34567->[10.0.0.1]:162"; the local end is not shown for IPv6.
void put_transport(TextBuffer& text, const TrapMessage& message) {
  text.put(message.peer.ip.is_v4() ? std::string_view("UDP: ") : std::string_view("UDP/IPv6: "));
  put_endpoint(text, message.peer);
  if (!message.peer.ip.is_v4()) return;
  text.put("->");
  put_endpoint(text, message.local);
}

// "IF-MIB::ifIndex.7" when an ancestor has a name, "iso.3.6.1" when only the root has.
const Node* put_object_name(TextBuffer& text, protocol::OidView oid, const MibIndex& mibs) {
  if (const auto found = mibs.resolve(oid)) {
    text.put(found->node->module);
    text.put("::");
    text.put(found->node->label);
    text.put_oid_suffix(found->suffix);
    return found->node;
  }
  if (oid.empty()) {
    text.put("ccitt.0");
    return nullptr;
  }
  constexpr std::array<std::string_view, 3> kRoots = {"ccitt", "iso", "joint-iso-ccitt"};
  const auto both = std::to_integer<unsigned>(oid.content().front());
  text.put(kRoots[both < 80 ? both / 40 : 2]);
  text.put_oid_tail(oid);
  return nullptr;
}

// "00 1B 44 ", a blank behind each octet.
void put_hex_string(TextBuffer& text, base::Bytes octets) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  for (const std::byte octet : octets) {
    text.put(kHexDigits[std::to_integer<unsigned>(octet) >> 4]);
    text.put(kHexDigits[std::to_integer<unsigned>(octet) & 0xf]);
    text.put(' ');
  }
}

bool is_printable_ascii(base::Bytes octets) {
  return std::all_of(octets.begin(), octets.end(), [](std::byte octet) {
    return octet >= std::byte{' '} && octet < std::byte{0x7f};
  });
}

// True for what may stand in a log as it is: nothing in it ends a line or turns its direction.
bool is_harmless(base::Bytes octets) {
  std::string_view text = base::as_text(octets);
  while (true) {
    text.remove_prefix(base::json_clean_prefix(text));
    if (text.empty()) return true;
    if (text.front() != '"' && text.front() != '\\') return false;
    text.remove_prefix(1);
  }
}

// Quotes and backslashes get a backslash in front; the rest is printable.
void put_quoted(TextBuffer& text, base::Bytes octets) {
  text.put('"');
  for (const char c : base::as_text(octets)) {
    if (c == '"' || c == '\\') text.put('\\');
    text.put(c);
  }
  text.put('"');
}

// A MAC address with DISPLAY-HINT "1x:": no leading zeros.
void put_mac_address(TextBuffer& text, base::Bytes octets) {
  bool first = true;
  for (const std::byte octet : octets) {
    if (!first) text.put(':');
    first = false;
    const auto number = std::to_integer<unsigned>(octet);
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    if (number >= 0x10) text.put(kHexDigits[number >> 4]);
    text.put(kHexDigits[number & 0xf]);
  }
}

void put_octet_string(TextBuffer& text, base::Bytes octets, TextForm hint) {
  if (octets.empty() && hint == TextForm::guess) return text.put("\"\"");
  if (hint == TextForm::guess && is_printable_ascii(octets)) {
    text.put("STRING: ");
    return put_quoted(text, octets);
  }
  if (hint == TextForm::text && is_harmless(octets)) {
    text.put("STRING: ");
    return text.put(base::as_text(octets));
  }
  if (hint == TextForm::mac_address) {
    text.put("STRING: ");
    return put_mac_address(text, octets);
  }
  if (form_of(octets, hint) == TextForm::date_and_time) {
    text.put("STRING: ");
    return put_octets(text, octets, TextForm::date_and_time);
  }
  text.put("Hex-STRING: ");
  put_hex_string(text, octets);
}

// snmptrapd prints both floating-point types so, with six decimals.
void put_float(TextBuffer& text, double number) {
  std::array<char, 512> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 std::chars_format::fixed, 6);
  text.put("Opaque: Float: ");
  text.put(std::string_view(digits.data(), end.ptr));
}

void put_typed_number(TextBuffer& text, const Value& value) {
  switch (value.type) {
    case ValueType::counter32: text.put("Counter32: "); break;
    case ValueType::gauge32: text.put("Gauge32: "); break;
    case ValueType::counter64: text.put("Counter64: "); break;
    case ValueType::unsigned32: text.put("UInteger32: "); break;
    default: text.put("Opaque: UInt64: "); break;
  }
  text.put_number(value.number);
}

void put_value(TextBuffer& text, const Value& value, const Node* object, const MibIndex& mibs) {
  switch (value.type) {
    case ValueType::integer32:
      text.put("INTEGER: ");
      return put_value_text(text, value, object, mibs);
    case ValueType::octet_string:
      return put_octet_string(text, value.content,
                              object == nullptr ? TextForm::guess : object->form);
    case ValueType::null: return text.put("NULL");
    case ValueType::object_identifier:
      text.put("OID: ");
      put_object_name(text, value.as_oid(), mibs);
      return;
    case ValueType::ip_address: text.put("IpAddress: "); return put_ipv4(text, value.content);
    case ValueType::time_ticks:
      text.put("Timeticks: (");
      text.put_number(value.number);
      text.put(") ");
      return put_time_ticks(text, static_cast<std::uint32_t>(value.number));
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::counter64:
    case ValueType::unsigned32:
    case ValueType::opaque_uint64: return put_typed_number(text, value);
    case ValueType::opaque_float:
    case ValueType::opaque_double: return put_float(text, value.as_double());
    case ValueType::opaque_int64:
      text.put("Opaque: Int64: ");
      return text.put_number(value.as_signed());
    case ValueType::no_such_object:
      return text.put("No Such Object available on this agent at this OID");
    case ValueType::no_such_instance:
      return text.put("No Such Instance currently exists at this OID");
    case ValueType::end_of_mib_view:
      return text.put(
          "No more variables left in this MIB View (It is past the end of the MIB tree)");
    case ValueType::opaque: text.put("OPAQUE: "); return put_hex_string(text, value.content);
    case ValueType::raw: text.put("Hex-STRING: "); return put_hex_string(text, value.content);
  }
}

void put_varbinds(TextBuffer& text, const TrapMessage& message, const MibIndex& mibs) {
  bool first = true;
  for (const protocol::VarBind& varbind : message.raw_varbinds) {
    if (!first) text.put('\t');
    first = false;
    const Node* const object = put_object_name(text, varbind.name, mibs);
    text.put(" = ");
    put_value(text, varbind.value, object, mibs);
  }
}

void put_v1(TextBuffer& text, const TrapMessage& message, const MibIndex& mibs) {
  const AddressText agent(message.claimed_agent.value_or(base::IpAddress::v4({0, 0, 0, 0})));
  text.put(agent.view());
  text.put(" [");
  text.put(agent.view());
  text.put("] (via ");
  put_transport(text, message);
  text.put(") TRAP, SNMP v1, community ");
  text.put_escaped(message.community);
  text.put("\n\t");
  put_object_name(text, message.enterprise, mibs);
  text.put(' ');
  const auto generic = static_cast<std::size_t>(message.generic.value_or(6));
  text.put(kGenericTraps[std::min(generic, kGenericTraps.size() - 1)]);
  text.put(" Trap (");
  text.put_number(message.specific.value_or(0));
  text.put(") Uptime: ");
  put_time_ticks(text, message.uptime);
  text.put('\n');
  if (message.raw_varbinds.empty()) return;
  text.put('\t');
  put_varbinds(text, message, mibs);
}

}  // namespace

void append_snmptrapd_text(const rules::RoutedTrap& event, const MibIndex& mibs, std::string& out) {
  TextBuffer text(out);
  put_local_time(text, event.message.received_at);
  text.put(' ');
  if (event.message.generic) return put_v1(text, event.message, mibs);
  text.put("<UNKNOWN> [");
  put_transport(text, event.message);
  text.put("]:\n");
  put_varbinds(text, event.message, mibs);
}

}  // namespace trapline::sinks
