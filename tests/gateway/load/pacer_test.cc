#include "gateway/load/pacer.h"

#include <gtest/gtest.h>

namespace trapline::gateway::load {
namespace {

using namespace std::chrono_literals;

constexpr base::BootTime kStart{1h};

TEST(Pacer, FirstIsDueAtTheStart) {
  const Pacer pacer(10, kStart);
  EXPECT_EQ(pacer.due_by(kStart - 1ns), 0U);
  EXPECT_EQ(pacer.due_by(kStart), 1U);
  EXPECT_EQ(pacer.due_at(0), kStart);
}

TEST(Pacer, KeepsTheRateHoweverLateItIsAsked) {
  const Pacer pacer(5'000, kStart);
  EXPECT_EQ(pacer.due_by(kStart + 10s), 50'001U);
  EXPECT_EQ(pacer.due_at(50'000), kStart + 10s);
}

TEST(Pacer, WhatIsDueAtATimeIsDueByThatTime) {
  const Pacer pacer(333'333.3, kStart);
  for (std::uint64_t index = 0; index < 100'000; index += 7) {
    EXPECT_GT(pacer.due_by(pacer.due_at(index)), index);
  }
}

}  // namespace
}  // namespace trapline::gateway::load
