#include "sinks/lane_worker.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sinks/lane.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// A destination that a test answers for, event by event.
class PatientSink final : public Sink {
 public:
  struct Taken {
    Sequence sequence;
    std::string id;
    unsigned lane;
  };

  bool open(std::string&) override {
    ++opens;
    at_hand.clear();
    return true;
  }
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers&) override {
    at_hand.push_back({sequence, std::string(event.id), lane_of(event.message.agent, lanes)});
    taken.emplace_back(event.id);
  }
  [[nodiscard]] bool wants(const rules::RoutedTrap& event) override {
    return !picky || event.id.ends_with("0");
  }
  void tick(base::BootTime, Answers& answers) override {
    if (on_tick) on_tick(answers);
  }
  [[nodiscard]] base::BootTime next_tick() const override { return base::BootTime::max(); }
  void drain(base::BootTime, Answers& answers) override {
    if (on_tick) on_tick(answers);
  }

  // Answers everything at hand as delivered.
  void deliver_all(Answers& answers) {
    for (const Taken& event : std::exchange(at_hand, {})) {
      delivered.push_back(event.id);
      answers.delivered(event.sequence);
    }
  }
  // Drops what is at hand of a lane from the first event on, as after `retry_lane`.
  void drop_lane(unsigned lane) {
    std::erase_if(at_hand, [&](const Taken& event) { return event.lane == lane; });
  }

  bool picky = false;  // wants every tenth
  unsigned lanes = 1;
  int opens = 0;
  std::vector<Taken> at_hand;
  std::vector<std::string> taken;
  std::vector<std::string> delivered;
  std::function<void(Answers&)> on_tick;
};

class KeptLetters final : public DeadLetters {
 public:
  struct Letter {
    std::string id, reason;
    std::uint32_t attempts;
  };
  void add(const rules::RoutedTrap& event, std::string_view reason,
           std::uint32_t attempts) override {
    added.push_back({std::string(event.id), std::string(reason), attempts});
  }
  bool commit(std::string& problem) override {
    if (failures > 0) {
      --failures;
      added.clear();
      problem = "disk full";
      return false;
    }
    ++commits;
    letters.insert(letters.end(), added.begin(), added.end());
    added.clear();
    return true;
  }

  std::vector<Letter> added, letters;
  int commits = 0, failures = 0;
};

// A source whose agents go round, so that lanes differ.
class RoundSource final : public OutcomeSource {
 public:
  RoundSource(const rules::RoutedTrap& event, unsigned agents) : inner(event), agents_(agents) {}

  Next next(rules::RoutedTrap& event, std::uint64_t& lsn) override {
    const Next next = inner.next(event, lsn);
    if (next == Next::event) {
      event.message.agent = agent_of(std::stoul(std::string(event.id.substr(5))));
    }
    return next;
  }
  [[nodiscard]] base::IpAddress agent_of(unsigned long number) const {
    return base::IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(number % agents_)});
  }
  [[nodiscard]] std::uint64_t gap_events() const override { return inner.gap_events(); }
  [[nodiscard]] std::uint64_t position_lsn() const override { return inner.position_lsn(); }
  void rewind(const SinkCursor& cursor) override { inner.rewind(cursor); }
  std::uint64_t skip_to_present() override { return inner.skip_to_present(); }
  void wait(base::BootTime deadline) override { inner.wait(deadline); }
  void interrupt() override { inner.interrupt(); }
  [[nodiscard]] SinkCursor cursor() const override { return inner.cursor(); }
  void save(const SinkCursor& cursor) override { inner.save(cursor); }

  ListedSource inner;

 private:
  const unsigned agents_;
};

