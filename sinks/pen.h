// Pen: writes text into room that is known to be there.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "protocol/oid.h"

namespace trapline::sinks {

// Longest texts, for reserving room.
inline constexpr std::size_t kLongestInteger = 20;  // of 64 bits, with its sign
inline constexpr std::size_t kOidTextPerOctet = 4;  // ".127"
// Room that dotted decimal may need.
[[nodiscard]] inline std::size_t oid_text_bound(protocol::OidView oid) {
  return 8 + oid.content().size() * kOidTextPerOctet;
}

// The pieces a Pen is too small for. Each writes at `at` and returns what is behind.
char* write_oid(char* at, protocol::OidView oid);
char* write_oid_tail(char* at, protocol::OidView oid);
char* write_oid_suffix(char* at, protocol::OidView suffix);
char* write_hex(char* at, base::Bytes octets);

// A position in somebody's memory, which moves on as text is put there. The caller has seen to it
// that the room is enough: nothing is checked. Kept and passed by value, so that it stays in a
// register: a position in memory would be written and read again for each piece, and waiting for
// that was half the time of rendering an event.
struct Pen {
  char* at;

  // A literal of ours.
  template <std::size_t N>
  [[gnu::always_inline]] void put(const char (&literal)[N]) {
    std::memcpy(at, literal, N - 1);
    at += N - 1;
  }
  // Any text, as it is.
  [[gnu::always_inline]] void put(std::string_view text) {
    copy(text.data(), text.size());
    at += text.size();
  }
  // One octet.
  [[gnu::always_inline]] void put(char octet) { *at++ = octet; }
  // An integer in decimal.
  [[gnu::always_inline]] void put_number(std::integral auto number) {
    at = std::to_chars(at, at + kLongestInteger, number).ptr;
  }
  // A number below 100, in two digits.
  [[gnu::always_inline]] void put_two_digits(unsigned number) {
    *at++ = static_cast<char>('0' + number / 10);
    *at++ = static_cast<char>('0' + number % 10);
  }
  // Dotted decimal; the empty OID gives "0.0".
  void put_oid(protocol::OidView oid) { at = write_oid(at, oid); }
  // Dotted decimal of what stands behind a prefix, each number with its dot in front: ".7".
  void put_oid_suffix(protocol::OidView suffix) { at = write_oid_suffix(at, suffix); }
  // Each octet as two hex digits, lower case.
  void put_hex(base::Bytes octets) { at = write_hex(at, octets); }

 private:
  // memcpy, but short texts without a call.
  [[gnu::always_inline]] void copy(const char* from, std::size_t size) const {
    if (size >= 8 && size <= 16) {
      std::memcpy(at + size - 8, from + size - 8, 8);
      std::memcpy(at, from, 8);
    } else if (size >= 4 && size < 8) {
      std::memcpy(at + size - 4, from + size - 4, 4);
      std::memcpy(at, from, 4);
    } else {
      std::memcpy(at, from, size);
    }
  }
};

}  // namespace trapline::sinks
