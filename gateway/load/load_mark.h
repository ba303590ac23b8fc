// The mark in every notification of `trapline bench`: which run it belongs to and its place in it.
//
// It is the value of ifDescr, 25 octets of text whatever it says, "tl-RRRRRRRR-SSSS-NNNNNNNN"
// (hex): any receiver's output can be searched for it, and loss, repetition and disorder be proven.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace trapline::gateway::load {

inline constexpr std::size_t kMarkBytes = 25;

// Plain value.
struct Mark {
  std::uint32_t run = 0;       // random per run, so that runs can share a file
  std::uint16_t source = 0;    // which source port, counted from 0
  std::uint32_t sequence = 0;  // counted from 0 over all sources, in the order sent

  friend bool operator==(const Mark&, const Mark&) = default;
};

// Writes the mark's text. No allocation.
void write_mark(const Mark& mark, std::span<char, kMarkBytes> out);
// The first mark in `text`; nothing when there is none.
[[nodiscard]] std::optional<Mark> find_mark(std::string_view text);

}  // namespace trapline::gateway::load
