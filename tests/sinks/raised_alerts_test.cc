#include "sinks/raised_alerts.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/fake_clock.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Json = nlohmann::json;

// What the router would put up.
class RaisedAlertsTest : public testing::Test {
 protected:
  void raise(const std::string& number, const std::string& sink = "alerts") {
    rules::Problem problem{"key/" + number,
                           "raise/" + number,
                           rules::Severity::major,
                           "",
                           1,
                           {1'767'225'600'000'000'000},
                           {}};
    problem.labels = {{"agent", "10.1.2.3"}, {"trap", "IF-MIB::linkDown"}};
    problem.sinks = {"events", sink};
    problems_.push_back(problem);
  }
  void publish() {
    ASSERT_TRUE(board_.wanted());
    board_.publish([this] { return problems_; });
    EXPECT_FALSE(board_.wanted());
  }
  // The keys told by the next request.
  std::vector<std::string> next() {
    std::vector<std::string> keys;
    const std::string body = alerts_.next_body(clock_.boot());
    if (body.empty()) return keys;
    for (const Json& alert : Json::parse(body)) keys.push_back(alert.at("labels").at("key"));
    return keys;
  }

  test_support::FakeClock clock_;
  ProblemBoard board_;
  ProblemList problems_;
  RaisedAlerts alerts_{board_, "alerts", 60s};
};

TEST_F(RaisedAlertsTest, ARoundIsAskedForAndToldOnceAMinute) {
  raise("1");
  raise("2", "others");
  raise("3");
  EXPECT_THAT(next(), IsEmpty());
  EXPECT_EQ(alerts_.due_at(), clock_.boot() + 100ms);
  publish();
  EXPECT_THAT(next(), IsEmpty()) << "not before it is due";
  clock_.advance(100ms);
  EXPECT_THAT(next(), ElementsAre("key/1", "key/3"));
  EXPECT_EQ(alerts_.due_at(), clock_.boot() + 60s);
  EXPECT_FALSE(board_.wanted());
  clock_.advance(59s);
  EXPECT_THAT(next(), IsEmpty());
  EXPECT_FALSE(board_.wanted());
  clock_.advance(1s);
  EXPECT_THAT(next(), IsEmpty());
  publish();
  clock_.advance(100ms);
  EXPECT_THAT(next(), ElementsAre("key/1", "key/3"));
}

TEST_F(RaisedAlertsTest, WhatIsClearedMeanwhileIsNotToldAgain) {
  raise("1");
  raise("2");
  (void)next();
  publish();
  alerts_.ended("raise/1");
  clock_.advance(100ms);
  EXPECT_THAT(next(), ElementsAre("key/2"));
  clock_.advance(60s);
  (void)next();
  publish();
  clock_.advance(100ms);
  EXPECT_THAT(next(), ElementsAre("key/1", "key/2")) << "a list made since then knows better";
}

TEST_F(RaisedAlertsTest, AListThatWasMadeBeforeIsNotTaken) {
  (void)next();
  publish();
  alerts_.begin_anew();
  raise("1");
  EXPECT_THAT(next(), IsEmpty());
  clock_.advance(100ms);
  EXPECT_THAT(next(), IsEmpty());
  publish();
  clock_.advance(100ms);
  EXPECT_THAT(next(), ElementsAre("key/1"));
}

TEST_F(RaisedAlertsTest, ALongListTakesSeveralRequests) {
  for (std::size_t i = 0; i < 2 * RaisedAlerts::kMostAlerts + 1; ++i) raise(std::to_string(i));
  (void)next();
  publish();
  clock_.advance(100ms);
  EXPECT_EQ(next().size(), RaisedAlerts::kMostAlerts);
  EXPECT_EQ(alerts_.due_at(), base::BootTime{});
  EXPECT_EQ(next().size(), RaisedAlerts::kMostAlerts);
  EXPECT_EQ(next().size(), 1U);
  EXPECT_THAT(next(), IsEmpty());
}

TEST_F(RaisedAlertsTest, WithNothingRaisedNothingIsSent) {
  (void)next();
  publish();
  clock_.advance(100ms);
  EXPECT_EQ(alerts_.next_body(clock_.boot()), "");
  EXPECT_EQ(alerts_.due_at(), clock_.boot() + 60s);
}

}  // namespace
}  // namespace trapline::sinks
