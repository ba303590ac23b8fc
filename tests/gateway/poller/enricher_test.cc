#include "gateway/poller/enricher.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using rules::AnswerState;
using rules::EnrichmentWish;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kSysName = "1.3.6.1.2.1.1.5.0";
constexpr std::string_view kIfName = "1.3.6.1.2.1.31.1.1.1.1.7";

// Devices that answer when the test says so.
class FakeGetter final : public Getter {
 public:
  struct Asked {
    Device device;
    std::vector<protocol::Oid> names;
    std::function<void(GetAnswer)> done;
  };
  void get(const Device& device, std::vector<protocol::Oid> names,
           std::function<void(GetAnswer)> done) override {
    asked.push_back({device, std::move(names), std::move(done)});
    ++requests;
  }
  // The oldest question ends so.
  void end(GetOutcome outcome, std::vector<PolledVarBind> values = {}) {
    Asked first = std::move(asked.front());
    asked.pop_front();
    GetAnswer answer;
    answer.outcome = outcome;
    answer.values = std::move(values);
    first.done(std::move(answer));
  }

  std::deque<Asked> asked;
  int requests = 0;
};

PolledVarBind text_value(std::string_view oid, std::string_view text) {
  PolledVarBind value;
  value.name = *protocol::Oid::parse(oid);
  value.type = protocol::ValueType::octet_string;
  value.tag = 4;
  const base::Bytes octets = base::as_bytes(text);
  value.content.assign(octets.begin(), octets.end());
  return value;
}

PolledVarBind no_such_instance(std::string_view oid) {
  PolledVarBind value = text_value(oid, "");
  value.type = protocol::ValueType::no_such_instance;
  return value;
}

base::IpAddress agent(unsigned number) {
  return base::IpAddress::v4(
      {10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)});
}

EnrichmentWish wish(unsigned number, std::string name = "device", std::string_view oid = kSysName) {
  return {agent(number), std::move(name), {{"value", *protocol::Oid::parse(oid)}}, 600s};
}

class EnricherTest : public ::testing::Test {
 protected:
  EnricherTest() {
    EnricherOptions options;
    options.networks.push_back(
        {*base::IpPrefix::parse("10.0.0.0/8"), 1161, std::make_shared<PollAccess>()});
    options.timeout = 600ms;
    options.retries = 1;
    options.budget = 60s;
    enricher_ = std::make_unique<Enricher>(
        std::move(options), getter_, [](std::function<void()> work) { work(); }, clock_, log_,
        [this] { ++told_; });
  }
  void seek(EnrichmentWish wanted) { enricher_->seek({std::move(wanted)}); }
  // "agent state good-for values", for each.
  std::vector<std::string> answers() {
    std::vector<std::string> texts;
    std::size_t before = 0;
    do {
      before = texts.size();
      take_answers(texts);
      EXPECT_LE(texts.size() - before, Enricher::kMostTaken);
    } while (texts.size() != before);
    return texts;
  }
  void take_answers(std::vector<std::string>& texts) {
    enricher_->take_answers([&](const journal::Answer& answer) {
      std::string text = answer.agent.to_string() + " " +
                         std::string(journal::name_of(answer.state)) + " " +
                         std::to_string(answer.good_for.count());
      for (const auto& member : answer.members) {
        text += " " + std::string(member.name) + "=" +
                std::string(base::as_text(member.varbind.value.content));
      }
      texts.push_back(text);
    });
  }

  test_support::FakeClock clock_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  FakeGetter getter_;
  std::unique_ptr<Enricher> enricher_;
  int told_ = 0;
};

TEST_F(EnricherTest, OneRequestAsksForAllOfAnEnrichment) {
  EnrichmentWish both = wish(1);
  both.members.push_back({"other", *protocol::Oid::parse(kIfName)});
  seek(both);
  ASSERT_EQ(getter_.asked.size(), 1U);
  const auto& asked = getter_.asked.front();
  EXPECT_EQ(asked.device.address.to_string(), "10.0.0.1:1161");
  EXPECT_EQ(asked.device.timeout, 600ms);
  EXPECT_EQ(asked.names.size(), 2U);
  EXPECT_EQ(told_, 0);
  getter_.end(GetOutcome::answered, {text_value(kSysName, "core1"), text_value(kIfName, "Gi0/7")});
  EXPECT_EQ(told_, 1);
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 known 600 value=core1 other=Gi0/7"));
  EXPECT_THAT(answers(), IsEmpty());
}

