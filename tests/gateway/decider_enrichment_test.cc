#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/test_event.h"
#include "gateway/decider.h"
#include "gateway/journal/standing.h"
#include "protocol/mib/mib_index.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using journal::RecordType;
using rules::AnswerState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

rules::SourceText source(std::string text) { return {std::move(text), {}}; }

// linkDown asks for the interface's name, linkUp for nothing; without `asking`, neither does.
std::shared_ptr<const rules::RuleSet> asking_rules(bool asking = true) {
  rules::RulesSpec spec;
  rules::EnrichmentSpec interface;
  interface.name = "interface";
  interface.get.emplace_back(source("ifName"), source("IF-MIB::ifName.{{ vars.ifIndex }}"));
  spec.enrichments.push_back(std::move(interface));
  rules::RuleSpec rule;
  rule.name = "asked";
  rule.match.push_back(source("IF-MIB::linkDown"));
  if (asking) rule.enrich.push_back(source("interface"));
  rule.set.summary = source("{{ interface.ifName | default('?') }}");
  spec.rules.push_back(std::move(rule));
  rules::SpecProblems problems;
  auto compiled =
      rules::RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a"}}, problems);
  if (!compiled) ADD_FAILURE() << problems.front().message;
  return compiled;
}

// "LSN waits", "LSN closes", or "LSN summary flags"; an id in place of the LSN for what nobody
// sent.
class Taken final : public OutcomeTaker {
 public:
  void take(const journal::Outcome& outcome, const journal::RecordView& about) override {
    EXPECT_EQ(outcome.event.lsn, about.ref.lsn);
    std::string text = std::to_string(outcome.event.lsn.value);
    if (outcome.synthetic) {
      text = std::string(outcome.id) + " " + std::string(name_of(outcome.verdict.synthetic));
      EXPECT_TRUE(journal::kept_record(outcome.kept_event));
    }
    if (outcome.waiting) text += " waits";
    if (outcome.closing) text += " closes";
    if (outcome.decides()) {
      text += outcome.verdict.summary.empty() ? "" : " " + std::string(outcome.verdict.summary);
      for (int i = 0; i < rules::kVerdictFlagCount; ++i) {
        const auto flag = static_cast<rules::VerdictFlag>(i);
        if (outcome.verdict.flags.has(flag)) text += " " + std::string(name_of(flag));
      }
      if (!outcome.verdict.enrichment.empty()) text += " enriched";
    }
    said.push_back(text);
  }
  std::vector<std::string> said;
};

// A record that was made.
struct Made {
  RecordType type = RecordType::event;
  std::int64_t at = 0;
  std::vector<std::byte> payload;
};

class DeciderEnrichmentTest : public ::testing::Test {
 protected:
  static journal::RecordView record_of(const Made& made, std::uint64_t lsn) {
    journal::RecordView record;
    record.type = made.type;
    record.ref.lsn.value = lsn;
    record.rule_time.since_epoch_ns = made.at;
    record.payload = made.payload;
    return record;
  }
  static std::vector<std::string> put(Decider& decider, const Made& made, std::uint64_t lsn) {
    Taken taken;
    decider.decide(record_of(made, lsn), "n1", taken);
    return taken.said;
  }
  Made at_now(Made made) const {
    made.at = now_;
    return made;
  }
  std::vector<std::string> put(Made made) {
    made.at = now_;
    made_.push_back(std::move(made));
    return put(decider_, made_.back(), made_.size());
  }
  static Made trap(int agent, int interface, const char* name = "IF-MIB::linkDown") {
    TestNotification sent;
    sent.trap = source(name);
    sent.from = base::IpAddress::v4(
        {10, 0, static_cast<std::uint8_t>(agent >> 8), static_cast<std::uint8_t>(agent & 0xff)});
    TestVarBind index;
    index.name = source("ifIndex");
    index.value = std::to_string(interface);
    sent.varbinds.push_back(index);
    return {RecordType::event, 0, *encode_test_event(sent, protocol::mib::MibIndex::built_in())};
  }
  static Made answer_to(const rules::EnrichmentWish& wish, AnswerState state,
                        std::string_view text = "Gi") {
    const std::string key = wish.key();
    const rules::AnsweredMember member{
        "ifName",
        {wish.members[0].oid.view(),
         {protocol::ValueType::octet_string, 4, 0, base::as_bytes(text)}}};
    const bool heard = state == AnswerState::known || state == AnswerState::failed;
    journal::Answer answer{state, wish.agent, heard, wish.enrichment, key, 10s, {}};
    if (state == AnswerState::known) answer.members = {&member, 1};
    Made made{RecordType::answer, 0, std::vector<std::byte>(journal::answer_bytes(answer))};
    journal::encode_answer(answer, made.payload);
    return made;
  }
  rules::EnrichmentWish only_wish() {
    auto wishes = decider_.take_wishes();
    EXPECT_THAT(wishes, SizeIs(1));
    return wishes.empty() ? rules::EnrichmentWish() : wishes.front();
  }
  void pass(std::chrono::nanoseconds time) { now_ += time.count(); }

