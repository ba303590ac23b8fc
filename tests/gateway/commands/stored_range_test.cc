#include "gateway/commands/stored_range.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

const base::WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};

TEST(StoredBoundText, IsAnLsn) {
  for (const auto& [text, lsn] : {std::pair{"0", std::uint64_t{0}},
                                  {"12345", 12'345},
                                  {"18446744073709551615", ~std::uint64_t{0}}}) {
    const auto bound = parse_bound(text, kNow);
    ASSERT_TRUE(bound) << text;
    EXPECT_EQ(bound->lsn, lsn);
    EXPECT_FALSE(bound->time);
  }
}

TEST(StoredBoundText, IsHowLongAgo) {
  const std::vector<std::pair<std::string, std::chrono::seconds>> cases = {
      {"0s", 0s}, {"90s", 90s}, {"15m", 15min}, {"1h", 1h}, {"2d", 48h}};
  for (const auto& [text, ago] : cases) {
    const auto bound = parse_bound(text, kNow);
    ASSERT_TRUE(bound) << text;
    EXPECT_EQ(bound->time, kNow - ago) << text;
    EXPECT_FALSE(bound->lsn);
  }
}

TEST(StoredBoundText, LongerAgoThanThereIsTimeIsTheBeginning) {
  for (const char* const text : {"99999999d", "99999999h", "20455d"}) {
    const auto bound = parse_bound(text, kNow);
    ASSERT_TRUE(bound) << text;
    EXPECT_EQ(bound->time, base::WallTime{}) << text;
  }
}

TEST(StoredBoundText, IsAMoment) {
  const auto bound = parse_bound("2026-01-01T23:59:58Z", kNow);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->time, kNow - 2s);
}

TEST(StoredBoundText, IsNothingElse) {
  for (const char* const text :
       {"", "s", "-1", "1.5h", "1w", "h1", " 1h", "1h ", "999999999h", "18446744073709551616",
        "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00", "2026-13-01T00:00:00Z",
        "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_bound(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace trapline::gateway
