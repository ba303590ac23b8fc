// The syslog sink on a sender that does as it is told.
#include "sinks/syslog_sink.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Wire {
  std::vector<std::string> pieces;  // as they were sent
  std::string all;
  std::size_t takes = std::string::npos;          // octets at a time
  std::size_t room = std::string::npos;           // octets before it takes none
  std::optional<std::uint64_t> acknowledges = 0;  // nothing: the connection has ended
  std::optional<bool> was_read = false;           // nothing: it ended before
  bool closes = false;                            // its side, unasked
  bool breaks = false;
  std::function<void()> connecting, sending;
  int opens = 0;
  int finishes = 0;
  int given_up = 0;
};

class FakeSender final : public Sender {
 public:
  explicit FakeSender(Wire& wire) : wire_(wire) {}
  bool open(std::string& problem) override {
    ++wire_.opens;
    finishing_ = false;
    if (wire_.connecting) wire_.connecting();
    wire_.all.clear();
    wire_.pieces.clear();
    if (wire_.breaks) problem = "nobody there";
    return !wire_.breaks;
  }
  std::optional<std::size_t> send(std::string_view octets, std::string& problem) override {
    if (wire_.breaks) {
      problem = "broken";
      return std::nullopt;
    }
    const std::size_t taken = std::min({octets.size(), wire_.takes, wire_.room});
    if (taken == 0) return 0;
    if (wire_.room != std::string::npos) wire_.room -= taken;
    wire_.pieces.emplace_back(octets.substr(0, taken));
    wire_.all += octets.substr(0, taken);
    if (wire_.sending) wire_.sending();
    return taken;
  }
  bool finish(std::string& /*problem*/) override {
    finishing_ = true;
    ++wire_.finishes;
    return true;
  }
  void give_up() override { ++wire_.given_up; }
  std::optional<Standing> look(std::string& problem) override {
    if (!wire_.acknowledges) problem = "reset";
    if (finishing_ && !wire_.was_read) problem = "unread";
    if (!problem.empty()) return std::nullopt;
    const bool finished = finishing_ && *wire_.was_read;
    return Standing{*wire_.acknowledges, wire_.closes || finished, finished};
  }

 private:
  Wire& wire_;
  bool finishing_ = false;
};

class SyslogSinkTest : public testing::Test {
 protected:
  void make(Transport transport) {
    options_.target.transport = transport;
    options_.target.host = "h";
    options_.target.port = 514;
    sink_.emplace(options_, std::make_unique<FakeSender>(wire_), clock_,
                  protocol::mib::MibIndex::built_in());
    std::string reason;
    ASSERT_TRUE(sink_->open(reason));
  }
  void take() {
    const std::string id = "gw-1-" + std::to_string(++sequence_);
    rules::RoutedTrap event = template_.event;
    event.id = id;
    sink_->take(event, sequence_, answers_);
  }
  void tick() { sink_->tick(clock_.boot(), answers_); }
  // Takes and sends so many, and lets the connection be used enough.
  void use_connection(int events) {
    for (int i = 0; i < events; ++i) take();
    tick();
    wire_.acknowledges = wire_.all.size();
    clock_.advance(options_.confirm);
  }
  // A sink for which what TCP acknowledged is delivered.
  void make_unconfirmed(Transport transport) {
    options_.confirm = 0ms;
    make(transport);
  }

  test_support::FakeClock clock_;
  Wire wire_;
  RecordedAnswers answers_;
  SyslogSinkOptions options_;
  std::optional<SyslogSink> sink_;
  TestEvent template_{link_down(), ""};
  Sequence sequence_ = 0;
};

TEST_F(SyslogSinkTest, ADatagramIsOneMessage) {
  make(Transport::udp);
  wire_.acknowledges = 1 << 20;
  take();
  take();
  tick();
  ASSERT_THAT(wire_.pieces, SizeIs(2));
  EXPECT_THAT(wire_.pieces[0], StartsWith("<30>1 "));
  EXPECT_THAT(wire_.pieces[1], HasSubstr("id=\"gw-1-2\""));
  EXPECT_THAT(answers_.events, ElementsAre(1, 2));
  EXPECT_EQ(sink_->next_tick(), base::BootTime::max());
}

TEST_F(SyslogSinkTest, AStreamCountsOctets) {
  make(Transport::tcp);
  take();
  take();
  tick();
  const std::size_t blank = wire_.all.find(' ');
  const auto first = static_cast<std::size_t>(std::stoul(wire_.all.substr(0, blank)));
  const std::string rest = wire_.all.substr(blank + 1 + first);
  EXPECT_THAT(wire_.all.substr(blank + 1, first), StartsWith("<30>1 "));
  EXPECT_EQ(rest.substr(rest.find(' ') + 1).size(), std::stoul(rest));
}

