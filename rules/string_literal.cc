#include "rules/string_literal.h"

#include <cstdint>
#include <string_view>

namespace trapline::rules {
namespace {

constexpr std::string_view kEscapes = "abfnrtv\\?\"'`";
constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'`";
constexpr char32_t kLastCharacter = 0x10ffff;

// The value of a digit; 16 for what is none.
unsigned digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

// Reads exactly `count` digits at `at` and appends the character they number.
bool append_numbered(std::string_view text, std::size_t& at, std::size_t count, unsigned base,
                     std::string& out) {
  char32_t character = 0;
  for (std::size_t i = 0; i < count; ++i, ++at) {
    const unsigned digit = at < text.size() ? digit_value(text[at]) : base;
    if (digit >= base) return false;
    character = character * base + digit;
  }
  if (character > kLastCharacter || (character >= 0xd800 && character <= 0xdfff)) return false;
  append_utf8(character, out);
  return true;
}

// Reads the escape whose letter stands at `at`.
bool append_escape(std::string_view text, std::size_t& at, std::string& out) {
  if (at == text.size()) return false;
  const char letter = text[at];
  if (const std::size_t known = kEscapes.find(letter); known != std::string_view::npos) {
    out += kMeanings[known];
    ++at;
    return true;
  }
  if (letter >= '0' && letter <= '3') return append_numbered(text, at, 3, 8, out);
  ++at;
  switch (letter) {
    case 'x':
    case 'X': return append_numbered(text, at, 2, 16, out);
    case 'u': return append_numbered(text, at, 4, 16, out);
    case 'U': return append_numbered(text, at, 8, 16, out);
    default: return false;
  }
}

}  // namespace

void append_utf8(char32_t character, std::string& out) {
  const auto value = static_cast<std::uint32_t>(character);
  const auto continuation = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((value >> shift) & 0x3fU));
  };
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xc0U | (value >> 6));
    continuation(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xe0U | (value >> 12));
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xf0U | (value >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

StringLiteral read_string_literal(std::string_view text, std::size_t begin) {
  const bool raw = text[begin] == 'r' || text[begin] == 'R';
  StringLiteral literal;
  std::size_t at = begin + (raw ? 1 : 0);
  const char quote = text[at++];
  while (at < text.size() && text[at] != quote && text[at] != '\n') {
    if (raw || text[at] != '\\') {
      literal.value += text[at++];
      continue;
    }
    const std::size_t backslash = at++;
    if (!append_escape(text, at, literal.value)) {
      return {{}, backslash, "no such escape in a string"};
    }
  }
  if (at >= text.size() || text[at] != quote) return {{}, begin, "this string does not end"};
  literal.end = at + 1;
  return literal;
}

}  // namespace trapline::rules
