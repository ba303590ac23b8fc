#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/utf8.h"

namespace trapline::base {
namespace {

constexpr std::uint64_t kHighestExact = 1ULL << 53;  // what a double, hence JSON, holds exactly
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// ASCII that stands as it is.
constexpr std::array<bool, 256> kClean = [] {
  std::array<bool, 256> clean{};
  for (unsigned octet = 0x20; octet < 0x7f; ++octet) clean[octet] = octet != '"' && octet != '\\';
  return clean;
}();

// True for eight octets that stand as they are, by arithmetic on all at once: the top bit of an
// octet that does not gets set. (A borrow can only come from an octet that does not.)
bool are_clean(const char* octets) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t all = 0;
  std::memcpy(&all, octets, sizeof all);
  const std::uint64_t control = all - kOnes * 0x20;
  const std::uint64_t del = (all ^ (kOnes * 0x7f)) - kOnes;
  const std::uint64_t quote = (all ^ (kOnes * '"')) - kOnes;
  const std::uint64_t backslash = (all ^ (kOnes * '\\')) - kOnes;
  return ((all | control | del | quote | backslash) & (kOnes * 0x80)) == 0;
}

bool is_clean(char octet) { return kClean[static_cast<std::uint8_t>(octet)]; }

// Characters that could end a line, move a terminal's cursor or turn its direction around.
bool must_escape(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return true;
  if (c == 0x61c || c == 0x200e || c == 0x200f) return true;
  return (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void append_unicode_escape(std::string& out, char32_t c) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  const std::array<char, 6> escape{'\\',
                                   'u',
                                   kHexDigits[(c >> 12) & 0xf],
                                   kHexDigits[(c >> 8) & 0xf],
                                   kHexDigits[(c >> 4) & 0xf],
                                   kHexDigits[c & 0xf]};
  out.append(escape.data(), escape.size());
}

// Appends the first character of `text`, which is not clean; returns how many octets it took.
std::size_t append_escaped_character(std::string& out, std::string_view text) {
  if (text.front() == '"' || text.front() == '\\') {
    out += '\\';
    out += text.front();
    return 1;
  }
  const Utf8Character character = first_utf8_character(text);
  if (character.octets == 0) {
    out += kReplacement;
    return 1;
  }
  append_unicode_escape(out, character.code_point);
  return character.octets;
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

}  // namespace

std::size_t json_clean_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (text.size() - at >= 8 && are_clean(text.data() + at)) at += 8;
    if (at == text.size()) break;
    if (is_clean(text[at])) {
      ++at;
      continue;
    }
    if (static_cast<std::uint8_t>(text[at]) < 0x80) break;
    const Utf8Character character = first_utf8_character(text.substr(at));
    if (character.octets == 0 || must_escape(character.code_point)) break;
    at += character.octets;
  }
  return at;
}

void append_json_escaped(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t clean = json_clean_prefix(text);
    out.append(text.data(), clean);
    if (clean == text.size()) return;
    text.remove_prefix(clean);
    text.remove_prefix(append_escaped_character(out, text));
  }
}

void JsonWriter::separate() {
  if (need_comma_) out_ += ',';
  need_comma_ = true;
}

void JsonWriter::begin_object() {
  separate();
  out_ += '{';
  need_comma_ = false;
}

void JsonWriter::end_object() {
  out_ += '}';
  need_comma_ = true;
}

void JsonWriter::begin_array() {
  separate();
  out_ += '[';
  need_comma_ = false;
}

void JsonWriter::end_array() {
  out_ += ']';
  need_comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  plain(name);
  out_ += ':';
  need_comma_ = false;
}

void JsonWriter::escaped_key(std::string_view name) {
  value(name);
  out_ += ':';
  need_comma_ = false;
}

void JsonWriter::value(std::string_view text) {
  separate();
  out_ += '"';
  append_json_escaped(out_, text);
  out_ += '"';
}

void JsonWriter::value(std::int64_t number) {
  const bool exact = number <= static_cast<std::int64_t>(kHighestExact) &&
                     number >= -static_cast<std::int64_t>(kHighestExact);
  separate();
  if (!exact) out_ += '"';
  append_number(out_, number);
  if (!exact) out_ += '"';
}

void JsonWriter::value(std::uint64_t number) {
  const bool exact = number <= kHighestExact;
  separate();
  if (!exact) out_ += '"';
  append_number(out_, number);
  if (!exact) out_ += '"';
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) {
    null();
    return;
  }
  separate();
  append_number(out_, number);
}

void JsonWriter::value(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::plain(std::string_view text) {
  separate();
  out_ += '"';
  out_ += text;
  out_ += '"';
}

}  // namespace trapline::base