class LaneWorkerTest : public testing::Test {
 protected:
  LaneWorker& make(LaneOptions lanes = {}, SinkWorkerOptions options = {.window_events = 16}) {
    sink_.lanes = lanes.lanes;
    worker_.emplace(options, lanes, sink_, source_, letters_, clock_, random_);
    return *worker_;
  }
  SinkWorker::Rest step() { return worker_->step(clock_.boot()); }
  SinkWorker::Rest settle() {
    SinkWorker::Rest rest = step();
    for (int i = 0; i < 20'000 && rest.until <= clock_.boot(); ++i) rest = step();
    return rest;
  }
  void answer_all() {
    sink_.on_tick = [this](Answers& answers) { sink_.deliver_all(answers); };
  }
  // Steps and moves the clock on until everything added is settled.
  void run_to_end() {
    for (int i = 0; i < 100'000; ++i) {
      const auto rest = step();
      const auto figures = worker_->figures();
      if (figures.delivered + figures.dead_lettered + figures.skipped ==
          static_cast<std::uint64_t>(source_.inner.added())) {
        return;
      }
      if (rest.until > clock_.boot() && rest.until != base::BootTime::max()) {
        clock_.advance(rest.until - clock_.boot());
      }
    }
    ADD_FAILURE() << "never ends";
  }
  void expect_order_per_agent(const std::vector<std::string>& ids) {
    std::map<base::IpAddress, unsigned long> last;
    for (const std::string& id : ids) {
      const auto number = std::stoul(id.substr(5));
      unsigned long& before = last[source_.agent_of(number)];
      EXPECT_LT(before, number) << id;
      before = number;
    }
  }

  test_support::FakeClock clock_;
  test_support::SeededRandom random_{1};
  TestEvent template_{link_down(), ""};
  RoundSource source_{template_.event, 8};
  PatientSink sink_;
  KeptLetters letters_;
  std::optional<LaneWorker> worker_;
};

TEST_F(LaneWorkerTest, DeliversInOrderWithinItsWindow) {
  source_.inner.add(100);
  make();
  settle();
  EXPECT_EQ(sink_.taken.size(), 16U);
  EXPECT_EQ(worker_->figures().in_hand, 16U);
  answer_all();
  settle();
  EXPECT_EQ(sink_.delivered.size(), 100U);
  EXPECT_EQ(sink_.delivered[99], "gw-1-100");
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn());
  EXPECT_EQ(worker_->figures().in_hand, 0U);
}

TEST_F(LaneWorkerTest, AnswersOutOfOrderAreExceptionsInTheCursor) {
  source_.inner.add(6);
  make();
  step();
  sink_.on_tick = [&](Answers& answers) {
    answers.delivered(sink_.at_hand[3].sequence);
    answers.delivered(sink_.at_hand[5].sequence);
    sink_.on_tick = {};
  };
  step();
  clock_.advance(1s);
  step();
  const SinkCursor cursor = source_.cursor();
  EXPECT_EQ(cursor.delivered, 2U);
  EXPECT_EQ(cursor.low_water_lsn, 0U);
  EXPECT_EQ(cursor.answered_beyond, (std::vector<std::uint64_t>{5, 8}));
}

TEST_F(LaneWorkerTest, ARestartRepeatsNothingThatTheCursorKnows) {
  source_.inner.add(6);
  make();
  step();
  sink_.on_tick = [&](Answers& answers) {
    answers.delivered(sink_.at_hand[3].sequence);
    answers.delivered(sink_.at_hand[5].sequence);
    sink_.on_tick = {};
  };
  step();
  clock_.advance(1s);
  step();
  source_.inner.restart();
  sink_.taken.clear();
  answer_all();
  make();
  settle();
  EXPECT_EQ(sink_.taken, (std::vector<std::string>{"gw-1-1", "gw-1-2", "gw-1-3", "gw-1-5"}));
  EXPECT_EQ(worker_->figures().delivered, 6U);
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn());
}

TEST_F(LaneWorkerTest, ARetryHoldsTheHeadWithOneLane) {
  source_.inner.add(10);
  make({}, {.window_events = 4});
  sink_.on_tick = [&](Answers& answers) {
    answers.delivered(sink_.at_hand[0].sequence);
    answers.retry_lane(sink_.at_hand[1].sequence, 3s, "503");
    sink_.at_hand.clear();
    answer_all();
  };
  const auto rest = settle();
  EXPECT_EQ(rest.until, clock_.boot() + 3s);
  EXPECT_EQ(worker_->figures().state, SinkState::waiting);
  EXPECT_EQ(worker_->figures().last_error, "503");
  EXPECT_EQ(worker_->figures().last_error_at, clock_.wall());
  EXPECT_EQ(worker_->figures().delivered, 1U);
  clock_.advance(3s);
  settle();
  EXPECT_EQ(sink_.delivered.front(), "gw-1-2");
  EXPECT_EQ(worker_->figures().delivered, 10U);
  EXPECT_EQ(worker_->figures().retries, 1U);
  EXPECT_EQ(sink_.opens, 1);
}

