#include "gateway/poller/rate.h"

#include <algorithm>

namespace trapline::gateway {
namespace {

constexpr std::uint64_t kTicksWrap = std::uint64_t{1} << 32;
constexpr std::chrono::milliseconds kTick{10};
// sysUpTime wraps after 497 days: what is back at its beginning is a wrap only when it was this
// close to its end, given the time that passed, and a restart otherwise.
constexpr double kUptimeSlack = 0.1;
constexpr std::chrono::seconds kLeastUptimeSlack{60};

// Time that passed on the device's clock; nothing when it began again.
std::optional<std::chrono::nanoseconds> uptime_between(std::uint32_t before, std::uint32_t after,
                                                       std::chrono::nanoseconds ours) {
  if (after >= before) return kTick * static_cast<std::int64_t>(after - before);
  const auto wrapped =
      std::chrono::nanoseconds(kTick) * static_cast<std::int64_t>(kTicksWrap - before + after);
  const auto slack = std::max<std::chrono::nanoseconds>(
      kLeastUptimeSlack, std::chrono::duration_cast<std::chrono::nanoseconds>(ours * kUptimeSlack));
  if (wrapped > ours + slack || wrapped + slack < ours) return std::nullopt;
  return wrapped;
}

}  // namespace

std::string_view name_of(RateKind kind) {
  switch (kind) {
    case RateKind::rate: return "rate";
    case RateKind::first: return "first";
    case RateKind::restarted: return "restarted";
    case RateKind::zero_interval: return "zero_interval";
    case RateKind::implausible: return "implausible";
  }
  return "rate";
}

Rate rate_between(const CounterSample& before, const CounterSample& after, double most_per_sec) {
  Rate rate;
  std::chrono::nanoseconds interval = after.at - before.at;
  if (before.uptime_ticks && after.uptime_ticks) {
    const auto passed = uptime_between(*before.uptime_ticks, *after.uptime_ticks, interval);
    if (!passed) {
      rate.kind = RateKind::restarted;
      return rate;
    }
    interval = *passed;
  }
  if (interval <= std::chrono::nanoseconds(0)) {
    rate.kind = RateKind::zero_interval;
    return rate;
  }
  rate.wrapped = after.value < before.value;
  rate.delta = after.value - before.value;  // of 64 bits, a wrap is right already
  if (!after.is_64_bit) rate.delta &= kTicksWrap - 1;
  const double seconds = std::chrono::duration<double>(interval).count();
  rate.per_sec = static_cast<double>(rate.delta) / seconds;
  const double most = most_per_sec > 0  ? most_per_sec
                      : after.is_64_bit ? kMostPerSec64
                                        : kMostPerSec32;
  const bool implausible = rate.per_sec > most && (rate.wrapped || most_per_sec > 0);
  rate.kind = implausible ? RateKind::implausible : RateKind::rate;
  return rate;
}

}  // namespace trapline::gateway
