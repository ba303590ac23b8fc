#include "protocol/usm/engine_table.h"

#include <gtest/gtest.h>

#include "protocol/usm/local_engine.h"
#include "tests/support/wire.h"

namespace trapline::protocol::usm {
namespace {

using std::chrono::seconds;
using test_support::hex;
using test_support::Octets;

constexpr base::BootTime kStart{std::chrono::hours(1)};
constexpr Timeliness kInside = Timeliness::inside;
constexpr Timeliness kOutside = Timeliness::outside;

const Octets kEngine = hex("80001f8880aabbccdd");

TEST(EngineTable, AReplayIsAcceptedFor150SecondsAndNoLonger) {
  EngineTable table(4);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart), kInside);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart), kInside);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart + seconds(149)), kInside);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart + seconds(150)), kInside);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart + seconds(151)), kOutside);
}

TEST(EngineTable, LowerBootsAreOutsideAndHigherBeginAnew) {
  EngineTable table(4);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart), kInside);
  EXPECT_EQ(table.judge(kEngine, 2, 9'000, kStart), kOutside);
  EXPECT_EQ(table.judge(kEngine, 4, 0, kStart), kInside);
  EXPECT_EQ(table.judge(kEngine, 3, 1'000, kStart), kOutside);
  EXPECT_EQ(table.judge(kEngine, kLastBoots, 0, kStart), kOutside);
}

TEST(EngineTable, AClockThatRunsAHundredTimesTooFastStaysInside) {
  EngineTable table(4);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(table.judge(kEngine, 1, 5'000 + i * 100, kStart + seconds(i)), kInside);
  }
}

TEST(EngineTable, EvictsTheLongestUnheardOf) {
  EngineTable table(2);
  const Octets other = hex("8000000001"), third = hex("8000000002");
  EXPECT_EQ(table.judge(kEngine, 5, 0, kStart), kInside);
  EXPECT_EQ(table.judge(other, 5, 0, kStart), kInside);
  EXPECT_EQ(table.judge(kEngine, 5, 1, kStart), kInside);
  EXPECT_EQ(table.judge(third, 5, 0, kStart), kInside);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_FALSE(table.forget(other));
  EXPECT_TRUE(table.forget(kEngine));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.judge(kEngine, 1, 0, kStart), kInside) << "begins again with any boots";
}

TEST(EngineTable, OlderKnowledgeNeverReplacesNewer) {
  EngineTable table(4);
  table.restore({kEngine, 3, 1'000, kStart});
  table.restore({kEngine, 3, 900, kStart});
  table.restore({kEngine, 2, 5'000, kStart});
  EXPECT_EQ(table.judge(kEngine, 3, 800, kStart), kOutside);
  table.restore({kEngine, 4, 0, kStart});
  EXPECT_EQ(table.judge(kEngine, 3, 1'001, kStart), kOutside);
  std::vector<std::int32_t> boots;
  table.for_each([&boots](const RemoteEngine& engine) { boots.push_back(engine.boots); });
  EXPECT_EQ(boots, std::vector<std::int32_t>{4});
}

}  // namespace
}  // namespace trapline::protocol::usm