TEST_F(LaneWorkerTest, OneLaneWaitsAndTheOthersGoOnUntilTheCursorIsFull) {
  source_.inner.add(20'000);
  make({.lanes = 4}, {.window_events = 64});
  const unsigned bad = lane_of(source_.agent_of(1), 4);
  sink_.on_tick = [&](Answers& answers) {
    for (const auto& event : sink_.at_hand) {
      if (event.lane == bad) {
        answers.retry_lane(event.sequence, 1h, "503");
        break;
      }
    }
    sink_.drop_lane(bad);
    sink_.deliver_all(answers);
  };
  settle();
  EXPECT_GE(worker_->figures().delivered, 1'000U);
  EXPECT_LE(worker_->figures().delivered, 1'024U + 1U);
  EXPECT_LE(source_.cursor().answered_beyond.size(), 1'024U);
  expect_order_per_agent(sink_.delivered);
  answer_all();
  clock_.advance(1h);
  run_to_end();
  EXPECT_EQ(worker_->figures().delivered, 20'000U);
  expect_order_per_agent(sink_.delivered);
  EXPECT_EQ(std::set(sink_.delivered.begin(), sink_.delivered.end()).size(), 20'000U);
}

TEST_F(LaneWorkerTest, ARejectedEventIsADeadLetterAndTheRestGoesOn) {
  source_.inner.add(10);
  make();
  sink_.on_tick = [&](Answers& answers) {
    answers.rejected(sink_.at_hand[4].sequence, "400 Bad Request");
    sink_.at_hand.erase(sink_.at_hand.begin() + 4);
    sink_.deliver_all(answers);
    answer_all();
  };
  settle();
  ASSERT_EQ(letters_.letters.size(), 1U);
  EXPECT_EQ(letters_.letters[0].id, "gw-1-5");
  EXPECT_EQ(letters_.letters[0].reason, "400 Bad Request");
  EXPECT_EQ(letters_.letters[0].attempts, 1U);
  EXPECT_EQ(worker_->figures().delivered, 9U);
  EXPECT_EQ(worker_->figures().dead_lettered, 1U);
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn());
}

TEST_F(LaneWorkerTest, ADeadLetterThatCannotBeKeptStopsTheSinkAndIsNotLost) {
  source_.inner.add(3);
  make();
  letters_.failures = 2;
  sink_.on_tick = [&](Answers& answers) {
    if (sink_.at_hand.empty()) return;
    answers.rejected(sink_.at_hand[0].sequence, "400");
    sink_.at_hand.erase(sink_.at_hand.begin());
    sink_.deliver_all(answers);
    answer_all();
  };
  settle();
  EXPECT_EQ(worker_->figures().last_error, "cannot keep a dead letter: disk full");
  EXPECT_EQ(worker_->figures().low_water_lsn, 0U);
  run_to_end();
  EXPECT_EQ(letters_.letters.size(), 1U);
  EXPECT_EQ(worker_->figures().dead_lettered, 1U);
  EXPECT_EQ(worker_->figures().delivered, 2U);
}

TEST_F(LaneWorkerTest, WhatIsTooOldIsADeadLetterOnlyAfterItWasTried) {
  source_.inner.add(2);
  clock_.advance(48h);
  make({.max_age = 86'400s});
  settle();
  EXPECT_EQ(sink_.taken.size(), 2U) << "a gateway that was down delivers what it has";
  sink_.on_tick = [&](Answers& answers) {
    if (sink_.at_hand.empty()) return;
    answers.retry_lane(sink_.at_hand[0].sequence, {}, "timed out");
    sink_.at_hand.clear();
  };
  run_to_end();
  ASSERT_EQ(letters_.letters.size(), 2U);
  EXPECT_EQ(letters_.letters[0].reason, "not delivered within max_age_secs (86400)");
  EXPECT_EQ(worker_->figures().dead_lettered, 2U);
}

TEST_F(LaneWorkerTest, AFailingDestinationPausesTheSinkAndKeepsTheEvents) {
  source_.inner.add(5);
  make();
  int tries = 0;
  sink_.on_tick = [&](Answers& answers) {
    if (sink_.at_hand.empty()) return;
    if (++tries == 3) return sink_.deliver_all(answers);
    answers.retry(1min, "410 Gone: the hook is revoked");
    sink_.at_hand.clear();
  };
  const auto rest = settle();
  EXPECT_GE(rest.until, clock_.boot() + 1min);
  EXPECT_FALSE(rest.events_end_it);
  run_to_end();
  EXPECT_EQ(sink_.opens, 3);
  EXPECT_EQ(worker_->figures().delivered, 5U);
  EXPECT_TRUE(letters_.letters.empty());
  EXPECT_EQ(sink_.delivered.front(), "gw-1-1");
}

TEST_F(LaneWorkerTest, TheRateIsKept) {
  source_.inner.add(100);
  answer_all();
  make({.per_sec = 10, .burst = 5});
  auto rest = settle();
  EXPECT_EQ(sink_.taken.size(), 5U);
  EXPECT_EQ(rest.until, clock_.boot() + 100ms);
  for (int i = 0; i < 20; ++i) {
    clock_.advance(100ms);
    settle();
  }
  EXPECT_EQ(sink_.taken.size(), 25U);
  clock_.advance(1h);
  settle();
  EXPECT_EQ(sink_.taken.size(), 30U);
}

TEST_F(LaneWorkerTest, WhatTheDestinationIsNotToldOfIsDoneWithAndTakesNoPartInTheRate) {
  source_.inner.add(1'000);
  answer_all();
  sink_.picky = true;
  make({.per_sec = 1, .burst = 50});
  settle();
  EXPECT_EQ(sink_.taken.size(), 50U);
  EXPECT_EQ(sink_.taken[0], "gw-1-10");
  EXPECT_EQ(worker_->figures().delivered, 509U) << "up to the one that waits for the rate";
  run_to_end();
  EXPECT_EQ(sink_.taken.size(), 100U);
  EXPECT_EQ(worker_->figures().delivered, 1'000U);
}

TEST_F(LaneWorkerTest, AGapIsCrossedWhenWhatStandsBeforeItIsSettled) {
  source_.inner.add(30);
  make({}, {.window_events = 4});
  step();
  source_.inner.remove_through(20);
  settle();
  EXPECT_EQ(worker_->figures().skipped, 0U);
  sink_.on_tick = [&](Answers& answers) {
    answers.delivered(sink_.at_hand[1].sequence);
    answers.retry_lane(sink_.at_hand[2].sequence, {}, "503");
    answers.delivered(sink_.at_hand[0].sequence);
    sink_.at_hand.clear();
    answer_all();
  };
  run_to_end();
  EXPECT_EQ(worker_->figures().delivered + worker_->figures().skipped, 30U);
  EXPECT_EQ(worker_->figures().skipped, source_.inner.events_through(20) - 2);
}

TEST_F(LaneWorkerTest, DrainEndsWhatIsAtTheSinkAndKeepsItsRejections) {
  source_.inner.add(40);
  make();
  step();
  bool rejected = false;
  sink_.on_tick = [&](Answers& answers) {
    if (!rejected && sink_.at_hand.size() > 4 && sink_.at_hand.back().id == "gw-1-40") {
      rejected = true;
      answers.rejected(sink_.at_hand.back().sequence, "400");
      sink_.at_hand.pop_back();
    }
    sink_.deliver_all(answers);
  };
  worker_->drain(clock_.boot() + 10s);
  EXPECT_EQ(worker_->figures().delivered, 39U);
  EXPECT_EQ(worker_->figures().dead_lettered, 1U);
  EXPECT_EQ(source_.cursor().low_water_lsn, source_.position_lsn());
}

// Delivers everything but the first event, which it keeps.
class LaneWorkerReach : public LaneWorkerTest {
 protected:
  static constexpr std::uint32_t kReach = 3'000;

  void deliver_all_but_the_first() {
    source_.inner.add(10'000);
    sink_.on_tick = [&](Answers& answers) {
      const PatientSink::Taken first = sink_.at_hand.front();
      sink_.at_hand.erase(sink_.at_hand.begin());
      sink_.deliver_all(answers);
      sink_.at_hand = {first};
    };
    make({.reach = kReach}, {.window_events = kReach, .log = &log_, .name = "kafka"});
    settle();
    EXPECT_EQ(worker_->figures().delivered, kReach - 1);
  }
  void save() {
    clock_.advance(1s);
    settle();
  }
  // How often the log says that the cursor was cut.
  [[nodiscard]] int told() const {
    int times = 0;
    for (std::size_t at = 0; (at = logged_.find("sink.cursor_shortened", at)) != std::string::npos;
         ++at) {
      ++times;
    }
    return times;
  }

  std::string logged_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::info, clock_,
                 [this](std::string_view line) { logged_ += line; }};
};

TEST_F(LaneWorkerReach, BoundsHowFarItGoesBeyondTheFirstThatIsNotSettled) {
  deliver_all_but_the_first();
  EXPECT_EQ(worker_->figures().in_hand, 1U);
  EXPECT_EQ(worker_->figures().low_water_lsn, 0U);
  const int calls = source_.inner.calls;
  save();
  EXPECT_EQ(worker_->figures().delivered, kReach - 1);
  EXPECT_EQ(source_.inner.calls, calls) << "what is not read need not be read again";
  answer_all();
  settle();
  EXPECT_EQ(worker_->figures().delivered, 10'000U);
  EXPECT_EQ(sink_.taken.size(), 10'000U);
}

TEST_F(LaneWorkerReach, ACrashRepeatsWhatTheCursorCouldNotNameAndNothingElse) {
  deliver_all_but_the_first();
  save();
  source_.inner.restart();
  sink_.taken.clear();
  sink_.at_hand.clear();
  answer_all();
  make({.reach = kReach}, {.window_events = kReach});
  settle();
  EXPECT_EQ(worker_->figures().delivered, 10'000U);
  EXPECT_EQ(sink_.taken.size(), 10'000U - kMaxAnsweredBeyond);
  EXPECT_EQ(sink_.taken[0], "gw-1-1");
  EXPECT_EQ(sink_.taken[1], "gw-1-" + std::to_string(kMaxAnsweredBeyond + 2));
}

TEST_F(LaneWorkerReach, ACursorThatCannotNameEverythingIsToldOnce) {
  deliver_all_but_the_first();
  save();
  save();
  EXPECT_EQ(told(), 1);
  answer_all();
  settle();
  save();
  EXPECT_EQ(told(), 1);
}

// Whatever a destination does, each event is delivered once or a dead letter once, in the order of
// its agent; and a killed process repeats only what the cursor had not been told.
TEST_F(LaneWorkerTest, AnyDestinationAtAllKeepsTheBooks) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_support::SeededRandom dice(seed);
    RoundSource source(template_.event, 8);
    source.inner.add(600);
    PatientSink sink;
    sink.lanes = 1 + static_cast<unsigned>(seed % 5);
    KeptLetters letters;
    sink.on_tick = [&](Answers& answers) {
      std::set<unsigned> dropped, slow;
      for (const auto& event : std::exchange(sink.at_hand, {})) {
        if (dropped.contains(event.lane)) continue;
        if (slow.contains(event.lane)) {
          sink.at_hand.push_back(event);
          continue;
        }
        switch (dice.next() % 16) {
          case 0: answers.rejected(event.sequence, "400"); break;
          case 1:
            answers.retry_lane(event.sequence, {}, "503");
            dropped.insert(event.lane);
            break;
          case 2: return answers.retry({}, "401");
          case 3:
            sink.at_hand.push_back(event);
            slow.insert(event.lane);
            break;
          default: sink.delivered.push_back(event.id); answers.delivered(event.sequence);
        }
      }
      if (dice.next() % 64 == 0) letters.failures = 1;
    };
    LaneWorker worker({.window_events = 32}, {.lanes = sink.lanes}, sink, source, letters, clock_,
                      random_);
    for (int i = 0; i < 50'000 && worker.figures().low_water_lsn < 899; ++i) {
      const auto rest = worker.step(clock_.boot());
      if (rest.until > clock_.boot() && rest.until != base::BootTime::max()) {
        clock_.advance(rest.until - clock_.boot());
      }
    }
    const auto figures = worker.figures();
    EXPECT_EQ(figures.delivered + figures.dead_lettered, 600U) << seed;
    EXPECT_EQ(figures.in_hand, 0U) << seed;
    std::set<std::string> all(sink.delivered.begin(), sink.delivered.end());
    for (const auto& letter : letters.letters) all.insert(letter.id);
    EXPECT_EQ(all.size(), 600U) << seed;
  }
}

}  // namespace
}  // namespace trapline::sinks
