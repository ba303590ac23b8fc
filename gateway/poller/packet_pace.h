// PacketPace: how many datagrams a second leave, as a schedule instead of a count.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace trapline::gateway {

// Not synchronised. Time is an argument.
class PacketPace {
 public:
  // 0: no limit.
  explicit PacketPace(unsigned packets_per_sec)
      : interval_(packets_per_sec == 0
                      ? std::chrono::nanoseconds(0)
                      : std::chrono::nanoseconds(std::chrono::seconds(1)) / packets_per_sec) {}

  // When the next question may begin; in the past or now when it may at once.
  [[nodiscard]] base::BootTime free_at() const { return next_ - kAhead; }
  // Counts one datagram, also one that could not wait.
  void note(base::BootTime now) { next_ = std::max(next_, now) + interval_; }

 private:
  // Timers are not exact to a packet: so much may leave at once.
  static constexpr std::chrono::milliseconds kAhead{10};

  const std::chrono::nanoseconds interval_;
  base::BootTime next_{};
};

}  // namespace trapline::gateway
