// Time as a seam: whatever asks for the time is handed a Clock; tests and simulations own theirs.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace trapline::base {

// Wall clock, nanoseconds since 1970 UTC. May step in either direction.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Time since boot, suspend included (CLOCK_BOOTTIME). Never goes backwards.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

// The clock of the rules: the boot-time clock anchored to the wall clock at start, as nanoseconds
// since 1970, stamped on every record of the journal and never going backwards within one.
struct RuleTime {
  std::int64_t since_epoch_ns = 0;
  friend auto operator<=>(RuleTime, RuleTime) = default;
};

// Source of both times. Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Now, by the wall.
  [[nodiscard]] virtual WallTime wall() const = 0;
  // Now, since boot.
  [[nodiscard]] virtual BootTime boot() const = 0;
};

// The machine's clocks (clock_gettime). Stateless.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] BootTime boot() const override;
};

}  // namespace trapline::base
