// How long to wait before the next attempt: exponential, with full jitter.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/random.h"

namespace trapline::sinks {

// The delays of one destination. Each is uniform between nothing and a bound that begins at `first`
// and doubles up to `longest`, so that many gateways do not come back at one moment. Not
// synchronised; `random` must outlive it.
class RetryPolicy {
 public:
  static constexpr std::chrono::seconds kFirst{1};
  static constexpr std::chrono::seconds kLongest{300};

  explicit RetryPolicy(base::Random& random) : random_(random) {}

  // The delay before the next attempt, never less than `at_least`.
  [[nodiscard]] std::chrono::nanoseconds next(std::chrono::nanoseconds at_least);
  // The destination has taken something: the next trouble begins small again.
  void reset() { bound_ = kFirst; }

 private:
  base::Random& random_;
  std::chrono::nanoseconds bound_ = kFirst;
};

}  // namespace trapline::sinks