  Decider decider_{asking_rules(), {"a"}};
  std::vector<Made> made_;
  std::int64_t now_ = 1'767'225'600'000'000'000;
};

TEST_F(DeciderEnrichmentTest, AnEventWaitsForItsAnswerAndOthersDoNot) {
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("1 waits"));
  EXPECT_THAT(put(trap(2, 7, "IF-MIB::linkUp")), ElementsAre("2"));
  const auto wish = only_wish();
  EXPECT_EQ(wish.agent.to_string(), "10.0.0.1");
  EXPECT_THAT(put(answer_to(wish, AnswerState::known)), ElementsAre("1 Gi enriched", "3 closes"));
  // Known now, for ten seconds.
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("4 Gi enriched"));
  pass(11s);
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("5 waits"));
  EXPECT_THAT(decider_.take_wishes(), SizeIs(1));
}

TEST_F(DeciderEnrichmentTest, LaterEventsOfTheAgentWaitBehindAndAllIsAskedAtOnce) {
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("1 waits"));
  EXPECT_THAT(put(trap(1, 7, "IF-MIB::linkUp")), ElementsAre("2 waits"));
  EXPECT_THAT(put(trap(1, 8)), ElementsAre("3 waits"));
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("4 waits"));
  const auto wishes = decider_.take_wishes();
  ASSERT_THAT(wishes, SizeIs(2));
  EXPECT_THAT(put(answer_to(wishes[1], AnswerState::known, "eight")), ElementsAre("5 closes"));
  EXPECT_THAT(
      put(answer_to(wishes[0], AnswerState::known, "seven")),
      ElementsAre("1 seven enriched", "2", "3 eight enriched", "4 seven enriched", "6 closes"));
  EXPECT_THAT(decider_.take_wishes(), IsEmpty());
}

TEST_F(DeciderEnrichmentTest, TheBudgetIsATimer) {
  (void)put(trap(1, 7));
  pass(1s);
  (void)put(trap(1, 8));
  ASSERT_TRUE(decider_.next_due());
  EXPECT_EQ(decider_.next_due()->since_epoch_ns, now_ + 1'000'000'000);
  pass(1s);
  EXPECT_THAT(put({RecordType::timer, 0, {}}), ElementsAre("1 ? enrich_timeout", "3 closes"));
  pass(1s);
  // Any record tells the time.
  EXPECT_THAT(put(trap(2, 7, "IF-MIB::linkUp")), ElementsAre("2 ? enrich_timeout", "4"));
  EXPECT_FALSE(decider_.next_due());
}

TEST_F(DeciderEnrichmentTest, FailuresAreAnswersToo) {
  (void)put(trap(1, 7));
  EXPECT_THAT(put(answer_to(only_wish(), AnswerState::failed)),
              ElementsAre("1 ? enrich_failed", "2 closes"));
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("3 ? enrich_failed"));
  (void)put(trap(2, 7));
  EXPECT_THAT(put(answer_to(only_wish(), AnswerState::timeout)),
              ElementsAre("n1-0-5-1 device_unreachable 10.0.0.2 does not answer what rules ask it",
                          "4 ? enrich_timeout", "5 closes"));
}

