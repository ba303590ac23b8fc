// Time as a seam: whatever asks for the time is handed a Clock; tests and simulations own theirs.
#pragma once

#include <chrono>

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
