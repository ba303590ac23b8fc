// Text that somebody wrote in a configuration, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::rules {

// A place in a configuration: `file` is an index that only the loader understands; line and column
// count from 1, columns in characters. Line 0 means unknown.
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// Where the text from `offset` (in octets) on stands: until the next piece, character by character.
struct SourcePiece {
  std::size_t offset = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// An expression, a template or a name as it was written. Plain value.
struct SourceText {
  std::string text;
  Place place;  // of the text's first character, behind a quote
  std::uint32_t indent =
      0;  // columns before the text of each further line of a block; 0 for a single line
  // When the text is not what stands in the file, octet by octet (a block, a doubled quote, an
  // escape, folded lines): its pieces by rising offset; they replace `indent`. Else empty.
  std::vector<SourcePiece> pieces = {};
  // The place of the character at `offset` (in octets) of the text.
  [[nodiscard]] Place at(std::size_t offset) const;
};

// One thing that is wrong with what was written. `hint` says what to do and may be empty.
struct SpecProblem {
  Place place;
  std::string message;
  std::string hint;
};
using SpecProblems = std::vector<SpecProblem>;

}  // namespace trapline::rules
