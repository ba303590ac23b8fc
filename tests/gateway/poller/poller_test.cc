// Questions, their attempts and their ends, without a network and without waiting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/poller/fake_network.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using protocol::Version;
using test_support::integer;
using test_support::octet_string;
using test_support::varbind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kName = "1.3.6.1.2.1.1.5.0";
constexpr const char* kOther = "1.3.6.1.2.1.1.6.0";

class PollerTest : public ::testing::Test {
 protected:
  void get(std::initializer_list<const char*> names) { get_from(device_, names); }
  void get_from(const Device& device, std::initializer_list<const char*> names) {
    network_.poller.get(device, oids(names),
                        [this](GetAnswer answer) { answers_.push_back(std::move(answer)); });
  }
  [[nodiscard]] const PollerCounters& counters() const { return network_.poller.counters(); }

  FakeNetwork network_;
  Device device_ = device_at("192.0.2.1:161", Version::v2c);
  std::vector<GetAnswer> answers_;
};

TEST_F(PollerTest, AsksForAllNamesInOnePduAndHandsOutTheirValues) {
  get({kName, kOther});
  ASSERT_EQ(network_.sent.size(), 1U);
  const SentRequest request = network_.take_request();
  EXPECT_EQ(request.tag, 0xa0);
  EXPECT_THAT(request.names, ElementsAre(kName, kOther));
  network_.clock.advance(7ms);
  network_.answer(device_.address, request.id,
                  {varbind(kName, octet_string("core")), varbind(kOther, integer(-3))});
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::answered);
  ASSERT_EQ(answers_[0].values.size(), 2U);
  EXPECT_EQ(base::as_text(answers_[0].values[0].content), "core");
  EXPECT_EQ(static_cast<std::int64_t>(answers_[0].values[1].number), -3);
  EXPECT_EQ(answers_[0].latency, 7ms);
  EXPECT_EQ(network_.poller.in_flight(), 0U);
}

TEST_F(PollerTest, RepeatsTheSameQuestionAndGivesUpAfterTheLastTimeout) {
  device_.retries = 2;
  get({kName});
  network_.pass(999ms);
  EXPECT_EQ(network_.sent.size(), 1U);
  network_.pass(1ms);
  EXPECT_EQ(network_.sent.size(), 2U);
  network_.pass(1s);
  ASSERT_EQ(network_.sent.size(), 3U);
  EXPECT_EQ(network_.sent[0].octets, network_.sent[2].octets);
  EXPECT_TRUE(answers_.empty());
  network_.pass(1s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::no_answer);
  EXPECT_EQ(answers_[0].reason, "no answer to 3 attempt(s) of 1000 ms");
  EXPECT_EQ(counters().retries, 2U);
  EXPECT_EQ(counters().timeouts, 1U);
}

TEST_F(PollerTest, LateDuplicateAndForeignRepliesAreCountedAndDropped) {
  get({kName});
  const SentRequest request = network_.take_request();
  const auto reply = [&](std::int32_t id) {
    network_.answer(device_.address, id, {varbind(kName, integer(1))});
  };
  reply(request.id);
  reply(request.id);
  EXPECT_EQ(counters().duplicates, 1U);
  device_.retries = 0;
  get({kName});
  const SentRequest second = network_.take_request();
  network_.pass(1s);
  reply(second.id);
  EXPECT_EQ(counters().late, 1U);
  reply(second.id ^ 0x1000);
  EXPECT_EQ(counters().unmatched, 1U);
  EXPECT_EQ(answers_.size(), 2U);
  EXPECT_EQ(counters().received,
            counters().answered + counters().duplicates + counters().late + counters().unmatched);
}

TEST_F(PollerTest, AnAnswerMustComeFromTheAddressAndPortAsked) {
  get({kName});
  const SentRequest request = network_.take_request();
  for (const char* forger : {"192.0.2.2:161", "192.0.2.1:162"}) {
    network_.answer(*base::Endpoint::parse(forger), request.id, {varbind(kName, integer(1))});
  }
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().wrong_source, 2U);
  network_.pass(2s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_THAT(answers_[0].reason, HasSubstr("an answer came from 192.0.2.1:162 instead"));
}

TEST_F(PollerTest, AReplyToAnotherRequestIsToldWhenTheTimeIsUp) {
  get({kName});
  const SentRequest request = network_.take_request();
  network_.answer(device_.address, request.id ^ 1, {varbind(kName, integer(1))});
  EXPECT_TRUE(answers_.empty());
  network_.pass(2s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::no_answer);
  EXPECT_THAT(answers_[0].reason, HasSubstr("an answer came to another request"));
}

