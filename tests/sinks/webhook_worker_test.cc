// The webhook sink and its worker together, on a clock that a test moves: how long a destination
// that asks for time is left alone.
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/lane_worker.h"
#include "sinks/webhook_sink.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// A destination: when it was asked, and what it says before it takes everything.
struct Destination {
  std::mutex mutex;
  std::deque<HttpAnswer> answers;
  std::vector<base::BootTime> asked_at;
};

class Connection final : public HttpConnection {
 public:
  Connection(Destination& destination, const base::Clock& clock)
      : destination_(destination), clock_(clock) {}
  HttpAnswer post(const HttpRequest& /*request*/) override {
    const std::lock_guard lock(destination_.mutex);
    destination_.asked_at.push_back(clock_.boot());
    if (destination_.answers.empty()) return {200, {}, {}, {}};
    const HttpAnswer answer = destination_.answers.front();
    destination_.answers.pop_front();
    return answer;
  }
  void stop() override {}

 private:
  Destination& destination_;
  const base::Clock& clock_;
};

class NoLetters final : public DeadLetters {
 public:
  void add(const rules::RoutedTrap&, std::string_view, std::uint32_t) override { ADD_FAILURE(); }
  bool commit(std::string&) override { return true; }
};

// Says when the sink wakes its worker, which it does for each answer.
class WakingSource final : public OutcomeSource {
 public:
  explicit WakingSource(const rules::RoutedTrap& event) : inner(event) {}

  Next next(rules::RoutedTrap& event, std::uint64_t& lsn) override {
    return inner.next(event, lsn);
  }
  [[nodiscard]] std::uint64_t gap_events() const override { return inner.gap_events(); }
  [[nodiscard]] std::uint64_t position_lsn() const override { return inner.position_lsn(); }
  void rewind(const SinkCursor& cursor) override { inner.rewind(cursor); }
  std::uint64_t skip_to_present() override { return inner.skip_to_present(); }
  void wait(base::BootTime deadline) override { inner.wait(deadline); }
  void interrupt() override {
    ++answers;
    answers.notify_all();
  }
  [[nodiscard]] SinkCursor cursor() const override { return inner.cursor(); }
  void save(const SinkCursor& cursor) override { inner.save(cursor); }

  ListedSource inner;
  std::atomic<std::size_t> answers = 0;
};

class WebhookWorker : public testing::Test {
 protected:
  WebhookWorker() {
    options_.target = std::move(*parse_http_url("https://hooks.example.net/x"));
    sink_.emplace(
        options_, [this] { return std::make_unique<Connection>(destination_, clock_); }, clock_,
        protocol::mib::MibIndex::built_in());
    worker_.emplace(SinkWorkerOptions{}, LaneOptions{}, *sink_, source_, letters_, clock_, random_);
  }
  // Steps until the worker has something to wait for that only the clock, or a new event, brings.
  SinkWorker::Rest settle() {
    while (true) {
      const SinkWorker::Rest rest = worker_->step(clock_.boot());
      const SinkFigures figures = worker_->figures();
      if (figures.state == SinkState::running && figures.in_hand != 0) {
        source_.answers.wait(answers_seen_);
        ++answers_seen_;
      } else if (rest.until > clock_.boot()) {
        return rest;
      }
    }
  }
  [[nodiscard]] std::vector<std::chrono::milliseconds> asked_after(base::BootTime start) {
    const std::lock_guard lock(destination_.mutex);
    std::vector<std::chrono::milliseconds> after;
    for (const base::BootTime asked : destination_.asked_at) {
      after.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(asked - start));
    }
    return after;
  }

  test_support::FakeClock clock_;
  test_support::SeededRandom random_{1};
  TestEvent template_{link_down(), ""};
  WakingSource source_{template_.event};
  Destination destination_;
  NoLetters letters_;
  WebhookSinkOptions options_;
  std::optional<WebhookSink> sink_;
  std::optional<LaneWorker> worker_;
  std::size_t answers_seen_ = 0;
};

TEST_F(WebhookWorker, RetryAfterIsHonouredToTheSecond) {
  const base::BootTime start = clock_.boot();
  destination_.answers = {{429, 7s, "slow down", {}}};
  source_.inner.add(3);
  EXPECT_EQ(settle().until, start + 7s);
  EXPECT_EQ(worker_->figures().last_error, "https://hooks.example.net answered 429: slow down");
  clock_.advance(6'999ms);
  settle();
  EXPECT_THAT(asked_after(start), ElementsAre(0ms)) << "not a moment earlier";
  clock_.advance(1ms);
  settle();
  EXPECT_THAT(asked_after(start), ElementsAre(0ms, 7s, 7s, 7s));
  EXPECT_EQ(worker_->figures().delivered, 3U);
  EXPECT_EQ(worker_->figures().retries, 1U);
}

TEST_F(WebhookWorker, EachRetryAfterCountsFromItsOwnAnswer) {
  const base::BootTime start = clock_.boot();
  destination_.answers = {{429, 17s, {}, {}}, {429, 30s, {}, {}}, {503, 40s, {}, {}}};
  source_.inner.add(1);
  while (worker_->figures().delivered == 0) clock_.advance(settle().until - clock_.boot());
  EXPECT_THAT(asked_after(start), ElementsAre(0ms, 17s, 47s, 87s));
}

}  // namespace
}  // namespace trapline::sinks
