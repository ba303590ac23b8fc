// An expression taken apart: nodes in the order in which they are evaluated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/expression_problems.h"

namespace trapline::rules {

enum class NodeKind : std::uint8_t {
  null,
  boolean,
  integer,
  uint,
  floating,
  string,
  identifier,
  select,  // operands[0].text
  index,   // operands[0][operands[1]]
  call,    // text(operands...)
  method,  // operands[0].text(operands[1]...)
  list,    // [operands...]
  negate,  // ! and -: text says which
  binary,  // text is the operator
  skip,    // behind the left operand of && and ||: what follows may not be needed
  choose,  // behind the condition of ?:
  join,    // behind the first branch of ?:
  conditional,
};

// One node. Its operands stand before it, each right behind all that belongs to the one before.
struct SyntaxNode {
  NodeKind kind = NodeKind::null;
  std::size_t offset = 0;  // where to point at
  std::string text = {};
  std::int64_t number = 0;  // the bits of an integer or a uint, the truth of a boolean
  double floating = 0;
  std::vector<std::uint16_t> operands = {};
};

// Parses `text`; the last node is the whole. Empty, with the reason in `problems`, when it is not
// an expression or exceeds the limits.
[[nodiscard]] std::vector<SyntaxNode> parse_expression(std::string_view text,
                                                       ExpressionProblems& problems);

}  // namespace trapline::rules
