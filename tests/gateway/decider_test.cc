#include "gateway/decider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/journal/standing.h"
#include "protocol/mib/mib_index.h"
#include "tests/support/wire.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using journal::RecordType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What comes out, closings and sinks included.
class Taken final : public OutcomeTaker {
 public:
  void take(const journal::Outcome& outcome, const journal::RecordView& /*about*/) override {
    std::string text = std::to_string(outcome.event.lsn.value);
    if (outcome.closing) text += " closes";
    if (outcome.verdict.flags.has(rules::VerdictFlag::loop)) text += " loop";
    for (const std::string_view sink : outcome.sinks) text += " " + std::string(sink);
    said.push_back(text);
  }
  std::vector<std::string> said;
};

std::shared_ptr<const rules::RuleSet> rules_with_a_route() {
  rules::RulesSpec spec;
  spec.has_routes = true;
  spec.routes.sinks.push_back({"a", {}});
  rules::SpecProblems problems;
  auto compiled =
      rules::RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a", "b"}}, problems);
  if (!compiled) ADD_FAILURE() << problems.front().message;
  return compiled;
}

// Puts records in, numbered on.
class DeciderTest : public testing::Test {
 protected:
  std::vector<std::string> decide(Decider& decider, RecordType type, base::Bytes payload = {}) {
    journal::RecordView record;
    record.type = type;
    record.ref.lsn.value = ++lsn_;
    record.payload = payload;
    Taken taken;
    decider.decide(record, "n1", taken);
    return taken.said;
  }

 private:
  std::uint64_t lsn_ = 0;
};

TEST_F(DeciderTest, WithoutRulesEveryEventGoesEverywhere) {
  Decider decider(nullptr, {"a", "b"});
  EXPECT_FALSE(decider.has_rules());
  EXPECT_THAT(decide(decider, RecordType::event), ElementsAre("1 a b"));
  EXPECT_FALSE(decider.next_due());
  EXPECT_THAT(decider.problems(), IsEmpty());
}

TEST_F(DeciderTest, ATimerIsClosedWithOrWithoutRules) {
  Decider bare(nullptr, {"a"});
  EXPECT_THAT(decide(bare, RecordType::timer), ElementsAre("1 closes"));
  Decider ruled(rules_with_a_route(), {"a", "b"});
  EXPECT_THAT(decide(ruled, RecordType::timer), ElementsAre("2 closes"));
}

// A rule can lose nothing, and neither can what it cannot be asked about.
TEST_F(DeciderTest, AnEventThatCannotBeReadGoesEverywhereWhateverTheRoutes) {
  Decider decider(rules_with_a_route(), {"a", "b"});
  EXPECT_THAT(decide(decider, RecordType::event, base::as_bytes("damaged")), ElementsAre("1 a b"));
}

TEST_F(DeciderTest, OtherRecordsDecideNothing) {
  Decider decider(rules_with_a_route(), {"a", "b"});
  for (const auto type : {RecordType::outcome, RecordType::cursor, RecordType::engines}) {
    EXPECT_THAT(decide(decider, type, base::as_bytes("what it says")), IsEmpty());
  }
  std::vector<std::byte> checkpoint;
  journal::Standing().encode(checkpoint, 1h);
  EXPECT_THAT(decide(decider, RecordType::checkpoint, checkpoint), IsEmpty());
  EXPECT_THAT(decide(decider, RecordType::checkpoint, base::as_bytes("damaged")), IsEmpty());
}

