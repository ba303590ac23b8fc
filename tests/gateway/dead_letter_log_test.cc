#include "gateway/dead_letter_log.h"

#include <cstring>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/sim_fs.h"

namespace trapline::gateway {
namespace {

using journal::Letter;
using test_support::SimFs;

constexpr const char* kDirectory = "/data/deadletters";

class DeadLetters : public testing::Test {
 protected:
  DeadLetters() {
    (void)fs_.make_directory("/data");
    event_.fill(std::byte{7});
    outcome_.fill(std::byte{9});
  }

  Letter letter(std::string_view sink, std::string_view id) {
    Letter letter{0, base::WallTime(std::chrono::seconds(5)), sink, id, "400 said no", 3, {}, {}};
    letter.outcome = {journal::RecordType::outcome, {{12}, {}, 0}, {}, {44}, {}, outcome_};
    letter.event = {journal::RecordType::event, {{11}, {}, 0}, {}, {43}, {}, event_};
    return letter;
  }
  bool append(DeadLetterLog& log, std::vector<Letter> letters) {
    return log.append(letters, problem_);
  }
  // "number sink id" of each letter kept.
  std::vector<std::string> kept() {
    std::vector<std::string> out;
    const auto read = read_dead_letters(fs_, kDirectory, [&](const Letter& letter) {
      out.push_back(std::to_string(letter.number) + " " + std::string(letter.sink) + " " +
                    std::string(letter.id));
      EXPECT_EQ(letter.reason, "400 said no");
      EXPECT_EQ(letter.attempts, 3U);
      EXPECT_EQ(letter.outcome.ref.lsn.value, 12U);
      EXPECT_EQ(letter.event.payload.size(), event_.size());
      EXPECT_EQ(std::memcmp(letter.event.payload.data(), event_.data(), event_.size()), 0);
      return true;
    });
    EXPECT_TRUE(read);
    return out;
  }

  SimFs fs_{1};
  test_support::FakeClock clock_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  std::array<std::byte, 501> event_;
  std::array<std::byte, 40> outcome_;
  std::string problem_;
};

TEST_F(DeadLetters, AreKeptWholeAndNumberedOnAfterARestart) {
  EXPECT_TRUE(kept().empty());
  {
    DeadLetterLog log(fs_, kDirectory, log_);
    ASSERT_TRUE(append(log, {letter("a", "gw-1-1"), letter("b", "gw-1-2")})) << problem_;
  }
  fs_.power_cycle();
  DeadLetterLog log(fs_, kDirectory, log_);
  ASSERT_TRUE(append(log, {letter("a", "gw-1-3")})) << problem_;
  EXPECT_EQ(kept(), (std::vector<std::string>{"1 a gw-1-1", "2 b gw-1-2", "3 a gw-1-3"}));
}

TEST_F(DeadLetters, WhatWasAppendedSurvivesThePowerFailingAtAnyMoment) {
  for (std::uint64_t changes = 1; changes < 30; ++changes) {
    SimFs fs(changes);
    (void)fs.make_directory("/data");
    DeadLetterLog log(fs, kDirectory, log_);
    fs.cut_power_after(changes);
    std::size_t safe = 0;
    for (int i = 0; i < 5; ++i) {
      if (append(log, {letter("a", "gw-1-1")})) ++safe;
    }
    fs.power_cycle();
    std::size_t found = 0;
    ASSERT_TRUE(read_dead_letters(fs, kDirectory, [&](const Letter&) { return ++found, true; }));
    EXPECT_GE(found, safe) << changes;
  }
}

TEST_F(DeadLetters, AreDroppedOneByOneAndBySink) {
  DeadLetterLog log(fs_, kDirectory, log_);
  ASSERT_TRUE(append(log, {letter("a", "1"), letter("b", "2"), letter("a", "3")}));
  ASSERT_TRUE(append(log, {letter("a", "4")}));
  const auto one =
      drop_dead_letters(fs_, kDirectory, [](const Letter& l) { return l.number == 2; });
  ASSERT_TRUE(one);
  EXPECT_EQ(*one, 1U);
  EXPECT_EQ(kept(), (std::vector<std::string>{"1 a 1", "3 a 3", "4 a 4"}));
  const auto all =
      drop_dead_letters(fs_, kDirectory, [](const Letter& l) { return l.sink == "a"; });
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, 3U);
  EXPECT_TRUE(kept().empty());
}

TEST_F(DeadLetters, TheOldestMakeRoom) {
  DeadLetterLog log(fs_, kDirectory, log_, 3'000);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(append(log, {letter("a", std::to_string(i))}));
  const auto left = kept();
  EXPECT_GE(left.size(), 3U);
  EXPECT_LE(left.size(), 5U);
  EXPECT_EQ(left.back(), "20 a 19");
}

TEST_F(DeadLetters, DamageIsPassedOver) {
  std::vector<std::byte> file;
  append_letter(letter("a", "1"), file);
  for (std::size_t at = 0; at < file.size(); at += 7) {
    std::vector<std::byte> damaged = file;
    damaged[at] ^= std::byte{0x40};
    std::size_t offset = 0;
    while (journal::read_letter(damaged, offset)) continue;
    damaged = file;
    damaged.resize(at);
    offset = 0;
    EXPECT_FALSE(journal::read_letter(damaged, offset));
  }
}

}  // namespace
}  // namespace trapline::gateway