TEST_F(SyslogSinkTest, DeliveredIsWhatWasRead) {
  make(Transport::tcp);
  use_connection(2);
  take();
  tick();
  EXPECT_EQ(wire_.finishes, 1);
  take();  // for the next connection
  tick();
  EXPECT_THAT(answers_.events, IsEmpty());
  EXPECT_THAT(wire_.all, Not(HasSubstr("gw-1-4\"")));
  wire_.was_read = true;
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1, 2, 3));
  EXPECT_EQ(wire_.opens, 1);
  EXPECT_LE(sink_->next_tick(), clock_.boot());
  tick();
  EXPECT_EQ(wire_.opens, 2);
  EXPECT_THAT(wire_.all, HasSubstr("gw-1-4\""));
  EXPECT_THAT(wire_.all, Not(HasSubstr("gw-1-3\"")));
}

TEST_F(SyslogSinkTest, AConnectionIsMadeOnceThereIsSomethingToSend) {
  make(Transport::tls);
  use_connection(1);
  wire_.was_read = true;
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1));
  EXPECT_EQ(sink_->next_tick(), base::BootTime::max());
  tick();
  EXPECT_EQ(wire_.opens, 1);
  wire_.breaks = true;
  take();
  tick();
  EXPECT_THAT(answers_.reasons, ElementsAre("nobody there"));
  EXPECT_THAT(answers_.events, ElementsAre(1));
}

TEST_F(SyslogSinkTest, AConnectionIsFinishedBehindAWholeMessage) {
  make(Transport::tls);
  take();
  take();
  wire_.room = 100;
  tick();
  clock_.advance(options_.confirm);
  tick();
  take();
  EXPECT_EQ(wire_.finishes, 0);
  wire_.room = std::string::npos;
  wire_.was_read = true;
  tick();
  EXPECT_EQ(wire_.finishes, 1);
  EXPECT_THAT(answers_.events, ElementsAre(1, 2));
  tick();
  EXPECT_THAT(wire_.all, StartsWith(wire_.all.substr(0, wire_.all.find(' ')) + " <30>1 "));
  EXPECT_THAT(wire_.all, HasSubstr("gw-1-3\""));
}

