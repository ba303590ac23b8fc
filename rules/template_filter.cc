#include "rules/template_filter.h"

#include <array>
#include <charconv>
#include <limits>

#include "base/json_writer.h"
#include "rules/time_text.h"
#include "rules/varbind_value.h"

namespace trapline::rules {
namespace {

using Kind = Value::Kind;

// Applies `change` to all that was appended behind `begin`.
template <class Change>
void change_letters(std::string& out, std::size_t begin, Change change) {
  for (std::size_t i = begin; i < out.size(); ++i) out[i] = change(out[i]);
}

char upper(char octet) {
  return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 'a' + 'A') : octet;
}

char lower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

void append_slack(std::string_view text, std::string& out) {
  for (const char octet : text) {
    switch (octet) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += octet;
    }
  }
}

void append_url(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char octet : text) {
    const char letter = lower(octet);
    const bool plain = (letter >= 'a' && letter <= 'z') || (octet >= '0' && octet <= '9') ||
                       octet == '-' || octet == '.' || octet == '_' || octet == '~';
    if (plain) {
      out += octet;
      continue;
    }
    const auto number = static_cast<unsigned char>(octet);
    out += '%';
    out += kDigits[number >> 4];
    out += kDigits[number & 0xfU];
  }
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U;
    if (begins && count-- == 0) return text.substr(0, i);
  }
  return text;
}

bool append_date_of(const Value& value, const std::string& format, std::string& out) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kPerSecond;
  if (value.kind() == Kind::time) {
    append_date(value.as_time(), format, out);
    return true;
  }
  const std::int64_t seconds = value.as_integer();
  if (value.kind() != Kind::integer || seconds > kMost || seconds < -kMost) return false;
  append_date({seconds * kPerSecond}, format, out);
  return true;
}

bool append_hex_of(const Value& value, std::string_view text, std::string& out) {
  if (value.kind() != Kind::integer && value.kind() != Kind::uint) {
    append_hex(base::as_bytes(text), out);
    return true;
  }
  if (value.kind() == Kind::integer && value.as_integer() < 0) return false;
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.as_uint(), 16);
  out.append(digits.data(), end.ptr);
  return true;
}

}  // namespace

bool apply(const Filter& filter, const Value& value, std::string& out) {
  if (filter.kind == FilterKind::date) return append_date_of(value, filter.format, out);
  std::string written;
  const bool plain = value.kind() == Kind::string || value.kind() == Kind::enumerated;
  if (!plain && !value.append_to(written)) return false;
  const std::string_view text = plain ? value.text() : std::string_view(written);
  const std::size_t begin = out.size();
  switch (filter.kind) {
    case FilterKind::upper:
      out += text;
      change_letters(out, begin, upper);
      return true;
    case FilterKind::lower:
      out += text;
      change_letters(out, begin, lower);
      return true;
    case FilterKind::json: base::append_json_escaped(out, text); return true;
    case FilterKind::slack: append_slack(text, out); return true;
    case FilterKind::url: append_url(text, out); return true;
    case FilterKind::truncate: out += first_characters(text, filter.characters); return true;
    case FilterKind::hex: return append_hex_of(value, text, out);
    case FilterKind::fallback:
    case FilterKind::date: break;
  }
  return false;
}

}  // namespace trapline::rules
