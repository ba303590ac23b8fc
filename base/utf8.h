// UTF-8, one character at a time (RFC 3629 §4).
#pragma once

#include <cstddef>
#include <string_view>

namespace trapline::base {

// A character and the octets it takes. `octets` is 0 when there is no valid character.
struct Utf8Character {
  char32_t code_point = 0;
  std::size_t octets = 0;
};

// The character that `text` begins with. None when `text` is empty or begins with an octet that
// starts no valid sequence: overlong forms, surrogates and anything above U+10FFFF are not valid.
[[nodiscard]] Utf8Character first_utf8_character(std::string_view text);

// How much of `text` may stand in `most` octets without cutting a character in two.
[[nodiscard]] std::size_t utf8_floor(std::string_view text, std::size_t most);

// True when all of `text` is valid UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

// True when all of `text` is valid UTF-8 without control characters (C0, DEL, C1).
[[nodiscard]] bool is_printable_utf8(std::string_view text);

}  // namespace trapline::base