TEST_F(DeciderEnrichmentTest, ADeviceFallsSilentOnceAndComesBackOnce) {
  (void)put(trap(1, 7));
  const auto first = only_wish();
  EXPECT_THAT(put(answer_to(first, AnswerState::timeout)), SizeIs(3));
  (void)put(trap(1, 8));
  const auto second = only_wish();
  EXPECT_THAT(put(answer_to(second, AnswerState::timeout)),
              ElementsAre("3 ? enrich_timeout", "4 closes"));
  std::vector<std::byte> saved;
  decider_.save(saved);
  ASSERT_TRUE(decider_.restore(saved));
  // What was not asked tells nothing; any word of the device does.
  EXPECT_THAT(put(answer_to(first, AnswerState::skipped)), ElementsAre("5 closes"));
  EXPECT_THAT(put(answer_to(first, AnswerState::failed)),
              ElementsAre("n1-0-6-1 device_reachable 10.0.0.1 answers again what rules ask it",
                          "6 closes"));
  EXPECT_THAT(put(answer_to(first, AnswerState::known)), ElementsAre("7 closes"));
  EXPECT_THAT(put(answer_to(second, AnswerState::timeout)), SizeIs(2));
}

TEST_F(DeciderEnrichmentTest, AFullQueueLetsItsOldestGo) {
  for (std::size_t i = 1; i <= WaitingRoom::kMostOfAgent; ++i) {
    EXPECT_THAT(put(trap(1, 7)), ElementsAre(std::to_string(i) + " waits"));
  }
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("1 ? enrich_skipped", "1001 waits"));
  EXPECT_THAT(put(trap(1, 7, "IF-MIB::linkUp")), ElementsAre("2 ? enrich_skipped", "1002 waits"));
  EXPECT_THAT(put(answer_to(only_wish(), AnswerState::known)),
              SizeIs(257));  // with its closing; the others follow
}

TEST_F(DeciderEnrichmentTest, AFullRoomTurnsNewAgentsAway) {
  for (std::size_t i = 0; i < WaitingRoom::kMostEvents; ++i) {
    (void)put(trap(static_cast<int>(i % 100), 7));
  }
  EXPECT_THAT(put(trap(200, 7)), ElementsAre("10001 ? enrich_skipped"));
  EXPECT_THAT(put(trap(5, 7)), ElementsAre("6 ? enrich_skipped", "10002 waits"));
}

TEST_F(DeciderEnrichmentTest, ARestoredDeciderGoesOnAndAsksAgain) {
  (void)put(trap(1, 7));
  (void)put(trap(1, 7, "IF-MIB::linkUp"));
  (void)put(trap(2, 9));
  (void)put(answer_to(decider_.take_wishes()[1], AnswerState::known));
  std::vector<std::byte> saved;
  decider_.save(saved);
  Decider again(asking_rules(), {"a"});
  ASSERT_TRUE(again.restore(saved));
  again.settle_waiting({{journal::Lsn{1}, {}}, {journal::Lsn{2}, {}}});
  again.ask_again({now_});
  EXPECT_TRUE(again.is_waiting(journal::Lsn{2}));
  const auto wishes = again.take_wishes();
  ASSERT_THAT(wishes, SizeIs(1));
  Made answer = answer_to(wishes[0], AnswerState::known);
  answer.at = now_;
  EXPECT_THAT(put(again, answer, 5), ElementsAre("1 Gi enriched", "2", "5 closes"));
  Made known = trap(2, 9);
  known.at = now_;
  EXPECT_THAT(put(again, known, 6), ElementsAre("6 Gi enriched"));
  saved.pop_back();
  EXPECT_FALSE(again.restore(saved));
  EXPECT_FALSE(again.is_waiting(journal::Lsn{1}));
}

