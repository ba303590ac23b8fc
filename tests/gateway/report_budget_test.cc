#include "gateway/report_budget.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

base::IpAddress address(unsigned number) {
  return base::IpAddress::v4({10, static_cast<std::uint8_t>(number >> 16),
                              static_cast<std::uint8_t>(number >> 8),
                              static_cast<std::uint8_t>(number)});
}

TEST(ReportBudget, TenASecondPerSource) {
  ReportBudget budget(1);
  base::BootTime now{1h};
  int granted = 0;
  for (int i = 0; i < 100; ++i) granted += budget.grant(address(1), now) ? 1 : 0;
  EXPECT_EQ(granted, 10);
  EXPECT_TRUE(budget.grant(address(2), now)) << "another source has its own";
  now += 1s;
  granted = 0;
  for (int i = 0; i < 100; ++i) granted += budget.grant(address(1), now) ? 1 : 0;
  EXPECT_EQ(granted, 10);
}

TEST(ReportBudget, AThousandASecondInAllHoweverManySourcesAsk) {
  ReportBudget budget(1);
  int granted = 0;
  for (unsigned i = 0; i < 200'000; ++i) {
    granted += budget.grant(address(i), base::BootTime{1h} + i * 10us) ? 1 : 0;
  }
  EXPECT_GE(granted, 2'900) << "two seconds, and what had gathered";
  EXPECT_LE(granted, 3'001);
}

}  // namespace
}  // namespace trapline::gateway