TEST_F(EnricherTest, AStormAsksOnce) {
  for (int i = 0; i < 10'000; ++i) seek(wish(1));
  EXPECT_EQ(getter_.requests, 1);
  getter_.end(GetOutcome::answered, {text_value(kSysName, "core1")});
  EXPECT_EQ(answers().size(), 1U);
  EXPECT_EQ(enricher_->figures().shared, 9'999U);
}

TEST_F(EnricherTest, WhatADeviceDoesNotHaveIsMissingAndSoonAskedAgain) {
  EnrichmentWish both = wish(1);
  both.members.push_back({"other", *protocol::Oid::parse(kIfName)});
  seek(both);
  getter_.end(GetOutcome::answered, {no_such_instance(kSysName), text_value(kIfName, "Gi0/7")});
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 known 600 other=Gi0/7"));
  seek(wish(1));
  getter_.end(GetOutcome::answered, {no_such_instance(kSysName)});
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 known 60"));
}

TEST_F(EnricherTest, ErrorsAreAnswersOfTheirOwn) {
  for (const GetOutcome outcome :
       {GetOutcome::error_status, GetOutcome::malformed, GetOutcome::report}) {
    seek(wish(1));
    getter_.end(outcome);
    EXPECT_THAT(answers(), ElementsAre("10.0.0.1 failed 60"));
  }
  seek(wish(1));
  getter_.end(GetOutcome::overloaded);
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 skipped 1"));
  EXPECT_EQ(enricher_->figures().unreachable_devices, 0U);
}

TEST_F(EnricherTest, ADeviceOfNoNetworkIsNotAsked) {
  EnrichmentWish foreign = wish(1);
  foreign.agent = *base::IpAddress::parse("192.0.2.1");
  seek(foreign);
  EXPECT_EQ(getter_.requests, 0);
  EXPECT_THAT(answers(), ElementsAre("192.0.2.1 failed 60"));
}

TEST_F(EnricherTest, ASilentDeviceIsLeftAloneLongerEachTime) {
  seek(wish(1));
  getter_.end(GetOutcome::no_answer);
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 timeout 1"));
  EXPECT_EQ(enricher_->figures().unreachable_devices, 1U);
  seek(wish(1, "interface", kIfName));
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 timeout 1"));
  EXPECT_EQ(getter_.requests, 1);
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}) {
    clock_.advance(pause - 1ms);
    seek(wish(1));
    EXPECT_THAT(getter_.asked, IsEmpty());
    clock_.advance(1ms);
    // One question tells whether it is back.
    seek(wish(1));
    seek(wish(1, "interface", kIfName));
    ASSERT_EQ(getter_.asked.size(), 1U);
    getter_.end(GetOutcome::no_answer);
    (void)answers();
  }
  clock_.advance(300s);
  seek(wish(1));
  getter_.end(GetOutcome::answered, {text_value(kSysName, "core1")});
  EXPECT_EQ(enricher_->figures().unreachable_devices, 0U);
  seek(wish(1, "interface", kIfName));
  EXPECT_EQ(getter_.asked.size(), 1U);
}

TEST_F(EnricherTest, AProbeThatCouldNotBeSentIsMadeAgain) {
  seek(wish(1));
  getter_.end(GetOutcome::no_answer);
  clock_.advance(1s);
  seek(wish(1));
  getter_.end(GetOutcome::overloaded);
  seek(wish(1));
  EXPECT_EQ(getter_.asked.size(), 1U);
}

