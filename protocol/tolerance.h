// The tolerances: every liberty taken with odd input is one bit, flagged on the event and counted.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace trapline::protocol {

// One bit each, in the order of protocol/README.md's table. Journaled: a number keeps its meaning.
enum class Tolerance : std::uint8_t {
  non_minimal_length = 0,
  trailing_bytes = 1,
  negative_unsigned = 2,
  padded_sub_identifier = 3,
  empty_oid = 4,
  null_with_content = 5,
  raw_value = 6,
  exception_in_notification = 7,
  pdu_of_other_version = 8,
  trap_oid_before_uptime = 9,
  repeated_trap_oid = 10,
  missing_trap_oid = 11,
  trap_oid_not_an_oid = 12,
  missing_uptime = 13,
  odd_generic_trap = 14,
  negative_specific_trap = 15,
  wide_counter64 = 16,
  community_blanked = 17,
  wide_integer = 18,
  late_standard_varbind = 19,
  time_window_relaxed = 20,
};
inline constexpr int kToleranceCount = 21;

// The name events show, e.g. "trailing_bytes".
[[nodiscard]] std::string_view name_of(Tolerance tolerance);

// A set of tolerances. Plain value.
class Tolerances {
 public:
  constexpr Tolerances() = default;
  explicit constexpr Tolerances(std::uint32_t bits) : bits_(bits) {}

  // Puts one into the set.
  constexpr void add(Tolerance tolerance) { bits_ |= 1U << static_cast<unsigned>(tolerance); }
  // The same for a whole set.
  constexpr void add(Tolerances others) { bits_ |= others.bits_; }
  // True when it is in the set.
  [[nodiscard]] constexpr bool has(Tolerance tolerance) const {
    return ((bits_ >> static_cast<unsigned>(tolerance)) & 1U) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  // As journaled: bit n is the tolerance numbered n.
  [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }

  friend constexpr bool operator==(Tolerances, Tolerances) = default;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace trapline::protocol
