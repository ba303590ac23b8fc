#include "sinks/ordered_worker.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// A sink that does as it is told.
class ObedientSink final : public Sink {
 public:
  bool open(std::string& reason) override {
    ++opens;
    is_open = refusals == 0;
    if (is_open) return true;
    --refusals;
    reason = "not now";
    return false;
  }
  [[nodiscard]] std::optional<std::string> last_id() override {
    ++last_id_calls;
    return known_id;
  }
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override {
    EXPECT_EQ(sequence, last + 1);
    EXPECT_TRUE(is_open);
    last = sequence;
    ids.emplace_back(event.id);
    if (fail_at != 0 && ids.size() == fail_at) {
      fail_at = 0;
      fail(answers, "broken pipe");
    }
  }
  void tick(base::BootTime, Answers& answers) override {
    ++ticks;
    if (answer) answers.delivered_through(last);
    if (fail_tick) fail(answers, "tick failed");
  }
  [[nodiscard]] base::BootTime next_tick() const override { return due; }
  void drain(base::BootTime, Answers& answers) override {
    ++drains;
    if (fail_drain) fail(answers, "drain failed");
    if (answer_drain) answers.delivered_through(last);
  }
  void reopen() override { ++reopens; }

  void fail(Answers& answers, std::string_view reason) {
    is_open = false;
    answers.retry(at_least, reason);
  }

  int opens = 0, refusals = 0, last_id_calls = 0, ticks = 0, drains = 0, reopens = 0;
  bool is_open = false;
  bool answer = true, answer_drain = true, fail_tick = false, fail_drain = false;
  std::size_t fail_at = 0;
  std::chrono::milliseconds at_least{0};
  std::optional<std::string> known_id;
  base::BootTime due = base::BootTime::max();
  Sequence last = 0;
  std::vector<std::string> ids;
};

