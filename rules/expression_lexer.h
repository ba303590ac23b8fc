// The words of an expression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/expression_problems.h"

namespace trapline::rules {

// One word. Plain value; `text` views the expression.
struct Token {
  enum class Kind : std::uint8_t { end, identifier, integer, uint, floating, string, symbol };

  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::string_view text;     // as written
  std::uint64_t number = 0;  // of an integer or a uint
  double floating = 0;
  std::string string = {};  // what the literal means
};

// Takes `text` apart; the last token is the end. Empty, with the reason in `problems`, when
// something in it is no word of the language.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view text, ExpressionProblems& problems);

}  // namespace trapline::rules