TEST_F(PollerTest, ATruncatedReplyNeitherAnswersNorEndsTheQuestion) {
  get({kName});
  const SentRequest request = network_.take_request();
  const Octets whole = test_support::message(
      1, test_support::pdu_v2(0xa2, request.id, {varbind(kName, octet_string("core"))}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    network_.receive(device_.address, Octets(whole.begin(), whole.begin() + size));
  }
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().malformed, whole.size());
  network_.pass(2s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::malformed);
  EXPECT_THAT(answers_[0].reason, HasSubstr("cannot be read: truncated at octet"));
}

TEST_F(PollerTest, WhatIsLongerThanADatagramIsNoAnswer) {
  get({kName});
  const std::int32_t id = network_.take_request().id;
  network_.answer(device_.address, id, {varbind(kName, octet_string(std::string(66'000, 'x')))});
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().malformed, 1U);
  network_.pass(2s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_THAT(answers_[0].reason, HasSubstr("cannot be read: too long"));
}

TEST_F(PollerTest, ValuesOfOtherNamesAreNoAnswer) {
  get({kName, kOther});
  network_.answer(device_.address, network_.take_request().id, {varbind(kName, integer(1))});
  get({kName});
  network_.answer(device_.address, network_.take_request().id, {varbind(kOther, integer(1))});
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::malformed);
  EXPECT_THAT(answers_[0].reason, HasSubstr("it holds 1 values for 2 names"));
  EXPECT_THAT(answers_[1].reason,
              HasSubstr("SNMPv2-MIB::sysLocation.0 where SNMPv2-MIB::sysName.0 was asked for"));
}

TEST_F(PollerTest, AnErrorNamesItsVariableAndAWildIndexNamesNone) {
  get({kName, kOther});
  network_.answer_error(device_.address, network_.take_request().id, 5, 2);
  get({kName, kOther});
  network_.answer_error(device_.address, network_.take_request().id, 16, 77);
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::error_status);
  EXPECT_EQ(answers_[0].error_status, 5);
  EXPECT_EQ(answers_[0].error_index, 2U);
  EXPECT_THAT(answers_[0].reason, HasSubstr("(SNMPv2-MIB::sysLocation.0)"));
  EXPECT_EQ(answers_[1].error_index, 0U);
  EXPECT_THAT(answers_[1].reason, HasSubstr("error-index 77 points at none of the 2 names"));
}

TEST_F(PollerTest, TooBigIsAskedInHalves) {
  get({kName, kOther, "1.3.6.1.2.1.1.4.0"});
  network_.answer_error(device_.address, network_.take_request().id, 1, 0);
  SentRequest half = network_.take_request();
  EXPECT_THAT(half.names, ElementsAre(kName, kOther));
  network_.answer(device_.address, half.id,
                  {varbind(kName, integer(1)), varbind(kOther, integer(2))});
  half = network_.take_request();
  EXPECT_THAT(half.names, ElementsAre("1.3.6.1.2.1.1.4.0"));
  network_.answer(device_.address, half.id, {varbind("1.3.6.1.2.1.1.4.0", integer(3))});
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::answered);
  ASSERT_EQ(answers_[0].values.size(), 3U);
  EXPECT_EQ(answers_[0].values[2].number, 3U);
  get({kName});
  network_.answer_error(device_.address, network_.take_request().id, 1, 0);
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].outcome, GetOutcome::error_status);
}

TEST_F(PollerTest, GetBulkCarriesItsTwoNumbersAndHoldsTheAnswerToThem) {
  Question question;
  question.kind = protocol::RequestKind::get_bulk;
  question.names = oids({kName, "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2"});
  question.non_repeaters = 1;
  question.max_repetitions = 2;
  const auto ask = [&] {
    network_.poller.ask(device_, question,
                        [this](GetAnswer answer) { answers_.push_back(std::move(answer)); });
    return network_.take_request();
  };
  const auto value = varbind(kOther, integer(1));
  SentRequest request = ask();
  EXPECT_EQ(request.tag, 0xa5);
  EXPECT_EQ(request.second, 1);
  EXPECT_EQ(request.third, 2);
  network_.answer(device_.address, request.id, {value, value, value, value, value});
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::answered);
  EXPECT_EQ(answers_[0].values.size(), 5U);
  request = ask();
  network_.answer(device_.address, request.id, {value, value, value, value, value, value});
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].outcome, GetOutcome::malformed);
  EXPECT_THAT(answers_[1].reason, HasSubstr("it holds 6 values, more than the 5 asked for"));
}

TEST_F(PollerTest, NoSuchNameOfV1BecomesAnExceptionAndTheOthersAreAskedAgain) {
  device_ = device_at("192.0.2.1:161", Version::v1);
  get({kName, kOther});
  network_.answer_error(device_.address, network_.take_request().id, 2, 1, 0);
  const SentRequest rest = network_.take_request();
  EXPECT_THAT(rest.names, ElementsAre(kOther));
  network_.receive(
      device_.address,
      test_support::message(0, test_support::pdu_v2(0xa2, rest.id, {varbind(kOther, integer(2))})));
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::answered);
  EXPECT_TRUE(answers_[0].values[0].is_exception());
  EXPECT_EQ(answers_[0].values[1].number, 2U);
}

