// Randomness that a test can repeat.
#pragma once

#include <mutex>
#include <random>

#include "base/random.h"

namespace trapline::test_support {

// The same seed gives the same numbers. Any thread.
class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  [[nodiscard]] std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace trapline::test_support
