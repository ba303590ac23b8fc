// BerBackWriter: BER from its end to its front, into room that does not grow: what an element
// contains is there before its length, so no length is ever guessed or moved.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "protocol/oid.h"

namespace trapline::protocol {

// Puts elements in front of those already there, ending at the end of `room`, which outlives it.
// Minimal, definite lengths. When the room is used up nothing more is written and `ok` is false.
// Allocates nothing. Not synchronised.
class BerBackWriter {
 public:
  explicit BerBackWriter(base::MutableBytes room) : room_(room), left_(room.size()) {}

  // Octets written so far; what `close` is told to enclose everything written since.
  [[nodiscard]] std::size_t size() const { return room_.size() - left_; }
  // False once something did not fit.
  [[nodiscard]] bool ok() const { return ok_; }
  // All that was written.
  [[nodiscard]] base::MutableBytes written() const { return room_.subspan(left_); }

  // Takes `size` octets for the caller to fill; none when they do not fit.
  [[nodiscard]] base::MutableBytes reserve(std::size_t size);
  // Octets as they are.
  void put(base::Bytes octets);
  // A whole element with this content.
  void put(std::uint8_t identifier, base::Bytes content);
  // An integer in as few octets as its sign allows.
  void put_signed(std::uint8_t identifier, std::int64_t number);
  // Puts identifier and length in front of what was written since `size` was `since`.
  void close(std::uint8_t identifier, std::size_t since);

 private:
  base::MutableBytes room_;
  std::size_t left_;
  bool ok_ = true;
};

}  // namespace trapline::protocol