TEST_F(PollerTest, AVersionThatWasNotAskedInIsNotBelieved) {
  get({kName});
  const SentRequest request = network_.take_request();
  network_.receive(device_.address,
                   test_support::message(
                       0, test_support::pdu_v2(0xa2, request.id, {varbind(kName, integer(2))})));
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().malformed, 1U);
}

TEST_F(PollerTest, WhatTheNetworkRefusesIsUnreachableAndNotAnsweredFromWithinGet) {
  network_.refuse_with = EHOSTUNREACH;
  get({kName});
  EXPECT_TRUE(answers_.empty());
  network_.pass(0s);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::unreachable);
  EXPECT_THAT(answers_[0].reason, HasSubstr("cannot be sent: No route to host"));
}

TEST_F(PollerTest, WhatTheNetworkRefusesAfterwardsEndsAllThatIsUnderWayThere) {
  get({kName});
  get({kOther});
  const Device other = device_at("192.0.2.2:161", Version::v2c);
  get_from(other, {kName});
  network_.poller.on_send_failed(device_.address, EHOSTUNREACH);
  network_.poller.on_send_failed(device_.address, EHOSTUNREACH);
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].outcome, GetOutcome::unreachable);
  EXPECT_THAT(answers_[1].reason, HasSubstr("cannot be sent: No route to host"));
  EXPECT_EQ(counters().sent, 1U);
  EXPECT_EQ(counters().send_failed, 2U);
  EXPECT_EQ(network_.poller.in_flight(), 1U);
}

TEST_F(PollerTest, ACallbackMayAskAgain) {
  device_.retries = 0;
  network_.poller.get(device_, oids({kName}), [this](GetAnswer) { get({kOther}); });
  network_.pass(1s);
  ASSERT_EQ(network_.sent.size(), 2U);
  network_.pass(1s);
  EXPECT_EQ(answers_.size(), 1U);
}

TEST(PollerLimitsTest, HoldsInAllAndPerDevice) {
  FakeNetwork network({.in_flight = 3, .in_flight_per_device = 2, .waiting = 100});
  std::size_t ends = 0;
  const Device first = device_at("192.0.2.1:161", Version::v2c);
  const Device second = device_at("192.0.2.2:161", Version::v2c);
  for (int i = 0; i < 4; ++i) {
    network.poller.get(first, oids({kName}), [&](GetAnswer) { ++ends; });
  }
  EXPECT_EQ(network.sent.size(), 2U);
  for (int i = 0; i < 4; ++i) {
    network.poller.get(second, oids({kName}), [&](GetAnswer) { ++ends; });
  }
  EXPECT_EQ(network.sent.size(), 3U);
  EXPECT_EQ(network.poller.waiting(), 5U);
  const SentDatagram one = network.take();
  network.answer(one.to, read_request(one.octets).id, {varbind(kName, integer(1))});
  EXPECT_EQ(network.poller.in_flight(), 3U);
  network.pass(60s);
  EXPECT_EQ(ends, 8U);
  EXPECT_EQ(network.poller.in_flight() + network.poller.waiting(), 0U);
}

TEST(PollerLimitsTest, RefusesWhatTooManyWaitBefore) {
  FakeNetwork network({.in_flight = 1, .in_flight_per_device = 1, .waiting = 2});
  std::vector<GetAnswer> answers;
  const Device device = device_at("192.0.2.1:161", Version::v2c);
  for (int i = 0; i < 4; ++i) {
    network.poller.get(device, oids({kName}),
                       [&](GetAnswer answer) { answers.push_back(std::move(answer)); });
  }
  network.pass(0s);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].outcome, GetOutcome::overloaded);
  EXPECT_EQ(network.poller.counters().overloaded, 1U);
}

TEST(PollerLimitsTest, KeepsToItsPacketsPerSecond) {
  FakeNetwork network({.in_flight = 1'000, .in_flight_per_device = 1'000, .packets_per_sec = 100});
  Device device = device_at("192.0.2.1:161", Version::v2c);
  device.timeout = 10s;
  for (int i = 0; i < 50; ++i) network.poller.get(device, oids({kName}), [](GetAnswer) {});
  const std::size_t at_once = network.sent.size();
  EXPECT_LE(at_once, 2U);
  network.pass(100ms);
  EXPECT_NEAR(static_cast<double>(network.sent.size()), static_cast<double>(at_once) + 10, 1);
  network.pass(1s);
  EXPECT_EQ(network.sent.size(), 50U);
}

}  // namespace
}  // namespace trapline::gateway
