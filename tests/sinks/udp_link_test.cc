// The real UDP of the SNMP sink, on loopback.
#include "sinks/net/udp_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/net/host_lookup.h"
#include "sinks/snmp_options.h"
#include "tests/support/process.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using test_support::wait_until;
using ::testing::HasSubstr;

// A socket of 127.0.0.1 that answers whoever wrote to it last.
class Upstream {
 public:
  Upstream() : number_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(number_, generic, size), 0);
    EXPECT_EQ(::getsockname(number_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    const timeval patience{10, 0};
    EXPECT_EQ(::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  ~Upstream() { close(); }

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The next datagram; its sender is remembered.
  std::string receive() {
    std::vector<char> room(70'000);
    socklen_t size = sizeof from_;
    const ssize_t got = ::recvfrom(number_, room.data(), room.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from_), &size);
    return got < 0 ? "nothing" : std::string(room.data(), static_cast<std::size_t>(got));
  }
  void answer(const std::string& text) const { send(text, ntohs(from_.sin_port)); }
  void send(const std::string& text, std::uint16_t port) const {
    const sockaddr_in to = loopback(port);
    EXPECT_EQ(::sendto(number_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                       sizeof to),
              static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::uint16_t port_of_sender() const { return ntohs(from_.sin_port); }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  int number_;
  std::uint16_t port_ = 0;
  sockaddr_in from_{};
};

class UdpLinkTest : public testing::Test {
 protected:
  void connect_to(const std::string& host, std::uint16_t port) {
    link_ = make_udp_link(host, port, clock_);
    std::string reason;
    ASSERT_TRUE(link_->connect(reason)) << reason;
  }
  // How many of these were taken.
  std::size_t send(const std::vector<std::string>& texts) {
    std::vector<base::Bytes> datagrams;
    for (const std::string& text : texts) datagrams.push_back(base::as_bytes(text));
    return link_->send(datagrams, fate_, words_);
  }
  // The next datagram, waiting for it.
  std::string receive() {
    std::vector<std::byte> datagram;
    base::Endpoint from;
    for (const base::BootTime end = clock_.boot() + 10s; clock_.boot() < end;) {
      if (link_->receive(datagram, from)) {
        EXPECT_EQ(from, link_->peer());
        return std::string(base::as_text(datagram));
      }
      link_->wait(end);
    }
    return "nothing";
  }

  const base::SystemClock clock_;
  std::unique_ptr<DatagramLink> link_;
  SendFate fate_ = SendFate::sent;
  std::string words_;
};

TEST_F(UdpLinkTest, SendsInOrderAndReceivesFromThePeerOnly) {
  Upstream upstream;
  Upstream stranger;
  connect_to("127.0.0.1", upstream.port());
  EXPECT_EQ(link_->peer().to_string(), "127.0.0.1:" + std::to_string(upstream.port()));
  std::vector<std::string> many;
  for (int i = 0; i < 150; ++i) many.push_back(std::to_string(i));
  EXPECT_EQ(send(many), many.size());
  for (const std::string& text : many) EXPECT_EQ(upstream.receive(), text);
  stranger.send("forged", upstream.port_of_sender());
  upstream.answer("good");
  EXPECT_EQ(receive(), "good");
  std::vector<std::byte> datagram;
  base::Endpoint from;
  EXPECT_FALSE(link_->receive(datagram, from));
}

TEST_F(UdpLinkTest, AnyPayloadOfADatagramGoesAndNoneBeyond) {
  Upstream upstream;
  connect_to("127.0.0.1", upstream.port());
  const std::string largest(kMaxUdpPayloadBytes, 'x');
  EXPECT_EQ(send({"", largest, largest + "x", "behind"}), 2U);
  EXPECT_EQ(fate_, SendFate::too_large);
  EXPECT_EQ(upstream.receive(), "");
  EXPECT_EQ(upstream.receive(), largest);
  upstream.answer(largest);
  EXPECT_EQ(receive(), largest);
}

TEST_F(UdpLinkTest, ToldThatNobodyListensItSaysSoOnce) {
  Upstream upstream;
  connect_to("127.0.0.1", upstream.port());
  upstream.close();
  EXPECT_EQ(send({"into the void"}), 1U);
  std::vector<std::byte> datagram;
  base::Endpoint from;
  link_->wait(clock_.boot() + 10s);
  EXPECT_FALSE(link_->receive(datagram, from));
  EXPECT_EQ(send({"more"}), 0U);
  EXPECT_EQ(fate_, SendFate::failed);
  EXPECT_EQ(words_, "nobody listens there");
  std::string reason;
  EXPECT_TRUE(link_->connect(reason)) << reason;
  EXPECT_EQ(send({"again"}), 1U);
}

TEST_F(UdpLinkTest, WakesWhoeverWantsToKnow) {
  Upstream upstream;
  std::atomic<int> woken = 0;
  link_ = make_udp_link("127.0.0.1", upstream.port(), clock_);
  link_->on_readable([&] { ++woken; });
  std::string reason;
  ASSERT_TRUE(link_->connect(reason)) << reason;
  std::vector<std::byte> datagram;
  base::Endpoint from;
  for (int round = 1; round <= 3; ++round) {
    EXPECT_FALSE(link_->receive(datagram, from));
    ASSERT_EQ(send({"question"}), 1U);
    EXPECT_EQ(upstream.receive(), "question");
    upstream.answer("answer");
    EXPECT_TRUE(wait_until([&] { return woken == round; })) << woken;
    EXPECT_EQ(receive(), "answer");
  }
  link_->on_readable({});
  send({"question"});
  upstream.receive();
  upstream.answer("answer");
  EXPECT_EQ(receive(), "answer");
  EXPECT_EQ(woken, 3);
}

TEST_F(UdpLinkTest, KeepsItsPortWhenItConnectsAnew) {
  Upstream upstream;
  connect_to("127.0.0.1", upstream.port());
  send({"one"});
  upstream.receive();
  const std::uint16_t port = upstream.port_of_sender();
  std::string reason;
  ASSERT_TRUE(link_->connect(reason)) << reason;
  send({"two"});
  EXPECT_EQ(upstream.receive(), "two");
  EXPECT_EQ(upstream.port_of_sender(), port);
}

TEST_F(UdpLinkTest, FindsNamesAndSaysWhenThereIsNone) {
  Upstream upstream;
  link_ = make_udp_link("localhost", upstream.port(), clock_);
  std::string reason;
  ASSERT_TRUE(wait_until([&] { return link_->connect(reason); })) << reason;
  link_->refresh(clock_.boot());
  link_->refresh(clock_.boot() + 2min);
  // Of two addresses, a failure leads to the other.
  EXPECT_TRUE(wait_until([&] {
    return (link_->peer().ip.is_v4() || link_->connect(reason)) && link_->peer().ip.is_v4();
  })) << reason;
  EXPECT_EQ(send({"by name"}), 1U);
  EXPECT_EQ(upstream.receive(), "by name");

  link_ = make_udp_link("nowhere.invalid", 162, clock_);
  EXPECT_FALSE(link_->connect(reason));
  EXPECT_THAT(reason, HasSubstr("nowhere.invalid"));
}

TEST(HostLookupTest, AnAddressIsItsOwnAnswer) {
  HostLookup lookup("2001:db8::1", 162);
  HostLookup::Answer answer = std::string("nothing");
  EXPECT_FALSE(lookup.take(answer, 0ms));
  lookup.ask();
  EXPECT_TRUE(lookup.asked());
  ASSERT_TRUE(lookup.take(answer, 0ms));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->size(), 1U);
  EXPECT_EQ(answer->front().to_string(), "[2001:db8::1]:162");
  EXPECT_FALSE(lookup.asked());
  EXPECT_FALSE(lookup.take(answer, 0ms));
}

TEST(HostLookupTest, DyingItWaitsForNobody) {
  HostLookup lookup("nowhere.invalid", 162);
  lookup.ask();
}

TEST(ProbeSnmp, SaysWhatIsWrongAndIsContentWithSilenceWhereItIsDue) {
  SnmpSinkOptions options;
  options.host = "127.0.0.1";
  {
    Upstream upstream;
    options.port = upstream.port();
    upstream.close();
    const auto problem = probe_snmp(options);
    ASSERT_TRUE(problem);
    EXPECT_THAT(*problem, HasSubstr("nobody listens there"));
  }
  options.host = "nowhere.invalid";
  EXPECT_TRUE(probe_snmp(options));
}

}  // namespace
}  // namespace trapline::sinks
