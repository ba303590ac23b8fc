#include "sinks/webhook_sink.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

// A destination that answers as it is told, and 200 when it is told nothing.
struct Script {
  std::mutex mutex;
  std::deque<HttpAnswer> answers;
  std::vector<HttpRequest> requests;
};

class ScriptedConnection final : public HttpConnection {
 public:
  explicit ScriptedConnection(Script& script) : script_(script) {}
  HttpAnswer post(const HttpRequest& request) override {
    const std::lock_guard lock(script_.mutex);
    script_.requests.push_back(request);
    if (script_.answers.empty()) return {200, {}, {}, {}};
    HttpAnswer answer = script_.answers.front();
    script_.answers.pop_front();
    return answer;
  }
  void stop() override {}

 private:
  Script& script_;
};

class WebhookSinkTest : public testing::Test {
 protected:
  void make() {
    options_.target = std::move(*parse_http_url("https://hooks.example.net/secret/path"));
    sink_.emplace(
        options_, [this] { return std::make_unique<ScriptedConnection>(script_); }, clock_,
        protocol::mib::MibIndex::built_in());
    std::string reason;
    EXPECT_TRUE(sink_->open(reason));
  }
  void take(int events = 1) {
    for (int i = 0; i < events; ++i) {
      ++sequence_;
      const std::string id = "gw-1-" + std::to_string(sequence_);
      rules::RoutedTrap event = template_.event;
      event.id = id;
      sink_->take(event, sequence_, answers_);
    }
  }
  void make_with_board() {
    options_.target = std::move(*parse_http_url("http://127.0.0.1:9093/api/v2/alerts"));
    sink_.emplace(
        options_, [this] { return std::make_unique<ScriptedConnection>(script_); }, clock_,
        protocol::mib::MibIndex::built_in(), nullptr, RaisedSource{&board_, "alerts"});
    std::string reason;
    EXPECT_TRUE(sink_->open(reason));
  }
  void take_alert(rules::State state) {
    const rules::Tag labels[] = {{"agent", "10.1.2.3"}, {"trap", "IF-MIB::linkDown"}};
    rules::RoutedTrap event = template_.event;
    event.id = "gw-1-1";
    event.verdict.state = state;
    event.verdict.labels = labels;
    if (state == rules::State::clear) event.verdict.raise_id = "gw-1-0";
    sink_->take(event, ++sequence_, answers_);
  }
  // One problem, that of "gw-1-0".
  void publish() {
    rules::Problem problem{"told again", "gw-1-0", {}, {}, 1, {}, {}};
    problem.labels = {{"agent", "10.1.2.3"}, {"trap", "t"}};
    problem.sinks = {"alerts"};
    ASSERT_TRUE(board_.wanted());
    board_.publish([&] { return ProblemList{problem}; });
  }
  // Ticks for as long as something is due or under way.
  void tick_until_quiet() {
    do {
      std::atomic<bool> answered = false;
      sink_->on_answers([&] {
        answered = true;
        answered.notify_all();
      });
      const std::size_t before = asked();
      sink_->tick(clock_.boot(), answers_);
      const bool failed = !answers_.waits.empty();
      if (!failed && sink_->next_tick() == base::BootTime::max()) answered.wait(false);
      sink_->on_answers({});
      if (asked() == before && sink_->next_tick() > clock_.boot()) return;
    } while (answers_.waits.empty());
  }
  std::size_t asked() {
    const std::lock_guard lock(script_.mutex);
    return script_.requests.size();
  }
  // Ticks until nothing is under way and nothing is gathered.
  void finish() { sink_->drain(clock_.boot() + 10s, answers_); }
  std::string header(std::size_t request, std::string_view name) {
    for (const auto& [key, value] : script_.requests.at(request).headers) {
      if (key == name) return value;
    }
    return {};
  }

  test_support::FakeClock clock_;
  ProblemBoard board_;
  Script script_;
  RecordedAnswers answers_;
  WebhookSinkOptions options_;
  std::optional<WebhookSink> sink_;
  TestEvent template_{link_down(), ""};
  Sequence sequence_ = 0;
};

TEST_F(WebhookSinkTest, EachEventIsARequestWithItsIdAsIdempotencyKey) {
  make();
  take(3);
  finish();
  ASSERT_EQ(script_.requests.size(), 3U);
  EXPECT_EQ(header(0, "Idempotency-Key"), "gw-1-1");
  EXPECT_EQ(script_.requests[0].content_type, "application/json");
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{1, 2, 3}));
}

TEST_F(WebhookSinkTest, BatchesAreArraysUpToTheirSize) {
  options_.batch.events = 2;
  make();
  take(5);
  finish();
  ASSERT_EQ(script_.requests.size(), 3U);
  EXPECT_EQ(script_.requests[0].body.front(), '[');
  EXPECT_EQ(header(0, "Idempotency-Key"), "gw-1-1+1");
  EXPECT_EQ(script_.requests[2].body.front(), '{');
  EXPECT_EQ(answers_.events.size(), 5U);
}

