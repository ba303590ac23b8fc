// Rates out of two samples of a counter (RFC 2578 §7.1.6, §7.1.10; RFC 2863 §3.1.6).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::gateway {

enum class RateKind : std::uint8_t {
  rate,           // `per_sec` says it
  first,          // the first sample: there is nothing to compare it with
  restarted,      // the device's sysUpTime began again in between: its counters did too
  zero_interval,  // no time has passed on the device's clock: it answered from a cache
  implausible,    // the counter went back, and as a wrap would mean more than `most_per_sec`
};
// "rate", "first", "restarted", "zero_interval", "implausible".
[[nodiscard]] std::string_view name_of(RateKind kind);

// A counter at one moment. Plain value.
struct CounterSample {
  std::uint64_t value = 0;
  bool is_64_bit = false;
  std::chrono::nanoseconds at{0};               // by our clock
  std::optional<std::uint32_t> uptime_ticks{};  // the device's sysUpTime in the same answer
};

// What two samples say. Plain value.
struct Rate {
  RateKind kind = RateKind::first;
  double per_sec = 0;
  std::uint64_t delta = 0;
  bool wrapped = false;  // the counter passed its end in between, once
};

// Above these a counter that went back has not wrapped but was set back: 1 Gbit/s in octets, beyond
// which a 32-bit counter says nothing anyway, and 10 Tbit/s.
inline constexpr double kMostPerSec32 = 125e6;
inline constexpr double kMostPerSec64 = 1.25e12;

// Between two samples of one counter. Time is the device's own where both have its sysUpTime, which
// may have wrapped; ours elsewhere. `most_per_sec` 0: the constants above. Pure.
[[nodiscard]] Rate rate_between(const CounterSample& before, const CounterSample& after,
                                double most_per_sec = 0);

}  // namespace trapline::gateway