TEST_F(SyslogSinkTest, AConnectionIsFinishedWhenTheWindowIsFullOrMuchWasSent) {
  make(Transport::tcp);
  for (std::uint32_t i = 1; i < kSyslogWindow; ++i) take();
  tick();
  EXPECT_EQ(wire_.finishes, 0);
  take();
  tick();
  EXPECT_EQ(wire_.finishes, 1);

  options_.format = SyslogFormat::json;
  options_.max_bytes = 1U << 20U;
  TestEvent large(trap_with_text(std::string(60'000, 'x')), "");
  make(Transport::tcp);
  for (int i = 0; i < 18; ++i) sink_->take(large.event, ++sequence_, answers_);
  wire_.room = 1'000'000;
  tick();
  EXPECT_EQ(wire_.finishes, 1);
  wire_.room = std::string::npos;
  tick();
  EXPECT_EQ(wire_.finishes, 2);
}

TEST_F(SyslogSinkTest, WhatWasNotReadComesAgain) {
  make(Transport::tcp);
  use_connection(2);
  wire_.was_read = std::nullopt;
  tick();
  EXPECT_THAT(answers_.events, IsEmpty());
  EXPECT_THAT(answers_.reasons,
              ElementsAre("unread; if it ends like that each time, set `confirm_ms: 0`"));
}

TEST_F(SyslogSinkTest, AReceiverThatNeverClosesIsToldOf) {
  make(Transport::tcp);
  use_connection(1);
  tick();
  clock_.advance(59s);
  tick();
  EXPECT_THAT(answers_.reasons, IsEmpty());
  EXPECT_GT(sink_->next_tick(), clock_.boot() + 200ms);
  clock_.advance(1s);
  tick();
  EXPECT_THAT(answers_.reasons, ElementsAre(HasSubstr("set `confirm_ms: 0`")));
  EXPECT_THAT(answers_.events, IsEmpty());
}

TEST_F(SyslogSinkTest, WhatStillArrivesIsAwaited) {
  make(Transport::tcp);
  use_connection(1);
  for (std::uint64_t octets = 1; octets <= 20; ++octets) {
    wire_.acknowledges = octets;
    tick();
    clock_.advance(9s);
  }
  EXPECT_THAT(answers_.reasons, IsEmpty());
  wire_.was_read = true;
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1));
}

TEST_F(SyslogSinkTest, AHostThatIsGoneIsNoticedWhileItIsToldThatNothingMoreComes) {
  make(Transport::tcp);
  take();
  tick();
  clock_.advance(options_.confirm);
  tick();
  EXPECT_EQ(wire_.finishes, 1);
  clock_.advance(options_.timeout);
  tick();
  EXPECT_THAT(answers_.reasons, ElementsAre("tcp://h:514: took nothing for 10000 ms"));
  EXPECT_EQ(wire_.given_up, 1);
}

// One message is its death: those before it are delivered all the same.
TEST_F(SyslogSinkTest, AReceiverThatBreaksOffGetsLessAtATime) {
  make(Transport::tcp);
  std::string reason;
  for (int round = 0; round < 60 && answers_.events.size() < 41; ++round) {
    if (round == 0 || !answers_.reasons.empty()) {
      answers_.reasons.clear();
      sequence_ = answers_.events.empty() ? 0 : answers_.events.back();
      ASSERT_TRUE(sink_->open(reason));
      while (sequence_ < 100) take();
    }
    wire_.was_read = true;
    wire_.acknowledges = 0;
    wire_.sending = [&] {
      if (wire_.all.find("gw-1-42\"") != std::string::npos) wire_.acknowledges = std::nullopt;
    };
    tick();
  }
  EXPECT_THAT(answers_.events, SizeIs(41));
}

// Ten in a row are read in time, more are not.
TEST_F(SyslogSinkTest, ASlowReceiverIsSentLessAtATime) {
  constexpr std::int64_t kReadInTime = 10;
  constexpr std::size_t kEvents = 400;
  make(Transport::tcp);
  std::string reason;
  int in_vain = 0;
  for (int round = 0; round < 400 && answers_.events.size() < kEvents; ++round) {
    if (round == 0 || !answers_.reasons.empty()) {
      in_vain += round == 0 ? 0 : 1;
      answers_.reasons.clear();
      sequence_ = answers_.events.empty() ? 0 : answers_.events.back();
      ASSERT_TRUE(sink_->open(reason));
      while (sequence_ < kEvents) take();
    }
    tick();
    wire_.acknowledges = wire_.all.size();
    clock_.advance(options_.confirm);
    wire_.was_read = std::ranges::count(wire_.all, '<') <= kReadInTime;
    tick();
    clock_.advance(61s);
    tick();
  }
  EXPECT_THAT(answers_.events, SizeIs(kEvents));
  EXPECT_LT(in_vain, 16);  // until it is little enough, then after every sixteen
}

TEST_F(SyslogSinkTest, WhoClosesItsSideUnaskedIsAskedWhatItHasRead) {
  options_.confirm = 60s;
  make(Transport::tcp);
  take();
  tick();
  wire_.acknowledges = wire_.all.size();
  wire_.closes = true;
  wire_.was_read = true;
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1));
  EXPECT_THAT(answers_.reasons, IsEmpty());
}

TEST_F(SyslogSinkTest, AConnectionThatEndedUnusedIsMadeAnewInSilence) {
  make(Transport::tcp);
  wire_.closes = true;
  wire_.connecting = [&] { wire_.closes = false; };
  take();
  tick();
  EXPECT_THAT(answers_.reasons, IsEmpty());
  EXPECT_EQ(wire_.opens, 2);
  EXPECT_THAT(wire_.all, HasSubstr("gw-1-1\""));
}

TEST_F(SyslogSinkTest, ConnectingMayTakeLongerThanTheTimeout) {
  options_.timeout = 1s;
  make(Transport::tcp);
  use_connection(1);
  wire_.was_read = true;
  tick();
  wire_.connecting = [&] { clock_.advance(2s); };
  wire_.acknowledges = 0;
  const base::BootTime before = clock_.boot();
  take();
  sink_->tick(before, answers_);
  tick();
  EXPECT_THAT(answers_.reasons, IsEmpty());
  EXPECT_EQ(wire_.finishes, 1);
}

TEST_F(SyslogSinkTest, ALongUseIsNoReasonToFail) {
  options_.confirm = 60s;
  make(Transport::tcp);
  for (int i = 0; i < 59; ++i) {
    take();
    tick();
    wire_.acknowledges = wire_.all.size();
    tick();
    clock_.advance(1s);
  }
  EXPECT_THAT(answers_.reasons, IsEmpty());
  EXPECT_EQ(wire_.finishes, 0);
}

TEST_F(SyslogSinkTest, WhoStopsFinishesAtOnce) {
  make(Transport::tcp);
  take();
  wire_.was_read = true;
  sink_->drain(clock_.boot(), answers_);
  EXPECT_THAT(answers_.events, ElementsAre(1));
}

