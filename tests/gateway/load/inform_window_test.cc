#include "gateway/load/inform_window.h"

#include <set>

#include <gtest/gtest.h>

namespace trapline::gateway::load {
namespace {

using namespace std::chrono_literals;

constexpr base::BootTime kStart{1h};

TEST(InformWindow, HasAsManyPlacesAsAsked) {
  InformWindow window(3, 1s);
  EXPECT_TRUE(window.empty());
  std::set<std::int32_t> ids;
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(window.full());
    ids.insert(window.open(0, i, kStart, kStart).request_id);
  }
  EXPECT_TRUE(window.full());
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_GE(*ids.begin(), kLeastRequestId);
}

TEST(InformWindow, ClosesWhatWasAnsweredOnce) {
  InformWindow window(2, 1s);
  const Identity identity = window.open(7, 41, kStart - 1ms, kStart);
  const auto closed = window.close(identity.request_id);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->identity.source, 7);
  EXPECT_EQ(closed->identity.sequence, 41U);
  EXPECT_EQ(closed->began, kStart - 1ms);
  EXPECT_FALSE(window.close(identity.request_id));
  EXPECT_TRUE(window.empty());
}

TEST(InformWindow, AStaleAnswerDoesNotCloseTheNextInPlace) {
  InformWindow window(1, 1s);
  const Identity first = window.open(0, 0, kStart, kStart);
  ASSERT_TRUE(window.close(first.request_id));
  const Identity second = window.open(0, 1, kStart, kStart);
  EXPECT_FALSE(window.close(first.request_id));
  EXPECT_FALSE(window.close(-1));
  EXPECT_FALSE(window.close(kLeastRequestId | 5));
  EXPECT_TRUE(window.close(second.request_id));
}

TEST(InformWindow, TellsWhichTimesOutFirst) {
  InformWindow window(3, 1s);
  EXPECT_FALSE(window.oldest());
  const Identity a = window.open(0, 0, kStart, kStart);
  const Identity b = window.open(0, 1, kStart, kStart + 1ms);
  const Identity c = window.open(0, 2, kStart, kStart + 2ms);
  EXPECT_EQ(window.oldest()->deadline, kStart + 1s);
  window.attempt_again(a.request_id, kStart + 1s);
  EXPECT_EQ(window.oldest()->identity.sequence, 1U);
  ASSERT_TRUE(window.close(c.request_id));
  ASSERT_TRUE(window.close(b.request_id));
  EXPECT_EQ(window.oldest()->identity.sequence, 0U);
  EXPECT_EQ(window.oldest()->attempts, 2U);
  EXPECT_EQ(window.oldest()->deadline, kStart + 2s);
}

}  // namespace
}  // namespace trapline::gateway::load
