// The poller's sockets: real datagrams over loopback.
#include "gateway/poller/udp_poll_io.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/udp_socket.h"
#include "tests/gateway/poller/fake_network.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using test_support::integer;
using test_support::octet_string;
using test_support::varbind;
using ::testing::HasSubstr;

constexpr const char* kName = "1.3.6.1.2.1.1.5.0";

// A device's socket, on a free port; the test reads and answers by hand. Loopback delivers before
// sendto returns, so nothing is waited for.
class Agent {
 public:
  explicit Agent(std::string_view ip) : ip_(*base::IpAddress::parse(ip)) {
    fd_ = new_udp_socket({ip_, 0});
    sockaddr_storage address{};
    socklen_t size = to_sockaddr({ip_, 0}, address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(fd_, generic, size), 0);
    size = sizeof address;
    EXPECT_EQ(getsockname(fd_, generic, &size), 0);
    port_ = from_sockaddr(address).port;
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  ~Agent() { ::close(fd_); }

  [[nodiscard]] base::Endpoint endpoint() const { return {ip_, port_}; }
  // Takes what was sent to it; an id of 0 when there is nothing.
  SentRequest take() {
    std::vector<std::byte> room(65'536);
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(fd_, room.data(), room.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return {};
    asker_ = from_sockaddr(from);
    return read_request(base::Bytes(room).first(static_cast<std::size_t>(got)));
  }
  // To whoever asked.
  void send(const Octets& octets) const { send_to(asker_, octets); }
  void send_to(const base::Endpoint& to, const Octets& octets) const {
    sockaddr_storage address{};
    const socklen_t size = to_sockaddr(to, address);
    EXPECT_EQ(sendto(fd_, octets.data(), octets.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), size),
              static_cast<ssize_t>(octets.size()));
  }
  [[nodiscard]] const base::Endpoint& asker() const { return asker_; }

 private:
  const base::IpAddress ip_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  base::Endpoint asker_;
};

Octets reply_to(const SentRequest& request, std::string_view text = "core") {
  return test_support::message(
      1, test_support::pdu_v2(0xa2, request.id, {varbind(kName, octet_string(text))}));
}

class UdpPollIoTest : public ::testing::Test {
 protected:
  UdpPollIoTest() { io_.serve(poller_); }

  void get(const base::Endpoint& address, std::chrono::milliseconds timeout = 60s,
           unsigned retries = 0) {
    Device device = device_at(address.to_string(), protocol::Version::v2c);
    device.timeout = timeout;
    device.retries = retries;
    poller_.get(device, oids({kName}),
                [this](GetAnswer answer) { answers_.push_back(std::move(answer)); });
  }
  // Runs what is ready; what was sent to the poller is ready at once.
  void turn() {
    context_.restart();
    context_.poll();
  }
  // Runs until so many questions have ended.
  void run_until(std::size_t answers) {
    context_.restart();
    while (answers_.size() < answers && context_.run_one_for(10s) > 0) {}
  }
  [[nodiscard]] const PollerCounters& counters() const { return poller_.counters(); }

  base::SystemClock clock_;
  base::SystemRandom random_;
  boost::asio::io_context context_;
  UdpPollIo io_{context_, clock_};
  Poller poller_{io_, clock_, random_, {}};
  std::vector<GetAnswer> answers_;
};

TEST_F(UdpPollIoTest, AsksAndIsAnsweredByBothFamilies) {
  for (const char* ip : {"127.0.0.1", "127.0.0.2", "::1"}) {
    SCOPED_TRACE(ip);
    Agent agent(ip);
    get(agent.endpoint());
    const SentRequest request = agent.take();
    EXPECT_EQ(request.names, std::vector<std::string>{kName});
    agent.send(reply_to(request));
    turn();
    ASSERT_FALSE(answers_.empty());
    EXPECT_EQ(answers_.back().outcome, GetOutcome::answered);
    EXPECT_GT(answers_.back().latency, 0ns);
  }
  EXPECT_EQ(answers_.size(), 3U);
}

TEST_F(UdpPollIoTest, OneSocketOfEachFamilyServesAllDevices) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    Agent first(ip);
    Agent second(ip);
    get(first.endpoint());
    get(second.endpoint());
    EXPECT_NE(first.take().id, 0);
    EXPECT_NE(second.take().id, 0);
    EXPECT_EQ(first.asker(), second.asker());
  }
}

TEST_F(UdpPollIoTest, AReplyFromAnotherAddressOrPortIsCountedAndDropped) {
  Agent agent("127.0.0.1");
  const Agent other_port("127.0.0.1");
  const Agent other_address("127.0.0.2");
  get(agent.endpoint());
  const SentRequest request = agent.take();
  other_port.send_to(agent.asker(), reply_to(request, "forged"));
  other_address.send_to(agent.asker(), reply_to(request, "forged"));
  turn();
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(counters().wrong_source, 2U);
  agent.send(reply_to(request));
  turn();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(base::as_text(answers_[0].values[0].content), "core");
}

TEST_F(UdpPollIoTest, AReplyTwiceOrTooLateIsCountedAndDropped) {
  Agent agent("127.0.0.1");
  get(agent.endpoint());
  Octets reply = reply_to(agent.take());
  agent.send(reply);
  agent.send(reply);
  turn();
  EXPECT_EQ(answers_.size(), 1U);
  EXPECT_EQ(counters().duplicates, 1U);
  get(agent.endpoint(), 1ms);
  reply = reply_to(agent.take());
  run_until(2);
  EXPECT_EQ(answers_.back().outcome, GetOutcome::no_answer);
  agent.send(reply);
  turn();
  EXPECT_EQ(counters().late, 1U);
  EXPECT_EQ(answers_.size(), 2U);
}