TEST_F(SyslogSinkTest, WhoStopsDoesNotCallAReceiverThatMayNotAnswerInTime) {
  make(Transport::tcp);
  use_connection(1);
  wire_.was_read = true;
  tick();
  take();
  sink_->drain(clock_.boot() + 1s, answers_);
  EXPECT_EQ(wire_.opens, 1);
  EXPECT_THAT(answers_.events, ElementsAre(1));
  EXPECT_THAT(answers_.reasons, ElementsAre(HasSubstr("no time left")));
}

TEST_F(SyslogSinkTest, UnconfirmedDeliveredIsWhatWasAcknowledged) {
  make_unconfirmed(Transport::tcp);
  take();
  tick();
  const std::size_t first = wire_.all.size();
  take();
  tick();
  EXPECT_THAT(answers_.events, IsEmpty());
  EXPECT_LT(sink_->next_tick(), base::BootTime::max());
  wire_.acknowledges = first;
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1));
  wire_.acknowledges = wire_.all.size();
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1, 2));
}

TEST_F(SyslogSinkTest, WhatTheSocketDoesNotTakeComesLater) {
  make_unconfirmed(Transport::tls);
  take();
  take();
  wire_.takes = 0;
  tick();
  EXPECT_THAT(wire_.pieces, IsEmpty());
  wire_.takes = 7;
  tick();
  wire_.takes = std::string::npos;
  take();
  tick();
  EXPECT_THAT(wire_.all, HasSubstr("id=\"gw-1-1\""));
  EXPECT_LT(wire_.all.find("gw-1-1\""), wire_.all.find("gw-1-2\""));
  EXPECT_LT(wire_.all.find("gw-1-2\""), wire_.all.find("gw-1-3\""));
  wire_.acknowledges = wire_.all.size();
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(1, 2, 3));
}

TEST_F(SyslogSinkTest, KeepsNothingOfWhatAReceiverThatIsNeverDoneHas) {
  make_unconfirmed(Transport::tcp);
  constexpr std::size_t kBehind = 8;
  for (std::size_t i = 0; i < kBehind; ++i) take();
  const std::size_t message = sink_->gathered_bytes() / kBehind;
  for (int i = 0; i < 2'000; ++i) {
    take();
    wire_.room = message + 8;  // ids grow longer
    tick();
    wire_.acknowledges = wire_.all.size();
    ASSERT_LE(sink_->gathered_bytes(), 4 * kBehind * message);
  }
  wire_.room = std::string::npos;
  tick();
  wire_.acknowledges = wire_.all.size();
  tick();
  EXPECT_THAT(answers_.events, SizeIs(2'000 + kBehind));
  EXPECT_EQ(sink_->gathered_bytes(), 0U);
}

TEST_F(SyslogSinkTest, AnEndedConnectionAnswersForNothingThatWasNotAcknowledged) {
  make_unconfirmed(Transport::tcp);
  take();
  tick();
  wire_.acknowledges = std::nullopt;
  tick();
  EXPECT_THAT(answers_.events, IsEmpty());
  EXPECT_THAT(answers_.reasons, ElementsAre("reset"));
  tick();  // until `open`, nothing more is said
  EXPECT_THAT(answers_.reasons, SizeIs(1));
  EXPECT_EQ(sink_->next_tick(), base::BootTime::max());
  std::string reason;
  wire_.acknowledges = 0;
  ASSERT_TRUE(sink_->open(reason));
  take();
  tick();
  EXPECT_THAT(wire_.all, StartsWith(wire_.all.substr(0, wire_.all.find(' ')) + " <30>1 "));
  wire_.acknowledges = wire_.all.size();
  tick();
  EXPECT_THAT(answers_.events, ElementsAre(2));
}

TEST_F(SyslogSinkTest, ADestinationThatTakesNothingFailsInTheEnd) {
  make(Transport::tcp);
  wire_.takes = 0;
  take();
  tick();
  clock_.advance(9s);
  tick();
  EXPECT_THAT(answers_.reasons, IsEmpty());
  clock_.advance(2s);
  tick();
  EXPECT_THAT(answers_.reasons, ElementsAre("tcp://h:514: took nothing for 10000 ms"));
}

TEST_F(SyslogSinkTest, ABrokenSocketIsTold) {
  make(Transport::udp);
  take();
  wire_.breaks = true;
  tick();
  EXPECT_THAT(answers_.reasons, ElementsAre("broken"));
  std::string reason;
  EXPECT_FALSE(sink_->open(reason));
  EXPECT_EQ(reason, "nobody there");
}

}  // namespace
}  // namespace trapline::sinks
