// Events that wait for devices, in simulation: whatever happens to power and answers, each is
// decided once, those of one agent in their order, and the journal replayed gives the same.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/rules_world.h"
#include "tests/simulation/seeds.h"

namespace trapline::simulation {
namespace {

using rules::AnswerState;
using rules::VerdictFlag;
using ::testing::AllOf;
using ::testing::Gt;
using ::testing::Lt;

constexpr std::uint64_t kDefaultSeeds = 500;

// Devices whose answers come when the test says so, in any order.
class Devices final : public AnswerSeeker {
 public:
  void seek(std::vector<rules::EnrichmentWish> wishes) override {
    for (rules::EnrichmentWish& wish : wishes) {
      ++polls;
      asked_.push_back(std::move(wish));
    }
  }
  void take_answers(const std::function<void(const journal::Answer&)>& take) override {
    for (const auto& [wish, state] : ready_) {
      const std::string key = wish.key();
      std::vector<rules::AnsweredMember> members;
      for (const rules::WishedMember& member : wish.members) {
        members.push_back({member.name,
                           {member.oid.view(),
                            {protocol::ValueType::octet_string, 4, 0, base::as_bytes("core1")}}});
      }
      journal::Answer answer;
      answer.state = state;
      answer.agent = wish.agent;
      answer.heard = state == AnswerState::known || state == AnswerState::failed;
      answer.enrichment = wish.enrichment;
      answer.key = key;
      answer.good_for = std::chrono::seconds(5);
      if (state == AnswerState::known) answer.members = members;
      take(answer);
    }
    ready_.clear();
  }
  // One of the questions gets its answer.
  void answer(std::uint64_t which, AnswerState state) {
    if (asked_.empty()) return;
    const auto at = asked_.begin() + static_cast<std::ptrdiff_t>(which % asked_.size());
    ready_.emplace_back(std::move(*at), state);
    asked_.erase(at);
  }
  // One of the questions never gets any.
  void lose(std::uint64_t which) {
    if (asked_.empty()) return;
    asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(which % asked_.size()));
  }
  // The process that asked is gone.
  void forget() {
    asked_.clear();
    ready_.clear();
  }
  [[nodiscard]] std::size_t open() const { return asked_.size(); }

  std::uint64_t polls = 0;

 private:
  std::vector<rules::EnrichmentWish> asked_;
  std::vector<std::pair<rules::EnrichmentWish, AnswerState>> ready_;
};

rules::EnrichmentSpec enrichment(std::string name, std::string member, std::string oid) {
  rules::EnrichmentSpec spec;
  spec.name = std::move(name);
  spec.get.emplace_back(source(std::move(member)), source(std::move(oid)));
  return spec;
}

// Agents 0 to 3 are asked, some of them twice over; what is remembered depends on the answers.
std::shared_ptr<const rules::RuleSet> asking_rules(bool limits) {
  rules::RulesSpec spec;
  spec.enrichments = {enrichment("device", "sysName", "SNMPv2-MIB::sysName.0"),
                      enrichment("place", "sysLocation", "SNMPv2-MIB::sysLocation.0")};
  auto asked = rule("asked", "cidr(\"10.0.0.0/30\").contains(agent.ip)", kLinkDown);
  asked.enrich = {source("device")};
  asked.state = rules::State::raise;
  asked.set.key = source("{{ agent.ip }}/{{ device.sysName }}");
  asked.hold = 2s;
  auto placed = rule("placed", "device.sysName == \"core1\"");
  placed.enrich = {source("place")};
  auto up = rule("up", "", kLinkUp);
  up.state = rules::State::clear;
  up.set.key = source("{{ agent.ip }}/core1");
  auto limited = rule("limited", "");
  limited.limit = {3, 1s, {source("agent.ip")}};
  spec.rules = {asked, placed, up};
  if (limits) spec.rules.push_back(limited);
  return compile(spec);
}

std::uint64_t lsn_of(const std::string& id) {
  return std::strtoull(id.c_str() + id.rfind('-') + 1, nullptr, 10);
}

// The first of an agent's events that came before an earlier one; nothing when all is in order.
std::string disorder(const std::vector<Seen>& seen) {
  std::map<std::string, std::uint64_t> last;
  for (const Seen& each : seen) {
    if (!each.synthetic.empty()) continue;
    std::uint64_t& before = last[each.agent];
    if (lsn_of(each.id) < before) return each.id + " came late";
    before = lsn_of(each.id);
  }
  return "";
}

// Devices first: the machine asks them to its end.
struct WithDevices {
  Devices devices_;
};

class World final : private WithDevices, public RulesWorld {
 public:
  // With `changing`, lives go by other rules: some ask, some ask for nothing, some are none.
  explicit World(std::uint64_t seed, bool changing = false)
      : RulesWorld(seed, asking_rules(true), &devices_), changing_(changing) {}