TEST_F(DeciderEnrichmentTest, WhatNobodyRemembersWaitsAgainInItsPlace) {
  (void)put(trap(1, 7));
  (void)put(trap(1, 8));
  std::vector<std::byte> saved;
  decider_.save(saved);
  Decider again(asking_rules(), {"a"});
  ASSERT_TRUE(again.restore(saved));
  again.settle_waiting({{journal::Lsn{2}, {}}});
  Taken taken;
  again.resume_waiting(record_of(made_[0], 1), "n1", taken);
  EXPECT_THAT(taken.said, IsEmpty());
  again.ask_again({now_});
  EXPECT_THAT(again.take_wishes(), SizeIs(2));
  again.give_up_waiting(taken);
  EXPECT_THAT(taken.said, ElementsAre("1 ? enrich_timeout", "2 ? enrich_timeout"));
}

// A start under rules that ask for nothing: what waits on record is decided once, behind the
// records that are gone through again, and nothing that was decided is decided twice.
TEST_F(DeciderEnrichmentTest, WhatWaitsOnRecordIsHeldBackWhateverTheRulesSay) {
  std::vector<std::byte> saved;
  decider_.save(saved);
  (void)put(trap(1, 7));
  (void)put(trap(2, 7, "IF-MIB::linkUp"));
  const std::map<journal::Lsn, journal::RecordRef> waiting{{journal::Lsn{1}, {}}};
  Decider again(asking_rules(false), {"a"});
  ASSERT_TRUE(again.restore(saved));
  again.hold_back(waiting);
  EXPECT_THAT(put(again, made_[0], 1), ElementsAre("1 waits"));
  EXPECT_THAT(put(again, made_[1], 2), ElementsAre("2"));
  pass(3s);
  EXPECT_THAT(put(again, at_now({RecordType::timer, 0, {}}), 3), ElementsAre("3 closes"));
  again.settle_waiting(waiting);
  again.ask_again({now_});
  EXPECT_THAT(put(again, at_now({RecordType::timer, 0, {}}), 4), ElementsAre("1 ?", "4 closes"));
}

// The other way round: rules of today would have it wait, but it has been decided.
TEST_F(DeciderEnrichmentTest, WhatWasDecidedWaitsForNothing) {
  const std::map<journal::Lsn, journal::RecordRef> nothing;
  decider_.hold_back(nothing);
  EXPECT_THAT(put(trap(1, 7)), ElementsAre("1 waits"));
  decider_.settle_waiting(nothing);
  decider_.ask_again({now_});
  EXPECT_THAT(decider_.take_wishes(), IsEmpty());
  pass(3s);
  EXPECT_THAT(put({RecordType::timer, 0, {}}), ElementsAre("2 closes"));
}

TEST_F(DeciderEnrichmentTest, ManyAreDecidedAFewAtATime) {
  for (int i = 0; i < 600; ++i) (void)put(trap(1, 7));
  const auto first = put(answer_to(only_wish(), AnswerState::known));
  EXPECT_THAT(first, SizeIs(257));
  ASSERT_TRUE(decider_.next_due());
  EXPECT_EQ(decider_.next_due()->since_epoch_ns, now_);
  // What comes meanwhile stays behind them.
  EXPECT_THAT(put(trap(1, 7, "IF-MIB::linkUp")), SizeIs(257));
  const auto last = put({RecordType::timer, 0, {}});
  EXPECT_THAT(last, SizeIs(90));
  EXPECT_EQ(last[88], "602");
  EXPECT_FALSE(decider_.next_due());
}