TEST_F(UdpPollIoTest, TimeoutsAndRetriesAreKept) {
  Agent agent("127.0.0.1");
  const auto began = std::chrono::steady_clock::now();
  get(agent.endpoint(), 20ms, 2);
  run_until(1);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 60ms);
  const std::int32_t id = agent.take().id;
  EXPECT_NE(id, 0);
  EXPECT_EQ(agent.take().id, id);
  EXPECT_EQ(agent.take().id, id);
  EXPECT_EQ(agent.take().id, 0);
  EXPECT_EQ(answers_.back().reason, "no answer to 3 attempt(s) of 20 ms");
}

TEST_F(UdpPollIoTest, TheLongestDatagramsThereAreAreReadWhole) {
  const std::pair<const char*, std::size_t> longest[] = {{"127.0.0.1", 65'507}, {"::1", 65'527}};
  for (const auto& [ip, octets] : longest) {
    SCOPED_TRACE(ip);
    Agent agent(ip);
    get(agent.endpoint());
    const SentRequest request = agent.take();
    const std::size_t frame = reply_to(request, std::string(65'000, 'x')).size() - 65'000;
    const std::string text(octets - frame, 'x');
    agent.send(reply_to(request, text));
    turn();
    ASSERT_FALSE(answers_.empty());
    ASSERT_EQ(answers_.back().outcome, GetOutcome::answered);
    EXPECT_TRUE(base::as_text(answers_.back().values[0].content) == text);
  }
}

TEST_F(UdpPollIoTest, AThousandRepliesAtOnceAreAllRead) {
  Agent agent("127.0.0.1");
  get(agent.endpoint());
  const SentRequest request = agent.take();
  SentRequest other = request;
  for (int i = 0; i < 1'000; ++i) {
    ++other.id;
    agent.send(reply_to(other));
  }
  agent.send(reply_to(request));
  run_until(1);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::answered);
  EXPECT_EQ(counters().unmatched, 1'000U);
}

// An ICMP error can be forged, so it ends nothing: the question ends by its time.
TEST_F(UdpPollIoTest, AClosedPortIsATimeoutAndHurtsNoOtherQuestion) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    SCOPED_TRACE(ip);
    base::Endpoint closed;
    { closed = Agent(ip).endpoint(); }
    Agent agent(ip);
    get(closed, 5ms, 1);
    get(agent.endpoint());
    const SentRequest request = agent.take();
    run_until(1);
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].outcome, GetOutcome::no_answer);
    agent.send(reply_to(request));
    run_until(2);
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_EQ(answers_[1].outcome, GetOutcome::answered);
    answers_.clear();
  }
  EXPECT_EQ(counters().send_failed, 0U);
}

TEST_F(UdpPollIoTest, WhatTheKernelRefusesIsUnreachable) {
  get(*base::Endpoint::parse("127.255.255.255:161"));
  run_until(1);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::unreachable);
  EXPECT_THAT(answers_[0].reason, HasSubstr("cannot be sent: Permission denied"));
  EXPECT_EQ(counters().send_failed, 1U);
}

TEST_F(UdpPollIoTest, WhatACallbackAsksLeavesWithTheOthers) {
  Agent agent("127.0.0.1");
  constexpr std::size_t kQuestions = 100;
  std::size_t asked = 0;
  const std::function<void()> ask = [&] {
    if (asked == kQuestions) return;
    ++asked;
    poller_.get(device_at(agent.endpoint().to_string(), protocol::Version::v2c), oids({kName}),
                [&](GetAnswer answer) {
                  answers_.push_back(std::move(answer));
                  ask();
                });
  };
  for (int i = 0; i < 4; ++i) ask();
  while (answers_.size() < kQuestions) {
    const std::size_t before = answers_.size();
    for (SentRequest request = agent.take(); request.id != 0; request = agent.take()) {
      agent.send(reply_to(request));
    }
    turn();
    ASSERT_GT(answers_.size(), before);
  }
  for (const GetAnswer& answer : answers_) EXPECT_EQ(answer.outcome, GetOutcome::answered);
  EXPECT_EQ(counters().sent, kQuestions);
}

TEST_F(UdpPollIoTest, WhatTheKernelRefusesOfSeveralEndsItsOwnQuestionAlone) {
  Agent agent("127.0.0.1");
  poller_.get(device_at(agent.endpoint().to_string(), protocol::Version::v2c), oids({kName}),
              [&](const GetAnswer&) {
                get(agent.endpoint());
                get(*base::Endpoint::parse("127.255.255.255:161"));
                get(agent.endpoint());
              });
  agent.send(reply_to(agent.take()));
  turn();
  run_until(1);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].outcome, GetOutcome::unreachable);
  EXPECT_EQ(counters().send_failed, 1U);
  EXPECT_EQ(counters().sent, 3U);
  for (int i = 0; i < 2; ++i) agent.send(reply_to(agent.take()));
  turn();
  ASSERT_EQ(answers_.size(), 3U);
  EXPECT_EQ(answers_[2].outcome, GetOutcome::answered);
}

TEST_F(UdpPollIoTest, ClosedItSendsNothingAndLetsTheContextEnd) {
  Agent agent("127.0.0.1");
  get(agent.endpoint());
  io_.close();
  EXPECT_EQ(io_.send(agent.endpoint(), {}), ESHUTDOWN);
  context_.restart();
  context_.run();  // would block for a minute
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace trapline::gateway
