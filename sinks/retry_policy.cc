#include "sinks/retry_policy.h"

#include <algorithm>

namespace trapline::sinks {

std::chrono::nanoseconds RetryPolicy::next(std::chrono::nanoseconds at_least) {
  const auto range = static_cast<std::uint64_t>(bound_.count()) + 1;
  const std::chrono::nanoseconds delay(static_cast<std::int64_t>(random_.next() % range));
  bound_ = std::min<std::chrono::nanoseconds>(bound_ * 2, kLongest);
  return std::max(delay, at_least);
}

}  // namespace trapline::sinks
