// String literals of expressions (CEL: "String and Bytes Values").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trapline::rules {

// What reading a literal gave. `end` is behind its closing quote; with `error`, where that stands.
struct StringLiteral {
  std::string value;
  std::size_t end = 0;
  const char* error = nullptr;
};

// Reads the literal whose quote, or whose `r` before the quote, stands at `begin` of `text`.
[[nodiscard]] StringLiteral read_string_literal(std::string_view text, std::size_t begin);

// Appends a character in UTF-8.
void append_utf8(char32_t character, std::string& out);

}  // namespace trapline::rules
