#include "sinks/pen.h"

#include <algorithm>
#include <array>

namespace trapline::sinks {
namespace {

constexpr unsigned kFirstOfTwo = 40;  // the first octet is 40 * first arc + second (X.690 §8.19.4)

// A sub-identifier of one octet as text, the dot in front.
struct ArcText {
  std::array<char, kOidTextPerOctet> text{};
  std::uint32_t size = 0;
};

constexpr std::array<ArcText, 128> kShortArcs = [] {
  std::array<ArcText, 128> arcs{};
  for (unsigned number = 0; number < arcs.size(); ++number) {
    ArcText& arc = arcs[number];
    arc.text[arc.size++] = '.';
    if (number >= 100) arc.text[arc.size++] = static_cast<char>('0' + number / 100);
    if (number >= 10) arc.text[arc.size++] = static_cast<char>('0' + number / 10 % 10);
    arc.text[arc.size++] = static_cast<char>('0' + number % 10);
  }
  return arcs;
}();

constexpr unsigned first_arc(unsigned both) { return std::min(both / kFirstOfTwo, 2U); }

char* write_arc(char* at, std::uint32_t number) {
  if (number < kShortArcs.size()) {
    const ArcText& arc = kShortArcs[number];
    std::memcpy(at, arc.text.data(), arc.text.size());
    return at + arc.size;
  }
  Pen pen{at};
  pen.put('.');
  pen.put_number(number);
  return pen.at;
}

}  // namespace

char* write_oid(char* at, protocol::OidView oid) {
  if (oid.empty()) {
    Pen pen{at};
    pen.put("0.0");
    return pen.at;
  }
  // An octet with its top bit set begins a number of 128 and more, which is below arc 2.
  *at++ = static_cast<char>('0' + first_arc(std::to_integer<unsigned>(oid.content().front())));
  return write_oid_tail(at, oid);
}

char* write_oid_tail(char* at, protocol::OidView oid) {
  std::uint32_t both = 0;
  std::size_t octets = 0;
  for (const std::byte part : oid.content()) {
    both = (both << 7) | (std::to_integer<std::uint32_t>(part) & 0x7f);
    ++octets;
    if (part < std::byte{0x80}) break;
  }
  at = write_arc(at, both - first_arc(both) * kFirstOfTwo);
  return write_oid_suffix(at, oid.suffix(octets));
}

char* write_oid_suffix(char* at, protocol::OidView suffix) {
  std::uint32_t number = 0;
  for (const std::byte part : suffix.content()) {
    const auto octet = std::to_integer<std::uint32_t>(part);
    number = (number << 7) | (octet & 0x7f);
    if (octet >= 0x80) continue;
    at = write_arc(at, number);
    number = 0;
  }
  return at;
}

char* write_hex(char* at, base::Bytes octets) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  for (const std::byte octet : octets) {
    *at++ = kHexDigits[std::to_integer<unsigned>(octet) >> 4];
    *at++ = kHexDigits[std::to_integer<unsigned>(octet) & 0xf];
  }
  return at;
}

}  // namespace trapline::sinks
