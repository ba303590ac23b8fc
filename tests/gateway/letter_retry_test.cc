#include "gateway/letter_retry.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway/dead_letter_log.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"
#include "tests/support/fake_clock.h"
#include "tests/support/recording_journal.h"
#include "tests/support/sim_fs.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::json;
using journal::Letter;

constexpr const char* kDirectory = "/data/deadletters";

class LetterRetryTest : public testing::Test {
 protected:
  LetterRetryTest() {
    (void)fs_.make_directory("/data");
    event_.fill(std::byte{7});
    journal::Outcome decided;
    decided.event = {{11}, {3}, 64};
    decided.verdict.severity = rules::Severity::major;
    decided.verdict.key = "if/7";
    const std::array<std::string_view, 2> sinks = {"hook", "kafka"};
    decided.sinks = sinks;
    outcome_.resize(journal::outcome_bytes(decided));
    journal::encode_outcome(decided, outcome_);
  }
  void append(std::string_view sink, base::Bytes outcome) {
    Letter letter{0, {}, sink, "gw-1-11", "422", 1, {}, {}};
    letter.outcome = {journal::RecordType::outcome, {{12}, {}, 0}, {}, {44}, {}, outcome};
    letter.event = {journal::RecordType::event, {{11}, {}, 0}, {}, {43}, {}, event_};
    std::string problem;
    ASSERT_TRUE(letters_.append(std::span(&letter, 1), problem)) << problem;
  }
  Json retry(std::vector<std::uint64_t> numbers) { return Json::parse(retry_.retry(numbers)); }
  std::uint64_t durable() { return Json::parse(retry_.progress_json())["durable"]; }

  test_support::SimFs fs_{1};
  test_support::FakeClock clock_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  std::array<std::byte, 200> event_;
  std::vector<std::byte> outcome_;
  DeadLetterLog letters_{fs_, kDirectory, log_};
  test_support::RecordingJournal journal_;
  LetterRetry retry_{fs_, kDirectory, journal_, {"hook", "other"}, 0xabc};
};

TEST_F(LetterRetryTest, ALetterIsDecidedOnceMoreForItsSinkAlone) {
  append("hook", outcome_);
  append("hook", outcome_);
  const Json answer = retry({2});
  EXPECT_EQ(answer["taken"], Json::array({2}));
  EXPECT_EQ(answer["refused"], Json::array());
  EXPECT_EQ(answer["instance"], "0000000000000abc");
  ASSERT_EQ(journal_.event_payloads().size(), 1U);
  journal::OutcomeScratch scratch;
  journal::Outcome outcome;
  ASSERT_TRUE(journal::decode_outcome(journal_.event_payloads()[0], scratch, outcome));
  EXPECT_TRUE(outcome.synthetic);
  EXPECT_TRUE(outcome.again);
  EXPECT_EQ(outcome.id, "gw-1-11");
  EXPECT_EQ(outcome.verdict.key, "if/7");
  EXPECT_EQ(outcome.verdict.synthetic, rules::Synthetic::none);
  ASSERT_EQ(outcome.sinks.size(), 1U);
  EXPECT_EQ(outcome.sinks[0], "hook");
  const auto kept = journal::kept_record(outcome.kept_event);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(std::ranges::equal(kept->payload, event_));
}

TEST_F(LetterRetryTest, ATicketIsDurableWithItsCommit) {
  append("hook", outcome_);
  const auto first = retry({1})["ticket"].get<std::uint64_t>();
  EXPECT_LT(durable(), first);
  journal_.commit();
  EXPECT_EQ(durable(), first);
  EXPECT_GT(retry({1})["ticket"].get<std::uint64_t>(), first);
  EXPECT_EQ(durable(), first);
}

TEST_F(LetterRetryTest, WhatCannotGoIsRefusedWithTheReason) {
  append("gone", outcome_);
  append("hook", {});
  const Json answer = retry({1, 2, 9});
  EXPECT_EQ(answer["taken"], Json::array());
  ASSERT_EQ(answer["refused"].size(), 3U);
  EXPECT_EQ(answer["refused"][0]["reason"], "there is no sink `gone` in the running gateway");
  EXPECT_EQ(answer["refused"][1]["reason"], "this version cannot read it");
  EXPECT_EQ(answer["refused"][2]["number"], 9);
  EXPECT_EQ(answer["refused"][2]["reason"], "there is no such letter");
  EXPECT_TRUE(journal_.event_payloads().empty());
}

TEST_F(LetterRetryTest, MoreThanAMegabyteIsLeftForTheNextRequest) {
  journal::Outcome decided;
  const std::string key(200'000, 'k');
  decided.verdict.key = key;
  std::vector<std::byte> large(journal::outcome_bytes(decided));
  journal::encode_outcome(decided, large);
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    append("hook", large);
    numbers.push_back(number);
  }
  const auto taken = retry(numbers)["taken"].get<std::vector<std::uint64_t>>();
  EXPECT_EQ(taken, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
}

TEST(LetterNumbers, AreNumbersWithBlanksBetween) {
  EXPECT_EQ(parse_letter_numbers(""), std::vector<std::uint64_t>());
  EXPECT_EQ(parse_letter_numbers("1 22\n333\n"), (std::vector<std::uint64_t>{1, 22, 333}));
  EXPECT_FALSE(parse_letter_numbers("1,2"));
  EXPECT_FALSE(parse_letter_numbers("-1"));
  EXPECT_FALSE(parse_letter_numbers("99999999999999999999999"));
}

}  // namespace
}  // namespace trapline::gateway