 private:
  void happen() override {
    if (roll(3) != 0) return answer();
    if (roll(20) == 0) machine_.process->router.save_state();
    if (roll(60) == 0) machine_.clock.advance(10s);
  }
  void answer() {
    switch (roll(8)) {
      case 0: return devices_.lose(roll(1'000));
      case 1: return devices_.answer(roll(1'000), AnswerState::timeout);
      case 2: return devices_.answer(roll(1'000), AnswerState::failed);
      default: return devices_.answer(roll(1'000), AnswerState::known);
    }
  }
  void rest() override {
    devices_.forget();
    if (!changing_) return;
    switch (roll(4)) {
      case 0: return machine_.use(asking_rules(true));
      case 1: return machine_.use(asking_rules(false));
      case 2: return machine_.use(nullptr);
      default: return machine_.use(compile({rule("silent", "")}));
    }
  }
  std::string check() override {
    if (!machine_.process->journal->standing().waiting.empty()) return "the log says some wait";
    if (const std::string late = disorder(seen()); !late.empty()) return late;
    return changing_ ? "" : machine_.replay();
  }

  const bool changing_;
};

TEST(EnrichmentSimulation, EveryEventIsDecidedOnceInTheOrderOfItsAgent) {
  const Seeds run = seeds(kDefaultSeeds);
  std::size_t enriched = 0;
  std::size_t timed_out = 0;
  std::size_t failed = 0;
  for (std::uint64_t seed = run.first; seed <= run.last; ++seed) {
    World world(seed);
    const std::string wrong = world.run();
    ASSERT_EQ(wrong, "") << "TRAPLINE_SEED=" << seed;
    for (const Seen& each : world.seen()) {
      enriched += each.enriched;
      timed_out += each.flags.has(VerdictFlag::enrich_timeout) ? 1 : 0;
      failed += each.flags.has(VerdictFlag::enrich_failed) ? 1 : 0;
    }
  }
  if (!run.many()) return;
  EXPECT_GT(enriched, run.last);
  EXPECT_GT(timed_out, run.last);
  EXPECT_GT(failed, run.last / 10);
}

// What was decided under the rules of one life is not decided again under those of the next.
TEST(EnrichmentSimulation, StartsUnderOtherRulesDecideNothingTwice) {
  const Seeds run = seeds(kDefaultSeeds);
  for (std::uint64_t seed = run.first; seed <= run.last; ++seed) {
    const std::string wrong = World(seed, true).run();
    ASSERT_EQ(wrong, "") << "TRAPLINE_SEED=" << seed;
  }
}

class Waiting : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(machine_.start()); }
  [[nodiscard]] std::size_t flagged(VerdictFlag flag) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        machine_.destination.seen, [flag](const Seen& each) { return each.flags.has(flag); }));
  }
  Devices devices_;
  Machine machine_{1, asking_rules(false), &devices_};
};

TEST_F(Waiting, OthersGoOnAndTheBudgetEndsIt) {
  machine_.receive(1);
  machine_.receive(5);
  machine_.pass(1s);
  ASSERT_EQ(machine_.destination.seen.size(), 1U);
  EXPECT_EQ(machine_.destination.seen[0].agent, "10.0.0.5");
  machine_.pass(900ms);
  EXPECT_EQ(machine_.destination.seen.size(), 1U);
  machine_.pass(600ms);
  ASSERT_EQ(machine_.destination.seen.size(), 2U);
  EXPECT_TRUE(machine_.destination.seen[1].flags.has(VerdictFlag::enrich_timeout));
  EXPECT_EQ(machine_.replay(), "");
}

TEST_F(Waiting, AKillLosesNothingAndTheDeviceIsAskedAgain) {
  for (int i = 0; i < 10; ++i) machine_.receive(1);
  machine_.receive(5);
  machine_.pass(500ms);
  ASSERT_EQ(machine_.destination.seen.size(), 1U);
  machine_.kill();
  devices_.forget();
  const std::uint64_t polls = devices_.polls;
  ASSERT_TRUE(machine_.start());
  EXPECT_EQ(machine_.process->journal->recovered().standing.waiting.size(), 10U);
  machine_.run(3);
  EXPECT_GT(devices_.polls, polls);
  while (devices_.open() != 0) {
    devices_.answer(0, AnswerState::known);
    machine_.pass(300ms);
  }
  ASSERT_EQ(machine_.destination.seen.size(), 11U);
  EXPECT_EQ(machine_.destination.seen[1].enriched, 2U);
  EXPECT_EQ(disorder(machine_.destination.seen), "");
  EXPECT_TRUE(machine_.process->books().balance());
  EXPECT_EQ(machine_.replay(), "");
}

// The state of the rules is lost while an event waits: what it raises then is remembered all the
// same, whatever happens next.
TEST_F(Waiting, WhatWaitsWithoutAStateStandsInTheNext) {
  machine_.receive(1);
  machine_.pass(300ms);
  machine_.kill();
  const auto files = machine_.fs.list("/data/rules");
  ASSERT_TRUE(files);
  ASSERT_FALSE(files->empty());
  for (const std::string& name : *files) machine_.fs.remove("/data/rules/" + name);
  devices_.forget();
  ASSERT_TRUE(machine_.start());
  machine_.run(2);
  while (devices_.open() != 0) {
    devices_.answer(0, AnswerState::known);
    machine_.pass(200ms);
  }
  machine_.pass(3s);
  ASSERT_EQ(machine_.process->router.problems().size(), 1U);
  machine_.kill();
  ASSERT_TRUE(machine_.start());
  machine_.run(3);
  EXPECT_EQ(machine_.process->router.problems().size(), 1U);
}

TEST_F(Waiting, AStormOfOneDeviceIsAskedOnceAndLosesNothing) {
  constexpr std::size_t kStorm = 10'000;
  for (std::size_t i = 0; i < kStorm; ++i) {
    machine_.receive(1);
    if (i % 500 == 0) machine_.run(1);
  }
  machine_.run(200);
  EXPECT_EQ(devices_.polls, 1U);
  // As many wait as a checkpoint of these small segments can name; the oldest have made room, in
  // their order.
  const std::size_t most = machine_.process->journal->most_waiting();
  ASSERT_THAT(most, AllOf(Gt(100U), Lt(1'000U)));
  EXPECT_EQ(machine_.process->journal->standing().waiting.size(), most);
  EXPECT_EQ(flagged(VerdictFlag::enrich_skipped), kStorm - most);
  devices_.answer(0, AnswerState::known);
  machine_.pass(500ms);
  devices_.answer(0, AnswerState::known);
  machine_.pass(500ms);
  EXPECT_EQ(devices_.polls, 2U);
  EXPECT_TRUE(machine_.process->journal->standing().waiting.empty());
  EXPECT_EQ(disorder(machine_.destination.seen), "");
  EXPECT_EQ(machine_.destination.times.size(), kStorm);
  EXPECT_TRUE(machine_.process->books().balance());
  EXPECT_EQ(machine_.process->books().awaiting, 0U);
}

}  // namespace
}  // namespace trapline::simulation
