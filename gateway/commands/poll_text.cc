#include "gateway/commands/poll_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "protocol/mib/mib_index.h"
#include "protocol/mib/text_form.h"
#include "sinks/text_buffer.h"
#include "sinks/value_text.h"
#include "sinks/varbind_json.h"

namespace trapline::gateway {
namespace {

using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::TextForm;

constexpr std::uint64_t kTicksPerSecond = 100;

const Node* node_of(protocol::OidView oid) {
  const auto resolved = MibIndex::built_in().resolve(oid);
  return resolved ? resolved->node : nullptr;
}

std::string name_text(protocol::OidView oid, bool numeric) {
  std::string text;
  if (numeric) {
    text += '.';
    oid.append_to(text);
  } else {
    MibIndex::built_in().append_name(oid, text);
  }
  return text;
}

bool is_blank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_plain(unsigned char c) { return is_blank(c) || (c > ' ' && c < 0x7f); }

bool is_plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_plain(static_cast<unsigned char>(c)); });
}

std::string hex_text(std::string_view octets) {
  std::string text;
  for (const char octet : octets) text += fmt::format("{:02X} ", static_cast<unsigned char>(octet));
  return text;
}

// Line breaks too would let a device write lines of its own into our output.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    out += octet < ' ' || octet == 0x7f ? '.' : c;
  }
  return out;
}

// Text by its MIB object, as it is but for control characters.
std::string text_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view clean = text.substr(0, text.find_first_of("\"\\"));
    base::append_json_escaped(out, clean);
    text.remove_prefix(clean.size());
    if (text.empty()) break;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

std::string octets_line(const PolledVarBind& varbind, const Node* node) {
  const std::string_view text = base::as_text(varbind.content);
  const TextForm form = node == nullptr ? TextForm::guess : node->form;
  if (form == TextForm::text) return "STRING: " + text_line(text);
  if (text.empty()) return "\"\"";
  if (form == TextForm::mac_address || form == TextForm::date_and_time) {
    std::string out = "STRING: ";
    sinks::TextBuffer buffer(out);
    sinks::put_octets(buffer, varbind.content, protocol::mib::form_of(varbind.content, form));
    buffer.flush();
    return out;
  }
  if (!is_plain_text(text)) return "Hex-STRING: " + hex_text(text);
  return "STRING: \"" + escaped(text) + "\"";
}

std::string integer_text(std::int64_t number, const Node* node, bool with_number) {
  const std::string_view label =
      node == nullptr ? std::string_view() : MibIndex::label_of(*node, number);
  if (label.empty()) return std::to_string(number);
  return with_number ? fmt::format("{}({})", label, number) : std::string(label);
}

std::string clock_text(std::uint64_t ticks) {
  const std::uint64_t seconds = ticks / kTicksPerSecond;
  return fmt::format("{}:{:02}:{:02}.{:02}", seconds / 3'600 % 24, seconds / 60 % 60, seconds % 60,
                     ticks % kTicksPerSecond);
}

std::string ticks_line(std::uint64_t ticks) {
  const std::uint64_t days = ticks / kTicksPerSecond / 86'400;
  const std::string before = days == 0   ? ""
                             : days == 1 ? "1 day, "
                                         : std::to_string(days) + " days, ";
  return fmt::format("Timeticks: ({}) {}{}", ticks, before, clock_text(ticks));
}

std::string address_text(const PolledVarBind& varbind) {
  std::string out;
  for (const std::byte octet : varbind.content) {
    out += (out.empty() ? "" : ".") + std::to_string(std::to_integer<unsigned>(octet));
  }
  return out;
}

std::string value_line(const PolledVarBind& varbind, const Node* node, bool numeric) {
  switch (varbind.type) {
    case ValueType::integer32:
      return "INTEGER: " + integer_text(static_cast<std::int64_t>(varbind.number), node, true);
    case ValueType::octet_string: return octets_line(varbind, node);
    case ValueType::null: return "NULL";
    case ValueType::object_identifier:
      return "OID: " + name_text(varbind.view().value.as_oid(), numeric);
    case ValueType::ip_address: return "IpAddress: " + address_text(varbind);
    case ValueType::counter32: return "Counter32: " + std::to_string(varbind.number);
    case ValueType::gauge32: return "Gauge32: " + std::to_string(varbind.number);
    case ValueType::time_ticks: return ticks_line(varbind.number);
    case ValueType::counter64: return "Counter64: " + std::to_string(varbind.number);
    case ValueType::unsigned32: return "UInteger32: " + std::to_string(varbind.number);
    case ValueType::no_such_object: return "No Such Object available on this agent at this OID";
    case ValueType::no_such_instance: return "No Such Instance currently exists at this OID";
    case ValueType::end_of_mib_view:
      return "No more variables left in this MIB View (It is past the end of the MIB tree)";
    case ValueType::opaque: return "OPAQUE: " + hex_text(base::as_text(varbind.content));
    case ValueType::opaque_float:
      return fmt::format("Opaque: Float: {:.6f}", varbind.view().value.as_double());
    case ValueType::opaque_double:
      return fmt::format("Opaque: Float: {:.6f}", varbind.view().value.as_double());
    case ValueType::opaque_int64:
      return "Opaque: Int64: " + std::to_string(varbind.view().value.as_signed());
    case ValueType::opaque_uint64: return "Opaque: UInt64: " + std::to_string(varbind.number);
    case ValueType::raw: break;
  }
  return fmt::format("0x{:02x}: {}", varbind.tag, hex_text(base::as_text(varbind.content)));
}

}  // namespace

std::string varbind_line(const PolledVarBind& varbind, bool numeric) {
  const Node* const node = numeric ? nullptr : node_of(varbind.name);
  return name_text(varbind.name, numeric) + " = " + value_line(varbind, node, numeric);
}

std::string varbind_json(const PolledVarBind& varbind, std::string_view host) {
  std::string out;
  {
    sinks::TextBuffer text(out);
    sinks::put_varbind_json(text, varbind.view(), MibIndex::built_in());
  }
  if (host.empty()) return out;
  std::string with_host = "{\"host\":\"";
  base::append_json_escaped(with_host, host);
  return with_host + "\"," + out.substr(1);
}

std::string cell_text(const PolledVarBind& varbind) {
  const Node* const node = node_of(varbind.name);
  switch (varbind.type) {
    case ValueType::integer32:
      return integer_text(static_cast<std::int64_t>(varbind.number), node, false);
    case ValueType::time_ticks:
      return fmt::format("{}:{}", varbind.number / kTicksPerSecond / 86'400,
                         clock_text(varbind.number));
    case ValueType::null:
    case ValueType::no_such_object:
    case ValueType::no_such_instance:
    case ValueType::end_of_mib_view: return "?";
    default: break;
  }
  std::string out;
  sinks::TextBuffer text(out);
  sinks::put_value_text(text, varbind.view().value, node, MibIndex::built_in());
  text.flush();
  return out;
}

}  // namespace trapline::gateway