// The source of a trap can be forged: it must not make us ask the whole world.
TEST_F(EnricherTest, FiftyStrangersASecondAndTheOthersTakeTurns) {
  for (unsigned i = 0; i < 2'000; ++i) seek(wish(i));
  EXPECT_EQ(getter_.requests, 50);
  const auto refused = answers();
  ASSERT_EQ(refused.size(), 950U);
  EXPECT_EQ(refused.front(), "10.0.4.26 skipped 1");
  clock_.advance(100ms);
  EXPECT_TRUE(enricher_->go_on());
  EXPECT_EQ(getter_.requests, 55);
  clock_.advance(10s);
  EXPECT_TRUE(enricher_->go_on());
  EXPECT_EQ(getter_.requests, 105);
  // Who was asked before is no stranger.
  seek(wish(1, "interface", kIfName));
  EXPECT_EQ(getter_.requests, 106);
  for (int second = 0; second < 19; ++second) {
    clock_.advance(1s);
    (void)enricher_->go_on();
  }
  EXPECT_FALSE(enricher_->go_on());
  EXPECT_EQ(getter_.requests, 1'051);
  const EnricherFigures figures = enricher_->figures();
  EXPECT_EQ(figures.wishes,
            figures.shared + figures.asked + figures.no_device + figures.closed + figures.refused);
  EXPECT_EQ(figures.asked, figures.answered + figures.failed + figures.silent + figures.open);
}

TEST_F(EnricherTest, WhoseEventsHaveGoneOnIsNotAskedForTheFirstTime) {
  for (unsigned i = 0; i < 60; ++i) seek(wish(i));
  EXPECT_EQ(getter_.requests, 50);
  clock_.advance(61s);
  EXPECT_FALSE(enricher_->go_on());
  EXPECT_EQ(getter_.requests, 50);
  EXPECT_THAT(answers(), SizeIs(10));
  EXPECT_EQ(enricher_->figures().refused, 10U);
}

TEST_F(EnricherTest, AStrangerIsAskedNoMoreAtOnceThanOthers) {
  for (unsigned i = 0; i < 50; ++i) seek(wish(i));
  for (unsigned i = 0; i < 10; ++i) {
    seek(wish(60, "interface", "1.3.6.1.2.1.31.1.1.1.1." + std::to_string(i)));
  }
  seek(wish(61));
  EXPECT_EQ(getter_.requests, 50);
  clock_.advance(20ms);
  // One token: its four questions, and the others behind them.
  EXPECT_TRUE(enricher_->go_on());
  EXPECT_EQ(getter_.requests, 54);
  clock_.advance(20ms);
  // Who comes now is behind those who wait.
  seek(wish(62));
  EXPECT_EQ(getter_.requests, 54);
  EXPECT_TRUE(enricher_->go_on());
  EXPECT_EQ(getter_.asked.back().device.address.ip, agent(61));
  clock_.advance(20ms);
  EXPECT_FALSE(enricher_->go_on());
  EXPECT_EQ(getter_.asked.back().device.address.ip, agent(62));
}

// Interfaces of one device: four questions at a time, and when it falls silent, no more.
TEST_F(EnricherTest, ADeviceThatFallsSilentIsNotAskedWhatWaitsBehind) {
  for (unsigned i = 0; i < 100; ++i) {
    seek(wish(1, "interface", "1.3.6.1.2.1.31.1.1.1.1." + std::to_string(i)));
  }
  EXPECT_EQ(getter_.requests, 4);
  getter_.end(GetOutcome::answered, {text_value(kIfName, "Gi")});
  EXPECT_EQ(getter_.requests, 5);
  for (int i = 0; i < 4; ++i) getter_.end(GetOutcome::no_answer);
  EXPECT_EQ(getter_.requests, 5);
  const auto all = answers();
  ASSERT_THAT(all, SizeIs(100));
  EXPECT_EQ(all[0], "10.0.0.1 known 600 value=Gi");
  EXPECT_EQ(all[99], "10.0.0.1 timeout 1");
  const EnricherFigures figures = enricher_->figures();
  EXPECT_EQ(figures.closed, 95U);
  EXPECT_EQ(figures.open, 0U);
  EXPECT_EQ(figures.wishes, 100U);
}

TEST_F(EnricherTest, BehindADeviceIsRoomForAThousand) {
  for (unsigned i = 0; i < 1'010; ++i) {
    seek(wish(1, "interface", "1.3.6.1.2.1.31.1.1.1.1." + std::to_string(i)));
  }
  EXPECT_THAT(answers(), SizeIs(6));
  EXPECT_EQ(enricher_->figures().refused, 6U);
  while (!getter_.asked.empty()) {
    getter_.end(GetOutcome::answered, {text_value(kIfName, "Gi")});
    (void)answers();
  }
  EXPECT_EQ(getter_.requests, 1'004);
  EXPECT_EQ(enricher_->figures().answered, 1'004U);
}

TEST_F(EnricherTest, WhatIsNoOneDeviceIsNotAsked) {
  EnricherOptions options;
  options.networks.push_back(
      {*base::IpPrefix::parse("0.0.0.0/0"), 161, std::make_shared<PollAccess>()});
  options.networks.push_back({*base::IpPrefix::parse("::/0"), 161, std::make_shared<PollAccess>()});
  enricher_ = std::make_unique<Enricher>(
      std::move(options), getter_, [](std::function<void()> work) { work(); }, clock_, log_, [] {});
  for (const char* address : {"0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"}) {
    EnrichmentWish odd = wish(1);
    odd.agent = *base::IpAddress::parse(address);
    seek(odd);
  }
  EXPECT_EQ(getter_.requests, 0);
  EXPECT_EQ(enricher_->figures().no_device, 5U);
}

TEST_F(EnricherTest, ALargeValueIsLeftOut) {
  seek(wish(1));
  getter_.end(GetOutcome::answered, {text_value(kSysName, std::string(5'000, 'x'))});
  EXPECT_THAT(answers(), ElementsAre("10.0.0.1 known 600"));
}

TEST(DeviceBook, ForgetsTheDeviceOfWhichNothingWasHeardForLongest) {
  DeviceBook book;
  base::BootTime now{1h};
  for (unsigned i = 0; i < DeviceBook::kMostDevices + 10; ++i) {
    now += 20ms;
    ASSERT_EQ(book.ask(agent(i), now), DeviceBook::Leave::ask);
    if (i == 0) {
      EXPECT_EQ(book.silent(agent(0), now), DeviceChange::unreachable);
    }
  }
  EXPECT_EQ(book.size(), DeviceBook::kMostDevices);
  EXPECT_EQ(book.unreachable(), 0U);
  EXPECT_EQ(book.answered(agent(0)), DeviceChange::none);
}

}  // namespace
}  // namespace trapline::gateway
