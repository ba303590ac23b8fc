// A clock that moves only when a test says so.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace trapline::test_support {

// Starts at 2026-01-01 00:00 UTC, one hour after boot. Any thread may read while one moves it.
class FakeClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallTime wall() const override {
    return base::WallTime(std::chrono::nanoseconds(wall_ns_.load()));
  }
  [[nodiscard]] base::BootTime boot() const override {
    return base::BootTime(std::chrono::nanoseconds(boot_ns_.load()));
  }

  // Moves both clocks on.
  void advance(std::chrono::nanoseconds by) {
    wall_ns_ += by.count();
    boot_ns_ += by.count();
  }
  // Steps the wall clock alone, as NTP or an operator does.
  void step_wall(std::chrono::nanoseconds by) { wall_ns_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_ns_ = 1'767'225'600'000'000'000;
  std::atomic<std::int64_t> boot_ns_ = 3'600'000'000'000;
};

}  // namespace trapline::test_support
