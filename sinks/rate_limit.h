// A token bucket: how fast one destination is given events.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace trapline::sinks {

// Lets `per_sec` events pass in a second and `burst` at once. Time is an argument. Not
// synchronised.
class RateLimit {
 public:
  // Nothing is limited while `per_sec` is 0. A burst of 0 is one of 1.
  RateLimit(std::uint32_t per_sec, std::uint32_t burst)
      : each_(per_sec == 0 ? 0 : 1'000'000'000 / per_sec),
        depth_(each_ * std::max<std::uint32_t>(burst, 1)) {}

  // When the next event may pass: `now` or later.
  [[nodiscard]] base::BootTime next(base::BootTime now) const {
    return std::max(now, full_at_ - depth_ + each_);
  }
  // An event has passed.
  void take(base::BootTime now) { full_at_ = std::max(full_at_, now) + each_; }

 private:
  std::chrono::nanoseconds each_;
  std::chrono::nanoseconds depth_;
  base::BootTime full_at_{};  // when the bucket is full again
};

}  // namespace trapline::sinks
