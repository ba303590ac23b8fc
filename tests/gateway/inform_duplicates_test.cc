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
  duplicates.mark_durable(digest(1), now);
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
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    (void)duplicates.look_up(digest(i, 1), now);
    duplicates.mark_durable(digest(i, 1), now);
  }
  EXPECT_EQ(duplicates.size(), 101U);
  EXPECT_EQ(duplicates.look_up(digest(1'000'000, 2), now), Seen::pending)
      << "a flood from one source pushes nobody else out";
  EXPECT_EQ(duplicates.look_up(digest(9'999, 1), now), Seen::durable) << "the newest are kept";
}

TEST(InformDuplicates, WhatWaitsForItsCommitIsNeverForgotten) {
  InformDuplicates duplicates(150s, 8 * 4);
  const base::BootTime now{1h};
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(duplicates.look_up(digest(i), now), Seen::never);
  EXPECT_EQ(duplicates.look_up(digest(4), now), Seen::full);
  EXPECT_EQ(duplicates.look_up(digest(0), now + 1h), Seen::pending)
      << "however long the disk takes";
  duplicates.mark_durable(digest(0), now + 1h);
  EXPECT_EQ(duplicates.look_up(digest(0), now + 1h + 150s), Seen::durable);
  EXPECT_EQ(duplicates.look_up(digest(5), now + 1h), Seen::never) << "it makes room";
}

TEST(InformDuplicates, AgreesWithANaiveTableOverAMillionSteps) {
  InformDuplicates duplicates(10s, 8 * 64);
  std::map<std::uint64_t, base::BootTime> naive;
  std::deque<std::uint64_t> order;
  std::mt19937_64 random(1);
  base::BootTime now{1h};
  for (int step = 0; step < 1'000'000; ++step) {
    now += std::chrono::milliseconds(random() % 300);
    const std::uint64_t number = random() % 200;
    while (!order.empty() && naive[order.front()] < now - 10s) {
      naive.erase(order.front());
      order.pop_front();
    }
    const bool known = naive.contains(number);
    ASSERT_EQ(duplicates.look_up(digest(number), now), known ? Seen::durable : Seen::never)
        << "step " << step;
    if (known) continue;
    duplicates.mark_durable(digest(number), now);
    if (order.size() == 64) {
      naive.erase(order.front());
      order.pop_front();
    }
    naive[number] = now;
    order.push_back(number);
  }
}

}  // namespace
}  // namespace trapline::gateway
