#include "gateway/load/latency_histogram.h"

#include <gtest/gtest.h>

namespace trapline::gateway::load {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, IsZeroWhenEmpty) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
}

TEST(LatencyHistogram, TellsAnyQuantileWithinItsPrecision) {
  LatencyHistogram histogram;
  for (int us = 1; us <= 100'000; ++us) histogram.add(us * 1us);
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double exact_ns = q * 1e8;
    const auto told_ns = static_cast<double>(histogram.quantile(q).count());
    EXPECT_GE(told_ns, exact_ns * 0.9999);
    EXPECT_LE(told_ns, exact_ns * 1.016);
  }
  EXPECT_EQ(histogram.count(), 100'000U);
}

TEST(LatencyHistogram, NeverTellsMoreThanTheLargest) {
  LatencyHistogram histogram;
  histogram.add(1'000'001ns);
  EXPECT_EQ(histogram.quantile(0.99), 1'000'001ns);
  EXPECT_EQ(histogram.max(), 1'000'001ns);
}

TEST(LatencyHistogram, TakesWhatIsOutOfRange) {
  LatencyHistogram histogram;
  histogram.add(-5ns);
  histogram.add(48h);
  EXPECT_EQ(histogram.quantile(0.5), 0ns);
  EXPECT_GE(histogram.quantile(1), 1h);
}

}  // namespace
}  // namespace trapline::gateway::load