TEST_F(WebhookSinkTest, ABatchWaitsForMore) {
  options_.batch = {10, 1'048'576, 200ms};
  make();
  take(3);
  sink_->tick(clock_.boot(), answers_);
  EXPECT_EQ(sink_->next_tick(), clock_.boot() + 200ms);
  EXPECT_TRUE(script_.requests.empty());
  clock_.advance(200ms);
  sink_->tick(clock_.boot(), answers_);
  finish();
  EXPECT_EQ(script_.requests.size(), 1U);
}

TEST_F(WebhookSinkTest, TransientAnswersHoldTheLaneAndHonourRetryAfter) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 0}) {
    make();
    answers_ = {};
    script_.answers = {{status, 7s, "slow down", "cannot connect"}};
    take(2);
    finish();
    ASSERT_EQ(answers_.retried.size(), 1U) << status;
    EXPECT_EQ(answers_.retried[0], sequence_ - 1);
    EXPECT_EQ(answers_.waits[0], 7s);
    EXPECT_TRUE(answers_.events.empty()) << "what followed comes again too";
  }
}

TEST_F(WebhookSinkTest, ARetryAfterOfDaysIsAnHour) {
  make();
  script_.answers = {{503, 86'400s, "", ""}};
  take();
  finish();
  EXPECT_EQ(answers_.waits.at(0), 1h);
}

TEST_F(WebhookSinkTest, ARefusedEventIsRejectedWithTheWordsOfTheServer) {
  make();
  script_.answers = {{400, {}, "bad\nfield", ""}};
  take(2);
  finish();
  EXPECT_EQ(answers_.rejections, (std::vector<Sequence>{1}));
  EXPECT_EQ(answers_.reasons.at(0), "https://hooks.example.net answered 400: bad\nfield");
  EXPECT_EQ(answers_.reasons.at(0).find("secret"), std::string::npos);
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{2}));
}

TEST_F(WebhookSinkTest, ARefusedBatchIsRepeatedOneByOne) {
  options_.batch.events = 4;
  make();
  script_.answers = {{422, {}, "", ""}, {200, {}, "", ""}, {422, {}, "which", ""}};
  take(4);
  finish();
  EXPECT_EQ(script_.requests.size(), 5U);
  EXPECT_EQ(answers_.rejections, (std::vector<Sequence>{2}));
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{1, 3, 4}));
}

TEST_F(WebhookSinkTest, AFailingDestinationPausesEverything) {
  for (const int status : {301, 302, 401, 403, 404, 410}) {
    make();
    answers_ = {};
    script_.requests.clear();
    script_.answers = {{status, {}, "", ""}};
    take(3);
    finish();
    EXPECT_EQ(script_.requests.size(), 1U) << status;
    ASSERT_EQ(answers_.waits.size(), 1U) << status;
    EXPECT_GE(answers_.waits[0], 60s);
    EXPECT_TRUE(answers_.rejections.empty());
    std::string reason;
    ASSERT_TRUE(sink_->open(reason));
    answers_ = {};
    take(3);
    finish();
    EXPECT_EQ(answers_.events.size(), 3U);
  }
}

TEST_F(WebhookSinkTest, AnOtlpServerThatTakesOnlyPartIsNotAskedAgain) {
  options_.format = WebhookFormat::otlp;
  options_.batch.events = 2;
  make();
  script_.answers = {{200, {}, R"({"partialSuccess":{"rejectedLogRecords":"1"}})", ""},
                     {200, {}, R"({"partialSuccess":{"rejectedLogRecords":0}})", ""}};
  take(4);
  finish();
  EXPECT_EQ(script_.requests.size(), 2U);
  EXPECT_EQ(answers_.rejections, (std::vector<Sequence>{1, 2}));
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{3, 4}));
}

TEST_F(WebhookSinkTest, AnOtlpServerThatTookAllMayWarn) {
  options_.format = WebhookFormat::otlp;
  make();
  script_.answers = {
      {200, {}, R"({"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"old"}})", ""},
      {200, {}, R"({"partialSuccess":{"errorMessage":""}})", ""},
      {200, {}, "{}", ""}};
  take(3);
  finish();
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{1, 2, 3}));
  ASSERT_EQ(answers_.warnings.size(), 1U);
  EXPECT_NE(answers_.warnings[0].find("old"), std::string::npos);
}

// Fails on the second event.
class ScriptedBody final : public BodyTemplate {
 public:
  bool render(const rules::RoutedTrap& event, std::string& body, std::string& why) override {
    body = "{\"mine\":\"" + std::string(event.id) + "\"}";
    why = "the template failed";
    return event.id != "gw-1-2";
  }
};

