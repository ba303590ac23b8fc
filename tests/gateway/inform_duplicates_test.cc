#include "gateway/inform_duplicates.h"

#include <deque>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using Seen = InformDuplicates::Seen;

// `source` picks the share of the table as a source address does.
journal::InformDigest digest(std::uint64_t number, std::uint64_t source = 0) {
  return {(number << 8) | ((source & 0x7f) << 1) | 1, number * 0x9e3779b97f4a7c15ULL};
}

TEST(InformDuplicates, NewThenPendingThenDurableThenForgotten) {
  InformDuplicates duplicates(150s, 1'000);
  base::BootTime now{1h};
  EXPECT_EQ(duplicates.look_up(digest(1), now), Seen::never);
  EXPECT_EQ(duplicates.look_up(digest(1), now), Seen::pending);
  EXPECT_FALSE(duplicates.is_durable(digest(1)));
  duplicates.mark_durable(digest(1));
  EXPECT_TRUE(duplicates.is_durable(digest(1)));
  EXPECT_EQ(duplicates.look_up(digest(1), now + 150s), Seen::durable);
  EXPECT_EQ(duplicates.look_up(digest(1), now + 151s), Seen::never) << "past the window";
}

TEST(InformDuplicates, RestoredOnesAreDurable) {
  InformDuplicates duplicates(150s, 1'000);
  duplicates.restore(digest(7, 5), base::BootTime{1h});
  EXPECT_EQ(duplicates.look_up(digest(7, 5), base::BootTime{1h}), Seen::durable);
}

TEST(InformDuplicates, OneSourceFillsItsShareAndNoMore) {
  InformDuplicates duplicates(150s, 800);
  const base::BootTime now{1h};
  EXPECT_EQ(duplicates.look_up(digest(1'000'000, 2), now), Seen::never);
  for (std::uint64_t i = 0; i < 10'000; ++i) (void)duplicates.look_up(digest(i, 1), now);
  EXPECT_EQ(duplicates.size(), 101U);
  EXPECT_EQ(duplicates.look_up(digest(1'000'000, 2), now), Seen::pending)
      << "a flood from one source pushes nobody else out";
  EXPECT_EQ(duplicates.look_up(digest(9'999, 1), now), Seen::pending) << "the newest are kept";
}

TEST(InformDuplicates, AgreesWithANaiveTableOverAMillionSteps) {
  InformDuplicates duplicates(10s, 8 * 64);
  std::map<std::uint64_t, std::pair<base::BootTime, bool>> naive;
  std::deque<std::uint64_t> order;
  std::mt19937_64 random(1);
  base::BootTime now{1h};
  for (int step = 0; step < 1'000'000; ++step) {
    now += std::chrono::milliseconds(random() % 300);
    const std::uint64_t number = random() % 200;
    while (!order.empty() && naive[order.front()].first < now - 10s) {
      naive.erase(order.front());
      order.pop_front();
    }
    const auto known = naive.find(number);
    const Seen expected = known == naive.end()   ? Seen::never
                          : known->second.second ? Seen::durable
                                                 : Seen::pending;
    ASSERT_EQ(duplicates.look_up(digest(number), now), expected) << "step " << step;
    if (expected == Seen::never) {
      if (order.size() == 64) {
        naive.erase(order.front());
        order.pop_front();
      }
      naive[number] = {now, false};
      order.push_back(number);
    }
    if (random() % 3 == 0) {
      const std::uint64_t other = random() % 200;
      duplicates.mark_durable(digest(other));
      if (const auto found = naive.find(other); found != naive.end()) found->second.second = true;
    }
  }
}

}  // namespace
}  // namespace trapline::gateway