// The process died three times when the answer was there: the event is passed on unseen, in its
// place.
TEST_F(DeciderEnrichmentTest, APoisonedEventThatWaitsIsPassedOn) {
  const test_support::ScratchDirectory scratch;
  base::SystemClock clock;
  base::Log log(base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {});
  const PoisonList poison = PoisonList::load(
      scratch.write("deaths", "router - 1\nrouter - 1\nrouter - 1\n"), journal::Lsn{9}, log);
  ASSERT_TRUE(poison.at_router(journal::Lsn{1}));
  (void)put(trap(1, 7));
  (void)put(trap(1, 7));
  decider_.watch_for_poison(poison);
  EXPECT_THAT(put(answer_to(only_wish(), AnswerState::known)),
              ElementsAre("1 rule_error", "2 Gi enriched", "3 closes"));
}

TEST_F(DeciderEnrichmentTest, DowntimeDoesNotCount) {
  (void)put(trap(1, 7));
  std::vector<std::byte> checkpoint;
  journal::Standing().encode(checkpoint, 1h);
  pass(1h);
  EXPECT_THAT(put({RecordType::checkpoint, 0, checkpoint}), IsEmpty());
  EXPECT_THAT(put({RecordType::timer, 0, {}}), ElementsAre("3 closes"));
  pass(2s);
  EXPECT_THAT(put({RecordType::timer, 0, {}}), ElementsAre("1 ? enrich_timeout", "4 closes"));
}

// Whatever comes, events of an agent are decided in their order, each once; and going through the
// same records again decides the same.
TEST_F(DeciderEnrichmentTest, OrderHoldsAndEverythingRepeats) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 dice(seed);
    Decider decider(asking_rules(), {"a"});
    std::vector<Made> made;
    std::vector<int> agents{-1};
    std::vector<std::string> said;
    std::vector<rules::EnrichmentWish> open;
    const auto add = [&](Made one, int agent) {
      one.at = now_;
      made.push_back(std::move(one));
      agents.push_back(agent);
      for (std::string& line : put(decider, made.back(), made.size())) {
        said.push_back(std::move(line));
      }
      for (auto& wish : decider.take_wishes()) open.push_back(std::move(wish));
    };
    for (int step = 0; step < 300; ++step) {
      pass(std::chrono::milliseconds(dice() % 100));
      const int agent = static_cast<int>(dice() % 4);
      if (dice() % 3 != 0) {
        add(trap(agent, static_cast<int>(1 + dice() % 3),
                 dice() % 3 == 0 ? "IF-MIB::linkUp" : "IF-MIB::linkDown"),
            agent);
      } else if (!open.empty()) {
        std::swap(open[dice() % open.size()], open.back());
        const rules::EnrichmentWish wish = std::move(open.back());
        open.pop_back();
        add(answer_to(wish, dice() % 4 == 0 ? AnswerState::timeout : AnswerState::known), -1);
      }
    }
    pass(3s);
    add({RecordType::timer, 0, {}}, -1);
    std::map<int, int> last;
    std::size_t decided = 0;
    for (const std::string& line : said) {
      if (line.ends_with("waits") || line.ends_with("closes")) continue;
      if (line.starts_with("n1-")) continue;
      const int lsn = std::stoi(line);
      EXPECT_GT(lsn, last[agents[static_cast<std::size_t>(lsn)]]) << line << " seed " << seed;
      last[agents[static_cast<std::size_t>(lsn)]] = lsn;
      ++decided;
    }
    EXPECT_EQ(decided, static_cast<std::size_t>(
                           std::ranges::count_if(agents, [](int agent) { return agent >= 0; })));
    Decider again(asking_rules(), {"a"});
    std::vector<std::string> repeated;
    for (std::size_t i = 0; i < made.size(); ++i) {
      for (std::string& line : put(again, made[i], i + 1)) repeated.push_back(std::move(line));
    }
    ASSERT_EQ(repeated, said) << "seed " << seed;
  }
}

}  // namespace
}  // namespace trapline::gateway