class OrderedWorkerTest : public testing::Test {
 protected:
  OrderedWorker& make(SinkWorkerOptions options = {}) {
    worker_.emplace(options, sink_, source_, clock_, random_);
    return *worker_;
  }
  SinkWorker::Rest step() { return worker_->step(clock_.boot()); }
  // Steps until there is nothing to do right now.
  SinkWorker::Rest settle() {
    SinkWorker::Rest rest = step();
    for (int i = 0; i < 10'000 && rest.until <= clock_.boot(); ++i) rest = step();
    return rest;
  }

  test_support::FakeClock clock_;
  test_support::SeededRandom random_{1};
  TestEvent template_{link_down(), ""};
  ListedSource source_{template_.event};
  ObedientSink sink_;
  std::optional<OrderedWorker> worker_;
};

TEST_F(OrderedWorkerTest, HandsOverInOrderAndBatches) {
  source_.add(1'200);
  make({.batch_events = 512});
  EXPECT_LE(step().until, clock_.boot());
  EXPECT_EQ(sink_.ids.size(), 512U);
  EXPECT_EQ(sink_.ticks, 1);
  const auto rest = settle();
  EXPECT_TRUE(rest.events_end_it);
  ASSERT_EQ(sink_.ids.size(), 1'200U);
  EXPECT_EQ(sink_.ids[0], "gw-1-1");
  EXPECT_EQ(sink_.ids[1'199], "gw-1-1200");
  EXPECT_EQ(worker_->figures().delivered, 1'200U);
  EXPECT_EQ(worker_->figures().handed_over, 1'200U);
  EXPECT_EQ(worker_->figures().in_hand, 0U);
}

TEST_F(OrderedWorkerTest, TheLowWaterMarkIsExact) {
  source_.add(10);
  make();
  sink_.answer = false;
  step();
  EXPECT_EQ(worker_->figures().low_water_lsn, 0U);
  EXPECT_EQ(worker_->figures().in_hand, 10U);
  sink_.answer = true;
  step();
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn());
  source_.add_foreign(5);
  step();
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn())
      << "with nothing in hand, others' records are done with too";
}

TEST_F(OrderedWorkerTest, TheCursorIsSavedAboutOnceASecondWhenItChanged) {
  make();
  for (int i = 0; i < 100; ++i) {
    source_.add(1);
    settle();
    clock_.advance(100ms);
  }
  EXPECT_GE(source_.saves, 9);
  EXPECT_LE(source_.saves, 11);
  settle();
  clock_.advance(1s);
  const int saves = source_.saves;
  for (int i = 0; i < 100; ++i) {
    source_.add_foreign(1);  // as its own CURSOR records would be
    settle();
    clock_.advance(1s);
  }
  EXPECT_LE(source_.saves, saves + 1);
}

TEST_F(OrderedWorkerTest, ARestAwaitsTheSaveAndTheTick) {
  source_.add(1);
  make();
  settle();
  EXPECT_EQ(settle().until, base::BootTime::max());
  source_.add(1);
  EXPECT_EQ(settle().until, clock_.boot() + 1s);
  sink_.due = clock_.boot() + 300ms;
  EXPECT_EQ(settle().until, clock_.boot() + 300ms);
}

TEST_F(OrderedWorkerTest, AFullWindowTakesNoMoreUntilAnswered) {
  source_.add(100);
  make({.batch_events = 10, .window_events = 16});
  sink_.answer = false;
  sink_.due = clock_.boot() + 1s;
  const auto rest = settle();
  EXPECT_EQ(sink_.ids.size(), 16U);
  EXPECT_FALSE(rest.events_end_it);
  EXPECT_EQ(rest.until, clock_.boot() + 1s);
  sink_.answer = true;
  settle();
  EXPECT_EQ(worker_->figures().delivered, 100U);
}

TEST_F(OrderedWorkerTest, ARetryGoesBackToTheLastDelivered) {
  source_.add(20);
  make({.batch_events = 8});
  sink_.fail_at = 12;
  step();
  step();
  EXPECT_EQ(worker_->figures().state, SinkState::waiting);
  EXPECT_EQ(worker_->figures().last_error, "broken pipe");
  EXPECT_EQ(worker_->figures().delivered, 8U);
  EXPECT_EQ(worker_->figures().in_hand, 0U);
  const auto rest = settle();
  EXPECT_FALSE(rest.events_end_it);
  EXPECT_EQ(sink_.opens, 1);
  clock_.advance(rest.until - clock_.boot());
  settle();
  EXPECT_EQ(sink_.opens, 2);
  EXPECT_EQ(sink_.ids.size(), 12U + 12U);
  EXPECT_EQ(sink_.ids[12], "gw-1-9");
  EXPECT_EQ(sink_.ids.back(), "gw-1-20");
  EXPECT_EQ(worker_->figures().delivered, 20U);
  EXPECT_EQ(worker_->figures().retries, 1U);
  EXPECT_EQ(sink_.last_id_calls, 1);
}

TEST_F(OrderedWorkerTest, DelaysGrowAndAtLeastIsHonoured) {
  make();
  sink_.refusals = 30;
  std::vector<std::chrono::nanoseconds> delays;
  while (sink_.refusals > 0) {
    const auto rest = step();
    delays.push_back(rest.until - clock_.boot());
    clock_.advance(delays.back());
  }
  for (std::size_t i = 0; i < delays.size(); ++i) {
    EXPECT_LE(delays[i],
              std::min<std::chrono::nanoseconds>(1s * (1LL << std::min<std::size_t>(i, 20)), 5min));
  }
  EXPECT_GT(*std::max_element(delays.begin(), delays.end()), 1min);
  settle();
  EXPECT_EQ(worker_->figures().state, SinkState::running);
  sink_.fail_tick = true;
  sink_.at_least = 10min;
  EXPECT_EQ(step().until, clock_.boot() + 10min);
}

TEST_F(OrderedWorkerTest, ADeliveryMakesTheNextDelayShortAgain) {
  make();
  sink_.refusals = 20;
  while (sink_.refusals > 0) clock_.advance(step().until - clock_.boot());
  source_.add(1);
  settle();
  sink_.fail_tick = true;
  source_.add(1);
  EXPECT_LE(step().until, clock_.boot() + 1s);
}

TEST_F(OrderedWorkerTest, GoesOnBehindTheIdTheDestinationHolds) {
  source_.add(50);
  sink_.known_id = "gw-1-30";
  make();
  settle();
  ASSERT_EQ(sink_.ids.size(), 20U);
  EXPECT_EQ(sink_.ids[0], "gw-1-31");
  EXPECT_EQ(worker_->figures().delivered, 50U);
}

TEST_F(OrderedWorkerTest, WithAnUnknownIdGoesOnAtTheCursor) {
  source_.add(50);
  sink_.known_id = "somewhere-else-7";
  make();
  settle();
  EXPECT_EQ(sink_.ids.size(), 50U);
  EXPECT_EQ(worker_->figures().delivered, 50U);
}

TEST_F(OrderedWorkerTest, LooksAheadNoFurtherThanTwoWindows) {
  source_.add(1'000);
  sink_.known_id = "gw-1-900";
  make({.window_events = 16});
  step();
  EXPECT_EQ(sink_.ids.at(0), "gw-1-1");
  EXPECT_LT(source_.calls, 100);
}

TEST_F(OrderedWorkerTest, EventsLostToRetentionAreSkippedOnce) {
  source_.add(30);
  source_.remove_through(10);
  const std::uint64_t lost = source_.events_through(10);
  make();
  settle();
  EXPECT_EQ(worker_->figures().skipped, lost);
  EXPECT_EQ(worker_->figures().delivered, 30 - lost);
  EXPECT_EQ(worker_->figures().low_water_lsn, source_.position_lsn());
}

TEST_F(OrderedWorkerTest, AGapBehindUnansweredEventsCountsOnlyWhenTheyAre) {
  source_.add(10);
  make({.batch_events = 5});
  sink_.answer = false;
  step();
  source_.add(10);
  source_.remove_through(12);
  const std::uint64_t lost = source_.events_through(12) - 5;
  step();
  EXPECT_EQ(worker_->figures().skipped, 0U);
  sink_.fail_tick = true;  // all of it is handed over again, and what is gone by now is skipped
  step();
  EXPECT_EQ(worker_->figures().skipped, 0U);
  sink_.fail_tick = false;
  sink_.answer = true;
  clock_.advance(1s);
  settle();
  EXPECT_EQ(worker_->figures().skipped, lost + 5);
  EXPECT_EQ(worker_->figures().delivered + worker_->figures().skipped, 20U);
}

TEST_F(OrderedWorkerTest, AGapIsCreditedWithTheAnswerBeforeIt) {
  source_.add(10);
  make({.batch_events = 5});
  sink_.answer = false;
  step();
  source_.add(10);
  source_.remove_through(12);
  step();
  sink_.answer = true;
  settle();
  EXPECT_EQ(worker_->figures().skipped, source_.events_through(12) - 5);
  EXPECT_EQ(worker_->figures().delivered + worker_->figures().skipped, 20U);
}

TEST_F(OrderedWorkerTest, ATerminalThatFallsBehindSkipsToThePresent) {
  source_.add(5'000);
  make({.batch_events = 100, .skip_when_behind_events = 1'000});
  settle();
  EXPECT_EQ(worker_->figures().delivered, 1'100U);
  EXPECT_EQ(worker_->figures().skipped, 3'900U);
  source_.add(10);
  settle();
  EXPECT_EQ(sink_.ids.back(), "gw-1-5010");
}

TEST_F(OrderedWorkerTest, DrainDeliversWhatThereIsAndSaves) {
  source_.add(1'000);
  make({.batch_events = 100, .window_events = 256});
  sink_.answer = false;
  step();
  worker_->drain(clock_.boot() + 10s);
  EXPECT_EQ(worker_->figures().delivered, 1'000U);
  EXPECT_EQ(source_.cursor().delivered, 1'000U);
  EXPECT_EQ(source_.cursor().low_water_lsn, source_.position_lsn());
}

TEST_F(OrderedWorkerTest, DrainEndsWithASinkThatFails) {
  source_.add(1'000);
  make({.batch_events = 100, .window_events = 128});
  sink_.answer = false;
  sink_.fail_drain = true;
  sink_.answer_drain = false;
  step();
  worker_->drain(clock_.boot() + 10s);
  EXPECT_EQ(sink_.drains, 1);
  EXPECT_EQ(sink_.ids.size(), 128U);
  EXPECT_EQ(worker_->figures().state, SinkState::waiting);
  EXPECT_EQ(worker_->figures().last_error, "drain failed");
  EXPECT_EQ(source_.position_lsn(), 0U);
}

TEST_F(OrderedWorkerTest, DrainEndsAtItsDeadlineAndLeavesTheRest) {
  source_.add(1'000);
  make({.batch_events = 100});
  step();
  worker_->drain(clock_.boot());
  EXPECT_EQ(worker_->figures().delivered, 100U);
  EXPECT_EQ(source_.cursor().delivered, 100U);
  EXPECT_EQ(sink_.drains, 1);
}

TEST_F(OrderedWorkerTest, DrainLeavesAFailingSinkAlone) {
  source_.add(10);
  make();
  sink_.refusals = 1;
  step();
  worker_->drain(clock_.boot() + 10s);
  EXPECT_EQ(sink_.opens, 1);
  EXPECT_EQ(sink_.drains, 0);
  EXPECT_EQ(worker_->figures().delivered, 0U);
}

TEST_F(OrderedWorkerTest, ReopenReachesTheSinkWithTheNextStep) {
  make();
  settle();
  worker_->request_reopen();
  EXPECT_EQ(sink_.reopens, 0);
  EXPECT_EQ(source_.interrupts, 1);
  step();
  step();
  EXPECT_EQ(sink_.reopens, 1);
}

TEST_F(OrderedWorkerTest, ReopenSavesTheCursorForTheIdMovesAway) {
  source_.add(1);
  make();
  settle();
  source_.add(1);
  settle();
  EXPECT_EQ(source_.cursor().delivered, 1U);
  worker_->request_reopen();
  step();
  EXPECT_EQ(source_.cursor().delivered, 2U);
}

TEST_F(OrderedWorkerTest, RunEndsWhenAsked) {
  source_.add(10);
  make();
  sink_.refusals = 1'000'000;
  std::stop_source stop;
  std::thread thread([&] { worker_->run(stop.get_token()); });
  stop.request_stop();
  thread.join();
  worker_->drain(clock_.boot());
  EXPECT_EQ(worker_->figures().delivered, 0U);
}

TEST(DeliveryWindow, AnswersAreCumulativeAndOnce) {
  DeliveryWindow window(4);
  EXPECT_EQ(window.add(10), 1U);
  EXPECT_EQ(window.add(20), 2U);
  EXPECT_EQ(window.add(30), 3U);
  EXPECT_FALSE(window.full());
  EXPECT_EQ(window.add(40), 4U);
  EXPECT_TRUE(window.full());
  const auto first = window.answer_through(2);
  EXPECT_EQ(first.events, 2U);
  EXPECT_EQ(first.last_lsn, 20U);
  EXPECT_EQ(window.answer_through(2).events, 0U);
  const auto rest = window.answer_through(99);
  EXPECT_EQ(rest.events, 2U);
  EXPECT_EQ(rest.last_lsn, 40U);
  EXPECT_TRUE(window.empty());
}

TEST(DeliveryWindow, GrowsAndWrapsWithoutMixingUp) {
  DeliveryWindow window(10'000);
  std::uint64_t lsn = 0;
  Sequence answered = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 300 + round * 7 && !window.full(); ++i) {
      ++lsn;
      EXPECT_EQ(window.add(lsn * 3), lsn);
    }
    answered += 290;
    const auto done = window.answer_through(answered);
    EXPECT_EQ(done.events, 290U);
    EXPECT_EQ(done.last_lsn, answered * 3);
  }
}

TEST(DeliveryWindow, ClearForgetsButCountsOn) {
  DeliveryWindow window(4);
  static_cast<void>(window.add(10));
  window.clear();
  EXPECT_TRUE(window.empty());
  EXPECT_EQ(window.add(11), 2U);
  EXPECT_EQ(window.answer_through(1).events, 0U) << "an answer to what was forgotten";
}

}  // namespace
}  // namespace trapline::sinks
