// Counters that go on, wrap, begin again and stand still.
#include "gateway/poller/rate.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

CounterSample sample(std::uint64_t value, std::chrono::nanoseconds at,
                     std::optional<std::uint32_t> uptime = {}, bool is_64_bit = false) {
  return {value, is_64_bit, at, uptime};
}

TEST(Rate, IsTheDifferenceByTheDevicesOwnTime) {
  const Rate rate = rate_between(sample(1'000, 0s, 100), sample(3'000, 11s, 1'100));
  EXPECT_EQ(rate.kind, RateKind::rate);
  EXPECT_DOUBLE_EQ(rate.per_sec, 200);
  EXPECT_FALSE(rate.wrapped);
  EXPECT_DOUBLE_EQ(rate_between(sample(0, 0s), sample(10, 5s)).per_sec, 2);
}

TEST(Rate, A32BitCounterWrapsOnce) {
  const Rate rate = rate_between(sample(4'294'967'000, 0s, 0), sample(704, 10s, 1'000));
  EXPECT_EQ(rate.kind, RateKind::rate);
  EXPECT_TRUE(rate.wrapped);
  EXPECT_EQ(rate.delta, 1'000U);
  EXPECT_DOUBLE_EQ(rate.per_sec, 100);
}

TEST(Rate, A64BitCounterWrapsOnce) {
  const Rate rate = rate_between(sample(UINT64_MAX - 9, 0s, 0, true), sample(90, 10s, 1'000, true));
  EXPECT_EQ(rate.kind, RateKind::rate);
  EXPECT_TRUE(rate.wrapped);
  EXPECT_EQ(rate.delta, 100U);
}

TEST(Rate, ACounterSetBackIsNoWrap) {
  EXPECT_EQ(rate_between(sample(5'000, 0s, 0), sample(10, 10s, 1'000)).kind, RateKind::implausible);
  EXPECT_EQ(rate_between(sample(5'000, 0s, 0, true), sample(10, 10s, 1'000, true)).kind,
            RateKind::implausible);
}

TEST(Rate, ARestartIsSeenBySysUpTimeEvenWhenTheCounterIsHigher) {
  EXPECT_EQ(rate_between(sample(10, 0s, 90'000), sample(4'000, 10s, 500)).kind,
            RateKind::restarted);
}

TEST(Rate, ASysUpTimeThatWrapsIsNoRestart) {
  const Rate rate = rate_between(sample(0, 0s, 4'294'967'000), sample(100, 10s, 704));
  EXPECT_EQ(rate.kind, RateKind::rate);
  EXPECT_DOUBLE_EQ(rate.per_sec, 10);
}

TEST(Rate, NoTimePassedIsNoRate) {
  EXPECT_EQ(rate_between(sample(1, 0s, 100), sample(5, 1s, 100)).kind, RateKind::zero_interval);
  EXPECT_EQ(rate_between(sample(1, 1s), sample(5, 1s)).kind, RateKind::zero_interval);
}

TEST(Rate, AnOrderedLimitHoldsForAnyRate) {
  EXPECT_EQ(rate_between(sample(0, 0s), sample(5'000, 1s), 1'000).kind, RateKind::implausible);
  EXPECT_EQ(rate_between(sample(0, 0s), sample(500, 1s), 1'000).kind, RateKind::rate);
}

}  // namespace
}  // namespace trapline::gateway
