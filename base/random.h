// Randomness as a seam: epochs, hash seeds and jitter come from here; a simulation repeats its own.
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

// The kernel's generator (getrandom). Aborts if it fails: nothing here is safe without it.
class SystemRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;
};

}  // namespace trapline::base
