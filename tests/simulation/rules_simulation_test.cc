// The line with rules that remember, in simulation: whatever happens to power and clocks, the
// journal replayed from its beginning gives what was decided, and timers keep their times.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/rules_world.h"
#include "tests/simulation/seeds.h"

namespace trapline::simulation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kDefaultSeeds = 1'500;
constexpr auto kDay = 24h;

// Every kind of state, by agent.
std::shared_ptr<const rules::RuleSet> stateful_rules() {
  const std::vector<rules::SourceText> by{source("agent.ip")};
  auto down = rule("down", "", kLinkDown);
  down.state = rules::State::raise;
  down.set.key = source("{{ agent.ip }}");
  down.hold = 2s;
  auto up = rule("up", "", kLinkUp);
  up.state = rules::State::clear;
  up.set.key = source("{{ agent.ip }}");
  auto deduped = rule("deduped", "cidr(\"10.0.0.0/31\").contains(agent.ip)");
  deduped.dedup = {1s, by};
  auto limited = rule("limited", "cidr(\"10.0.0.2/31\").contains(agent.ip)");
  limited.limit = {2, 1s, by};
  auto counted = rule("counted", "");
  counted.threshold = {5, 3s, by};
  auto missed = rule("missed", "");
  missed.absent = {2s, by};
  return compile({down, up, deduped, limited, counted, missed});
}

class World final : public RulesWorld {
 public:
  explicit World(std::uint64_t seed) : RulesWorld(seed, stateful_rules()) {}

 private:
  void happen() override {
    switch (roll(60)) {
      case 0: machine_.clock.step_wall(kDay); break;
      case 1: machine_.clock.step_wall(-kDay); break;
      case 2: machine_.clock.advance(1h); break;
      case 3: machine_.process->router.save_state(); break;
      default: break;
    }
  }
  void rest() override {
    if (roll(6) == 0) machine_.clock.step_wall(roll(2) == 0 ? kDay : -kDay);
  }
  std::string check() override { return machine_.replay(); }
};

TEST(RulesSimulation, ReplayingTheJournalGivesWhatWasDecided) {
  const Seeds run = seeds(kDefaultSeeds);
  std::map<std::string, int> kinds;
  for (std::uint64_t seed = run.first; seed <= run.last; ++seed) {
    World world(seed);
    const std::string wrong = world.run();
    ASSERT_EQ(wrong, "") << "TRAPLINE_SEED=" << seed;
    for (const Seen& each : world.seen()) ++kinds[each.synthetic];
  }
  EXPECT_TRUE(!run.many() || kinds.size() == 6) << kinds.size();
}

// Rules for what a clock may do to a hold and to an absence.
std::shared_ptr<const rules::RuleSet> timed_rules() {
  auto down = rule("down", "", kLinkDown);
  down.state = rules::State::raise;
  down.hold = 30s;
  auto missed = rule("missed", "", kLinkUp);
  missed.absent = {300s, {source("agent.ip")}};
  return compile({down, missed});
}

class Clocks : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(machine_.start()); }
  // Seconds since the boot clock's `since`, of what was seen of one kind.
  [[nodiscard]] std::vector<std::int64_t> seconds(std::string_view kind, base::BootTime since) {
    std::vector<std::int64_t> all;
    for (const Seen& each : machine_.destination.of(kind)) {
      all.push_back(std::chrono::floor<std::chrono::seconds>(each.at - since).count());
    }
    return all;
  }
  Machine machine_{1, timed_rules()};
};

TEST_F(Clocks, AStepOfTheWallClockMovesNoTimer) {
  int agent = 0;
  for (const auto step : {kDay, -kDay, -kDay, kDay}) {
    const base::BootTime begin = machine_.clock.boot();
    machine_.destination.seen.clear();
    machine_.receive(++agent, kLinkDown);
    machine_.pass(10s);
    machine_.clock.step_wall(step);
    machine_.pass(19s);
    EXPECT_THAT(machine_.destination.of("hold"), IsEmpty());
    machine_.pass(2s);
    EXPECT_THAT(seconds("hold", begin), ElementsAre(30));
  }
  EXPECT_EQ(machine_.replay(), "");
}

// A process that starts under an earlier wall clock goes on from the last record's rule time: a
// timer is late by what passed between that and the end, and by no more.
TEST_F(Clocks, AStepWhileWeWereDownLosesNoTimer) {
  int agent = 0;
  for (const auto step : {kDay, -kDay}) {
    machine_.destination.seen.clear();
    machine_.receive(++agent, kLinkDown);
    machine_.receive(agent, kLinkUp);
    machine_.pass(10s);
    machine_.kill();
    machine_.clock.step_wall(step);
    ASSERT_TRUE(machine_.start());
    machine_.pass(31s);
    EXPECT_EQ(machine_.destination.of("hold").size(), 1U);
    EXPECT_THAT(machine_.destination.of("absent"), IsEmpty());
    machine_.pass(290s);
    EXPECT_EQ(machine_.destination.of("absent").size(), 1U);
  }
  EXPECT_EQ(machine_.replay(), "");
}

TEST_F(Clocks, AnHourOfDowntimeIsNobodysSilence) {
  for (int agent = 1; agent <= 50; ++agent) machine_.receive(agent, kLinkUp);
  machine_.pass(100s);
  // The last that is heard says until when we listened.
  machine_.receive(60, kLinkDown);
  machine_.stop();
  machine_.clock.advance(1h);
  ASSERT_TRUE(machine_.start());
  const base::BootTime begin = machine_.clock.boot();
  machine_.pass(100s);
  EXPECT_THAT(machine_.destination.of("absent"), IsEmpty());
  // Half of them go on; the others are missed when their 300 seconds are over, the hour not
  // counted.
  for (int agent = 1; agent <= 25; ++agent) machine_.receive(agent, kLinkUp);
  machine_.pass(98s);
  EXPECT_THAT(machine_.destination.of("absent"), IsEmpty());
  machine_.pass(5s);
  const auto missed = seconds("absent", begin);
  ASSERT_EQ(missed.size(), 25U);
  for (const std::int64_t at : missed) EXPECT_NEAR(static_cast<double>(at), 200, 1);
  EXPECT_EQ(machine_.replay(), "");
}

TEST_F(Clocks, AHoldThatEndedWhileWeWereDownIsRaisedAtTheStart) {
  machine_.receive(1, kLinkDown);
  machine_.pass(10s);
  machine_.kill();
  machine_.clock.advance(1h);
  ASSERT_TRUE(machine_.start());
  machine_.pass(1s);
  EXPECT_EQ(machine_.destination.of("hold").size(), 1U);
  machine_.pass(60s);
  EXPECT_EQ(machine_.destination.of("hold").size(), 1U);
  EXPECT_EQ(machine_.replay(), "");
}

}  // namespace
}  // namespace trapline::simulation
