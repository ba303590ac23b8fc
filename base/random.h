// Randomness as a seam: epochs, hash seeds and jitter come from here, so that a simulation can repeat a run.
#pragma once

#include <cstdint>

namespace trapline::base {

// Source of random numbers. Implementations may be called from any thread.
class Random {
 public:
  virtual ~Random() = default;
  // 64 uniformly distributed bits.
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

// The kernel's generator (getrandom). Aborts if the kernel has none: nothing here is safe without it.
class SystemRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;
};

}  // namespace trapline::base
