#include "rules/source_text.h"

#include <algorithm>
#include <iterator>

namespace trapline::rules {
namespace {

// UTF-8: every octet but a continuation begins a character.
std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0U) != 0x80U;
  }));
}

}  // namespace

Place SourceText::at(std::size_t offset) const {
  const std::string_view before = std::string_view(text).substr(0, offset);
  if (!pieces.empty() && pieces.front().offset <= before.size()) {
    const auto next = std::ranges::upper_bound(pieces, before.size(), {}, &SourcePiece::offset);
    const SourcePiece& piece = *std::prev(next);
    return {place.file, piece.line, piece.column + characters(before.substr(piece.offset))};
  }
  const auto newlines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  if (newlines == 0) return {place.file, place.line, place.column + characters(before)};
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  return {place.file, place.line + newlines, indent + 1 + characters(line)};
}

}  // namespace trapline::rules
