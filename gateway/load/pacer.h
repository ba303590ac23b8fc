// When the next notification of a paced load is due: by absolute deadlines, so that lateness never
// adds up and the rate is kept whatever a wake-up costs.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace trapline::gateway::load {

// Pure: time is an argument. Immutable.
class Pacer {
 public:
  // `per_sec` above 0; the first notification is due at `start`.
  Pacer(double per_sec, base::BootTime start) : per_sec_(per_sec), start_(start) {}

  // How many were due by `now`.
  [[nodiscard]] std::uint64_t due_by(base::BootTime now) const {
    if (now < start_) return 0;
    const std::chrono::duration<double> since = now - start_;
    return static_cast<std::uint64_t>(since.count() * per_sec_) + 1;
  }
  // When the one with this index, from 0, is due.
  [[nodiscard]] base::BootTime due_at(std::uint64_t index) const {
    const std::chrono::duration<double> since(static_cast<double>(index) / per_sec_);
    return start_ + std::chrono::ceil<std::chrono::nanoseconds>(since);
  }

 private:
  double per_sec_;
  base::BootTime start_;
};

}  // namespace trapline::gateway::load
