// The SNMP sink and its worker over a network that loses, repeats, delays and swaps datagrams.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/encode.h"
#include "sinks/lane_worker.h"
#include "sinks/snmp_sink.h"
#include "tests/sinks/fake_link.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using test_support::Octets;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SilentGuard final : public ForwardGuard {
 public:
  ForwardDigest forwarding(const protocol::TrapMessage&) override { return {}; }
  void still_forwarding(const ForwardDigest&) override {}
  [[nodiscard]] bool has_come_back(const protocol::TrapMessage&) override { return false; }
};

class KeptReasons final : public DeadLetters {
 public:
  void add(const rules::RoutedTrap& event, std::string_view reason, std::uint32_t) override {
    letters[std::string(event.id)] = reason;
  }
  bool commit(std::string&) override { return true; }
  std::map<std::string, std::string> letters;
};

// Events of several agents; the number of each is its sysUpTime.
class AgentsSource final : public OutcomeSource {
 public:
  AgentsSource(const rules::RoutedTrap& event, unsigned agents) : inner(event), agents_(agents) {}

  Next next(rules::RoutedTrap& event, std::uint64_t& lsn) override {
    const Next next = inner.next(event, lsn);
    if (next != Next::event) return next;
    event.message.uptime = static_cast<std::uint32_t>(std::stoul(std::string(event.id.substr(5))));
    event.message.agent =
        base::IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(event.message.uptime % agents_)});
    return next;
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

SnmpSinkOptions inform_options() {
  SnmpSinkOptions options;
  options.host = "10.9.9.9";
  options.pdu = protocol::PduKind::inform;
  options.community = base::Secret("public");
  options.timeout = 500ms;
  options.retries = 1;
  options.lanes = 4;
  return options;
}

// An upstream behind a bad network: what it got, in the order of the first time.
class BadNetwork {
 public:
  BadNetwork(FakeLink::Network& network, test_support::FakeClock& clock, std::uint64_t seed)
      : network_(network), clock_(clock), random_(seed) {
    network_.on_send = [this](const Octets& datagram) { carry(datagram); };
  }

  // Lets answers arrive whose time has come.
  void deliver() {
    std::erase_if(on_their_way_, [this](const auto& one) {
      if (one.first > clock_.boot()) return false;
      network_.arriving.emplace_back(one.second, network_.peer);
      return true;
    });
  }

  std::map<base::IpAddress, std::vector<std::uint32_t>> got;
  std::set<std::int32_t> request_ids;
  bool dead = false;

 private:
  bool one_in(std::uint64_t chances) { return random_.next() % chances == 0; }

  void carry(const Octets& datagram) {
    if (dead || one_in(5)) return;
    protocol::DecodeScratch scratch;
    const auto decoded = protocol::decode(datagram, 256, scratch);
    ASSERT_TRUE(decoded);
    const protocol::TrapMessage& message = decoded->message;
    if (request_ids.insert(message.request_id).second) {
      got[*message.claimed_agent].push_back(message.uptime);
    }
    Octets response(datagram.size() + 16);
    response.resize(protocol::encode_response(datagram, response));
    for (std::uint64_t copies = one_in(5) ? 2 : 1; copies > 0; --copies) {
      if (one_in(5)) continue;
      const auto delay = std::chrono::milliseconds(random_.next() % 1'500);
      on_their_way_.emplace_back(clock_.boot() + delay, response);
    }
  }

  FakeLink::Network& network_;
  test_support::FakeClock& clock_;
  test_support::SeededRandom random_;
  std::vector<std::pair<base::BootTime, Octets>> on_their_way_;
};

struct Line {
  explicit Line(std::uint64_t seed)
      : random(seed),
        bad(network, clock, seed + 1),
        sink(options, "upstream", std::make_unique<FakeLink>(network),
             {clock, random, log, guard, 42, nullptr}),
        worker({.window_events = 32}, {.lanes = options.lanes}, sink, source, letters, clock,
               random) {}

  // Steps until everything added is settled, or for so long.
  void run(std::chrono::seconds at_most) {
    const base::BootTime end = clock.boot() + at_most;
    while (clock.boot() < end && settled() < static_cast<std::uint64_t>(source.inner.added())) {
      bad.deliver();
      worker.step(clock.boot());
      clock.advance(10ms);
    }
  }
  [[nodiscard]] std::uint64_t settled() const {
    const SinkFigures figures = worker.figures();
    return figures.delivered + figures.dead_lettered;
  }

  test_support::FakeClock clock;
  test_support::SeededRandom random;
  base::Log log{base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {}};
  SilentGuard guard;
  FakeLink::Network network;
  BadNetwork bad;
  const SnmpSinkOptions options = inform_options();
  TestEvent event{link_down(), "gw-1-0"};
  AgentsSource source{event.event, 7};
  KeptReasons letters;
  SnmpSink sink;
  LaneWorker worker;
};

TEST(SnmpWorker, EveryInformArrivesAndEachAgentsInOrderWhateverTheNetworkDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Line line(seed);
    constexpr int kEvents = 200;
    line.source.inner.add(kEvents);
    line.run(3h);
    EXPECT_EQ(line.worker.figures().delivered, kEvents) << "seed " << seed;
    EXPECT_THAT(line.letters.letters, IsEmpty());
    std::size_t total = 0;
    for (const auto& [agent, numbers] : line.bad.got) {
      EXPECT_TRUE(std::ranges::is_sorted(numbers)) << agent.to_string() << " seed " << seed;
      total += numbers.size();
    }
    EXPECT_EQ(total, std::size_t{kEvents}) << "seed " << seed;
    // An event's request-id never changes: the upstream can tell.
    EXPECT_EQ(line.bad.request_ids.size(), std::size_t{kEvents}) << "seed " << seed;
  }
}

TEST(SnmpWorker, ADeadUpstreamKeepsEverythingUntilItIsBack) {
  Line line(5);
  line.bad.dead = true;
  line.source.inner.add(50);
  line.run(10min);
  EXPECT_EQ(line.settled(), 0U);
  EXPECT_THAT(line.worker.figures().last_error, HasSubstr("did not answer"));
  line.bad.dead = false;
  line.run(1h);
  EXPECT_EQ(line.worker.figures().delivered, 50U);
}

TEST(SnmpWorker, WhatIsTooLongForTheUpstreamIsADeadLetterWithItsReason) {
  Line line(6);
  const TestEvent large(trap_with_text(std::string(65'400, 'x')), "gw-1-0");
  line.event.event.message = large.event.message;
  line.source.inner.add(3);
  line.run(1h);
  EXPECT_EQ(line.worker.figures().dead_lettered, 3U);
  ASSERT_EQ(line.letters.letters.size(), 3U);
  EXPECT_THAT(line.letters.letters["gw-1-1"], HasSubstr("at most 65507"));
}

}  // namespace
}  // namespace trapline::sinks
