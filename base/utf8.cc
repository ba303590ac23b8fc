#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace trapline::base {
namespace {

constexpr char32_t kHighest = 0x10ffff;

// What a lead octet announces: how many octets, its own bits, and the least code point that needs
// so many.
struct Lead {
  std::size_t octets;
  char32_t bits;
  char32_t least;
};

constexpr Lead lead_of(std::uint8_t octet) {
  if (octet < 0x80) return {1, octet, 0};
  if ((octet & 0xe0) == 0xc0) return {2, octet & 0x1fU, 0x80};
  if ((octet & 0xf0) == 0xe0) return {3, octet & 0x0fU, 0x800};
  if ((octet & 0xf8) == 0xf0) return {4, octet & 0x07U, 0x10000};
  return {0, 0, 0};
}

constexpr bool is_surrogate(char32_t code_point) {
  return code_point >= 0xd800 && code_point <= 0xdfff;
}

// True for eight octets that are all ASCII, no control character and not DEL.
bool is_plain_ascii(std::uint64_t octets) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kTops = 0x8080808080808080;
  const std::uint64_t below_space = octets - kOnes * 0x20;
  const std::uint64_t del = (octets ^ (kOnes * 0x7f)) - kOnes;
  return ((octets | below_space | del) & kTops) == 0;
}

}  // namespace

Utf8Character first_utf8_character(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = lead_of(static_cast<std::uint8_t>(text.front()));
  if (lead.octets == 0 || lead.octets > text.size()) return {};
  char32_t code_point = lead.bits;
  for (std::size_t i = 1; i < lead.octets; ++i) {
    const auto octet = static_cast<std::uint8_t>(text[i]);
    if ((octet & 0xc0) != 0x80) return {};
    code_point = (code_point << 6) | (octet & 0x3fU);
  }
  if (code_point < lead.least || code_point > kHighest || is_surrogate(code_point)) return {};
  return {code_point, lead.octets};
}

namespace {

// True when all of `text` is valid and no character is one that `refuse` names. Runs of plain ASCII
// are passed over eight octets at a time.
template <class Refuse>
bool all_characters(std::string_view text, Refuse refuse) {
  while (!text.empty()) {
    std::uint64_t octets = 0;
    if (text.size() >= sizeof octets) {
      std::memcpy(&octets, text.data(), sizeof octets);
      if (is_plain_ascii(octets)) {
        text.remove_prefix(sizeof octets);
        continue;
      }
    }
    const Utf8Character character = first_utf8_character(text);
    if (character.octets == 0 || refuse(character.code_point)) return false;
    text.remove_prefix(character.octets);
  }
  return true;
}

}  // namespace

std::size_t utf8_floor(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  std::size_t end = most;
  while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return end;
}

bool is_utf8(std::string_view text) {
  return all_characters(text, [](char32_t) { return false; });
}

bool is_printable_utf8(std::string_view text) {
  return all_characters(text, [](char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); });
}

}  // namespace trapline::base
