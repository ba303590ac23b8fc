#include "gateway/commands/varbind_argument.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>

#include "base/ip_address.h"
#include "gateway/commands/hex_text.h"

namespace trapline::gateway {
namespace {

using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::Node;
using protocol::mib::TextForm;

// One value being read; functions return false and leave `problem` when it is not of their type.
struct ValueReader {
  std::string_view text;
  const Node* node;
  const MibIndex& mibs;
  VarBindArgument& out;
  std::string problem;

  bool expect(std::string_view what) {
    problem = "`" + std::string(text) + "` is not " + std::string(what);
    return false;
  }
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

bool read_integer(ValueReader& value) {
  value.out.type = ValueType::integer32;
  auto number = parse_number<std::int32_t>(value.text);
  if (!number && value.node != nullptr) {
    const auto& labels = value.node->labels;
    const auto label = std::ranges::find(labels, value.text, &protocol::mib::EnumLabel::label);
    if (label != labels.end()) number = static_cast<std::int32_t>(label->number);
  }
  if (!number) return value.expect("a whole number from -2147483648 to 2147483647, nor its name");
  value.out.number = static_cast<std::uint64_t>(static_cast<std::int64_t>(*number));
  return true;
}

template <class Number>
bool read_number(ValueReader& value, ValueType type, std::string_view what) {
  const auto number = parse_number<Number>(value.text);
  if (!number) return value.expect(what);
  value.out.type = type;
  value.out.number = static_cast<std::uint64_t>(*number);
  return true;
}

bool read_floating(ValueReader& value, ValueType type) {
  const auto number = parse_number<double>(value.text);
  if (!number) return value.expect("a number");
  value.out.type = type;
  value.out.number = std::bit_cast<std::uint64_t>(*number);
  return true;
}

bool read_address(ValueReader& value) {
  const auto address = base::IpAddress::parse(value.text);
  if (!address || !address->is_v4()) return value.expect("an IPv4 address like 192.0.2.1");
  value.out.type = ValueType::ip_address;
  for (const std::uint8_t octet : address->v4_octets()) {
    value.out.content.push_back(std::byte{octet});
  }
  return true;
}

bool read_oid(ValueReader& value) {
  const auto oid = value.mibs.parse(value.text);
  if (!oid) return value.expect("an OID like 1.3.6.1.2.1.1.1.0, nor a name the built-in MIB knows");
  const base::Bytes content = oid->view().content();
  value.out.type = ValueType::object_identifier;
  value.out.content.assign(content.begin(), content.end());
  return true;
}

bool read_text(ValueReader& value) {
  const base::Bytes octets = base::as_bytes(value.text);
  value.out.type = ValueType::octet_string;
  value.out.content.assign(octets.begin(), octets.end());
  return true;
}

bool read_hex(ValueReader& value) {
  auto octets = parse_hex(value.text);
  if (!octets) return value.expect("hexadecimal, like `00 1b 44 11 3a b7` or 001b44113ab7");
  value.out.type = ValueType::octet_string;
  value.out.content = std::move(*octets);
  return true;
}

// Numbers separated by blanks, commas or dots; nothing when one is above `highest`.
std::optional<std::vector<unsigned>> parse_numbers(std::string_view text, unsigned highest) {
  constexpr std::string_view kSeparators = " \t,.";
  std::vector<unsigned> numbers;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find_first_of(kSeparators));
    const auto number = parse_number<unsigned>(item);
    if (!item.empty() && (!number || *number > highest)) return std::nullopt;
    if (!item.empty()) numbers.push_back(*number);
    text.remove_prefix(std::min(text.size(), item.size() + 1));
  }
  return numbers;
}

bool read_decimal(ValueReader& value) {
  const auto numbers = parse_numbers(value.text, 255);
  if (!numbers) return value.expect("a list of octets in decimal, like `65 66 67`");
  value.out.type = ValueType::octet_string;
  for (const unsigned number : *numbers) {
    value.out.content.push_back(static_cast<std::byte>(number));
  }
  return true;
}

// BITS (RFC 3416 §8 (4)): bit 0 is the first octet's most significant.
bool read_bits(ValueReader& value) {
  constexpr unsigned kHighestBit = 4'095;
  const auto numbers = parse_numbers(value.text, kHighestBit);
  if (!numbers) return value.expect("a list of bit numbers, like `0 3 12`");
  std::vector<std::byte>& octets = value.out.content;
  value.out.type = ValueType::octet_string;
  for (const unsigned bit : *numbers) {
    if (octets.size() <= bit / 8) octets.resize(bit / 8 + 1);
    octets[bit / 8] |= std::byte{0x80} >> (bit % 8);
  }
  return true;
}

bool read_by_mib(ValueReader& value) {
  if (value.node != nullptr && !value.node->labels.empty()) return read_integer(value);
  const TextForm form = value.node == nullptr ? TextForm::guess : value.node->form;
  if (form == TextForm::text) return read_text(value);
  if (form == TextForm::hex || form == TextForm::mac_address) return read_hex(value);
  value.problem = "the built-in MIB does not know its type: give a letter in place of `=`";
  return false;
}

bool read_value(ValueReader& value, char letter) {
  constexpr std::string_view kWhole32 = "a whole number from 0 to 4294967295";
  constexpr std::string_view kWhole64 = "a whole number from 0 to 18446744073709551615";
  switch (letter) {
    case 'i': return read_integer(value);
    case 'u': return read_number<std::uint32_t>(value, ValueType::gauge32, kWhole32);
    case 'c': return read_number<std::uint32_t>(value, ValueType::counter32, kWhole32);
    case 'C': return read_number<std::uint64_t>(value, ValueType::counter64, kWhole64);
    case 't': return read_number<std::uint32_t>(value, ValueType::time_ticks, kWhole32);
    case 'I': return read_number<std::int64_t>(value, ValueType::opaque_int64, "a 64-bit number");
    case 'U': return read_number<std::uint64_t>(value, ValueType::opaque_uint64, kWhole64);
    case 'F': return read_floating(value, ValueType::opaque_float);
    case 'D': return read_floating(value, ValueType::opaque_double);
    case 'a': return read_address(value);
    case 'o': return read_oid(value);
    case 's': return read_text(value);
    case 'x': return read_hex(value);
    case 'd': return read_decimal(value);
    case 'b': return read_bits(value);
    case 'n': value.out.type = ValueType::null; return true;
    case '=': return read_by_mib(value);
    default: value.problem = "unknown type letter"; return false;
  }
}

}  // namespace

protocol::VarBind VarBindArgument::view() const {
  protocol::VarBind varbind;
  varbind.name = name.view();
  varbind.value.type = type;
  varbind.value.number = number;
  varbind.value.content = base::Bytes(content);
  return varbind;
}

base::Result<VarBindArgument, std::string> parse_varbind_argument(std::string_view name,
                                                                  std::string_view type,
                                                                  std::string_view value,
                                                                  const MibIndex& mibs) {
  const auto oid = mibs.parse(name);
  if (!oid) {
    return "`" + std::string(name) +
           "` is not a name the built-in MIB knows: write its OID, like 1.3.6.1.2.1.2.2.1.1.7";
  }
  VarBindArgument out;
  out.name = *oid;
  if (type.size() != 1) {
    return "`" + std::string(type) + "` behind `" + std::string(name) +
           "` is not a type: one letter of i u c C t a o s x d b n I U F D, or =";
  }
  const auto resolved = mibs.resolve(out.name);
  ValueReader reader{value, resolved ? resolved->node : nullptr, mibs, out, {}};
  if (read_value(reader, type.front())) return out;
  return std::string(name) + " " + std::string(type) + ": " + reader.problem;
}

}  // namespace trapline::gateway