TEST_F(DeciderTest, GoesOnUnderOtherRulesOrNone) {
  Decider decider(nullptr, {"a", "b"});
  decider.exchange(rules_with_a_route());
  EXPECT_TRUE(decider.has_rules());
  std::vector<std::byte> saved;
  decider.save(saved);
  EXPECT_TRUE(decider.restore(saved));
  EXPECT_FALSE(decider.restore(base::as_bytes("damaged")));
  // What they had to say is still said; nothing is left to be matched.
  decider.exchange(nullptr);
  EXPECT_TRUE(decider.has_rules());
  ASSERT_TRUE(decider.report());
  EXPECT_EQ(decider.report()->loaded, 0U);
  EXPECT_THAT(decide(decider, RecordType::event), ElementsAre("1 a b"));
  // Without any from the beginning there is no state.
  Decider plain(nullptr, {"a"});
  plain.exchange(nullptr);
  EXPECT_FALSE(plain.has_rules());
  saved.clear();
  plain.save(saved);
  EXPECT_THAT(saved, IsEmpty());
  EXPECT_TRUE(plain.restore(base::as_bytes("of no matter")));
}

// Says of everything that it has come back, or of nothing.
class FixedGuard final : public sinks::ForwardGuard {
 public:
  sinks::ForwardDigest forwarding(const protocol::TrapMessage&) override { return {}; }
  void still_forwarding(const sinks::ForwardDigest&) override {}
  [[nodiscard]] bool has_come_back(const protocol::TrapMessage&) override {
    ++asked;
    return come_back;
  }
  bool come_back = true;
  int asked = 0;
};

std::vector<std::byte> event_payload() {
  const auto datagram = test_support::v2c_trap({});
  protocol::DecodeScratch scratch;
  const auto decoded = protocol::decode(datagram, protocol::kDefaultMaxVarbinds, scratch);
  EXPECT_TRUE(decoded);
  std::vector<std::byte> payload(journal::event_bytes(decoded->message, decoded->pdu));
  journal::encode_event(decoded->message, decoded->pdu, {}, payload);
  return payload;
}

TEST_F(DeciderTest, WhatHasComeBackIsMarkedWithOrWithoutRulesAndGoesWhereItWould) {
  const std::vector<std::byte> event = event_payload();
  for (const bool ruled : {false, true}) {
    FixedGuard guard;
    Decider decider(ruled ? rules_with_a_route() : nullptr, {"a"});
    decider.watch_for_loops(guard);
    EXPECT_THAT(decide(decider, RecordType::event, event),
                ElementsAre(testing::EndsWith(" loop a")));
    guard.come_back = false;
    EXPECT_THAT(decide(decider, RecordType::event, event),
                ElementsAre(testing::Not(testing::HasSubstr("loop"))));
    EXPECT_EQ(guard.asked, 2);
    // Nothing can be asked about what cannot be read, and nothing is remembered of the one before.
    guard.come_back = true;
    EXPECT_THAT(decide(decider, RecordType::event, base::as_bytes("damaged")),
                ElementsAre(testing::Not(testing::HasSubstr("loop"))));
    EXPECT_EQ(guard.asked, 2);
  }
}

TEST_F(DeciderTest, ARaiseThatWasHeldIsAskedAboutWhenItGoesOut) {
  rules::RulesSpec spec;
  rules::RuleSpec& rule = spec.rules.emplace_back();
  rule.name = "down";
  rule.state = rules::State::raise;
  rule.hold = 30s;
  rules::SpecProblems problems;
  auto compiled =
      rules::RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a"}}, problems);
  ASSERT_TRUE(compiled);
  FixedGuard guard;
  guard.come_back = false;
  Decider decider(compiled, {"a"});
  decider.watch_for_loops(guard);
  EXPECT_THAT(decide(decider, RecordType::event, event_payload()), testing::SizeIs(1));
  ASSERT_TRUE(decider.next_due());
  guard.come_back = true;
  journal::RecordView timer;
  timer.type = RecordType::timer;
  timer.ref.lsn.value = 99;
  timer.rule_time = *decider.next_due();
  Taken taken;
  decider.decide(timer, "n1", taken);
  EXPECT_THAT(taken.said, ElementsAre("99 loop a", "99 closes"));
}

}  // namespace
}  // namespace trapline::gateway