TEST_F(WebhookSinkTest, ABodyThatCannotBeMadeRefusesItsEventOnly) {
  options_.target = std::move(*parse_http_url("https://hooks.example.net/"));
  sink_.emplace(
      options_, [this] { return std::make_unique<ScriptedConnection>(script_); }, clock_,
      protocol::mib::MibIndex::built_in(), nullptr, RaisedSource{},
      std::make_unique<ScriptedBody>());
  take(3);
  finish();
  EXPECT_EQ(answers_.rejections, (std::vector<Sequence>{2}));
  EXPECT_EQ(answers_.reasons.at(0), "the template failed");
  EXPECT_EQ(answers_.events, (std::vector<Sequence>{1, 3}));
  EXPECT_EQ(script_.requests.at(1).body, R"({"mine":"gw-1-3"})");
}

TEST_F(WebhookSinkTest, EachAttemptIsSignedAnew) {
  options_.signer = WebhookSigner::from(base::as_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  ASSERT_TRUE(options_.signer);
  make();
  take();
  finish();
  clock_.advance(5s);
  take();
  finish();
  EXPECT_EQ(header(0, "webhook-id"), "gw-1-1");
  EXPECT_EQ(header(0, "webhook-timestamp"), "1767225600");
  EXPECT_EQ(header(1, "webhook-timestamp"), "1767225605");
  EXPECT_EQ(header(0, "webhook-signature"),
            options_.signer->sign("gw-1-1", 1'767'225'600, script_.requests[0].body));
}

TEST_F(WebhookSinkTest, PagerdutyWantsOnlyRaisesAndClears) {
  options_.format = WebhookFormat::pagerduty;
  options_.routing_key = base::Secret("R0");
  make();
  rules::RoutedTrap event = template_.event;
  EXPECT_FALSE(sink_->wants(event));
  event.verdict.state = rules::State::clear;
  EXPECT_TRUE(sink_->wants(event));
}

TEST_F(WebhookSinkTest, WhatIsRaisedIsToldAgainBetweenEvents) {
  options_.format = WebhookFormat::alertmanager;
  make_with_board();
  take_alert(rules::State::raise);
  tick_until_quiet();
  ASSERT_EQ(script_.requests.size(), 1U);
  EXPECT_EQ(script_.requests[0].body.front(), '[') << "always a list";
  publish();
  clock_.advance(100ms);
  take_alert(rules::State::raise);
  tick_until_quiet();
  ASSERT_EQ(script_.requests.size(), 3U);
  EXPECT_NE(script_.requests[1].body.find("\"told again\""), std::string::npos);
  EXPECT_EQ(script_.requests[2].body.find("\"told again\""), std::string::npos);
  EXPECT_EQ(answers_.events.size(), 2U);
}

TEST_F(WebhookSinkTest, AClearEndsTheTelling) {
  options_.format = WebhookFormat::alertmanager;
  make_with_board();
  tick_until_quiet();
  publish();
  take_alert(rules::State::clear);
  clock_.advance(100ms);
  tick_until_quiet();
  ASSERT_EQ(script_.requests.size(), 1U);
  EXPECT_NE(script_.requests[0].body.find("endsAt"), std::string::npos);
}

TEST_F(WebhookSinkTest, ADestinationThatIsNotToldAgainFails) {
  options_.format = WebhookFormat::alertmanager;
  for (const int status : {0, 503, 404}) {
    make_with_board();
    tick_until_quiet();
    publish();
    clock_.advance(100ms);
    answers_ = {};
    script_.answers = {{status, {}, "", "cannot connect"}};
    tick_until_quiet();
    ASSERT_EQ(answers_.waits.size(), 1U) << status;
    EXPECT_NE(answers_.reasons[0].find("could not be told again"), std::string::npos);
  }
}

TEST_F(WebhookSinkTest, TheWorkerIsWokenWhenAnAnswerHasCome) {
  std::atomic<int> wakes = 0;
  make();
  sink_->on_answers([&] {
    ++wakes;
    wakes.notify_all();
  });
  take();
  sink_->tick(clock_.boot(), answers_);
  wakes.wait(0);
  EXPECT_EQ(sink_->next_tick(), base::BootTime{});
  sink_->tick(clock_.boot(), answers_);
  EXPECT_EQ(answers_.events.size(), 1U);
  sink_->on_answers({});
}

// The example of the specification's own documentation.
TEST(WebhookSigner, SignsTheKnownMessage) {
  const auto signer = WebhookSigner::from(base::as_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSigner, TakesOnlySecretsOfTheRightLength) {
  for (const std::string_view bad :
       {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8G", "whsec_!!!!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"}) {
    EXPECT_FALSE(WebhookSigner::from(base::as_bytes(bad))) << bad;
  }
}

TEST(HttpUrl, IsTakenApartOrRefused) {
  const auto target = parse_http_url("https://hooks.example.net:8443/a/b?c=d");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->scheme_host_port, "https://hooks.example.net:8443");
  EXPECT_EQ(base::as_text(target->path.reveal()), "/a/b?c=d");
  EXPECT_EQ(base::as_text(parse_http_url("http://h?x")->path.reveal()), "/?x");
  for (const std::string_view bad : {"", "ftp://h/", "https://", "https:///x", "https://u:p@h/",
                                     "https://h/#f", "https://h/a b", "https://h/\r\nX: y"}) {
    EXPECT_FALSE(parse_http_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace trapline::sinks
