#include "sinks/snmp_sink.h"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/encode.h"
#include "sinks/lane.h"
#include "tests/sinks/fake_link.h"
#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using protocol::PduKind;
using protocol::Version;
using test_support::hex;
using test_support::octet_string;
using test_support::Octets;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Counts what it is told.
class CountingGuard final : public ForwardGuard {
 public:
  ForwardDigest forwarding(const protocol::TrapMessage&) override { return {++told, 0}; }
  void still_forwarding(const ForwardDigest& digest) override { again.push_back(digest.low); }
  [[nodiscard]] bool has_come_back(const protocol::TrapMessage&) override { return false; }
  std::uint64_t told = 0;
  std::vector<std::uint64_t> again;
};

SnmpSinkOptions options_of(Version version, PduKind pdu) {
  SnmpSinkOptions options;
  options.host = "10.9.9.9";
  options.version = version;
  options.pdu = pdu;
  options.community = base::Secret("secret-1");
  options.timeout = 1s;
  options.retries = 2;
  options.lanes = 4;
  return options;
}

// A sink, its network and what it answered.
struct Bench {
  explicit Bench(SnmpSinkOptions with)
      : options(std::move(with)),
        sink(options, "upstream", std::make_unique<FakeLink>(network),
             {clock, random, log, guard, 42, nullptr}) {
    network.clock = &clock;
    std::string reason;
    EXPECT_TRUE(sink.open(reason)) << reason;
  }

  void take(const rules::RoutedTrap& event, Sequence sequence) {
    sink.take(event, sequence, answers);
  }
  void tick() { sink.tick(clock.boot(), answers); }
  void pass(std::chrono::nanoseconds time) {
    clock.advance(time);
    tick();
  }
  // The upstream's Response to a message.
  [[nodiscard]] static Octets response_to(const Octets& inform, std::uint8_t status = 0) {
    Octets out(inform.size() + 16);
    out.resize(protocol::encode_response(inform, out));
    // error-status stands behind the request-id of at most four octets.
    const Octets zeros = hex("02 01 00 02 01 00 30");
    const auto at = std::search(out.begin(), out.end(), zeros.begin(), zeros.end());
    EXPECT_NE(at, out.end());
    at[2] = std::byte{status};
    return out;
  }
  void arrive(Octets datagram) { network.arriving.emplace_back(std::move(datagram), network.peer); }
  void answer(std::size_t index, std::uint8_t status = 0) {
    arrive(response_to(network.sent.at(index), status));
    tick();
  }

  test_support::FakeClock clock;
  test_support::SeededRandom random{7};
  base::Log log{base::LogFormat::logfmt, base::LogLevel::debug, clock,
                [this](std::string_view line) { logged += line; }};
  std::string logged;
  CountingGuard guard;
  FakeLink::Network network;
  const SnmpSinkOptions options;
  SnmpSink sink;
  RecordedAnswers answers;
};

struct Sent {
  explicit Sent(const Octets& octets) {
    const auto decoded = protocol::decode(octets, protocol::kHighestMaxVarbinds, scratch);
    EXPECT_TRUE(decoded);
    if (!decoded) return;
    message = decoded->message;
    community = base::as_text(decoded->community);
  }
  [[nodiscard]] std::string names() const {
    std::string out;
    for (const protocol::VarBind& varbind : message.varbinds) {
      out += (out.empty() ? "" : " ") + varbind.name.to_string();
    }
    return out;
  }
  protocol::DecodeScratch scratch;
  protocol::TrapMessage message;
  std::string community;
};

// An event of a lane of its own, or of the same one.
std::unique_ptr<TestEvent> event_of(std::string id, std::string_view agent = "10.1.2.3") {
  auto event = std::make_unique<TestEvent>(link_down(), std::move(id));
  event->event.message.agent = *base::IpAddress::parse(agent);
  return event;
}

TEST(SnmpSinkTrap, IsDeliveredOnceTheKernelHasIt) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  const auto event = event_of("gw-1-1");
  bench.take(event->event, 1);
  EXPECT_THAT(bench.answers.events, IsEmpty());
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  ASSERT_EQ(bench.network.sent.size(), 1U);
  const Sent sent(bench.network.sent[0]);
  EXPECT_EQ(sent.message.pdu, PduKind::trap);
  EXPECT_EQ(sent.community, "secret-1");
  EXPECT_EQ(sent.message.trap_oid, event->event.message.trap_oid);
  EXPECT_EQ(sent.message.uptime, event->event.message.uptime);
  EXPECT_EQ(sent.message.claimed_agent, event->event.message.agent);
  EXPECT_EQ(sent.message.varbinds.size(), event->event.message.varbinds.size() + 1);
  EXPECT_EQ(bench.guard.told, 1U);
  EXPECT_EQ(bench.sink.next_tick(), base::BootTime::max());
}

TEST(SnmpSinkTrap, ManyGoInTheirOrder) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  std::set<std::int32_t> request_ids;
  for (Sequence i = 1; i <= 200; ++i) {
    const auto event = event_of("gw-1-" + std::to_string(i));
    bench.take(event->event, i);
  }
  bench.tick();
  ASSERT_EQ(bench.answers.events.size(), 200U);
  EXPECT_TRUE(std::ranges::is_sorted(bench.answers.events));
  for (const Octets& octets : bench.network.sent) {
    request_ids.insert(Sent(octets).message.request_id);
  }
  EXPECT_EQ(request_ids.size(), 200U);
}

TEST(SnmpSinkTrap, AFullBufferIsWaitedForAndNothingIsLost) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  bench.network.fate = SendFate::busy;
  bench.network.takes = 2;
  for (Sequence i = 1; i <= 5; ++i) bench.take(event_of("gw-1-" + std::to_string(i))->event, i);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2));
  EXPECT_GT(bench.sink.next_tick(), bench.clock.boot());
  bench.network.fate = SendFate::sent;
  bench.pass(5ms);
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(bench.network.sent.size(), 5U);
  EXPECT_THAT(bench.answers.reasons, IsEmpty());
}

TEST(SnmpSinkTrap, ADestinationThatIsNotThereIsTriedAgain) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  bench.network.fate = SendFate::failed;
  bench.network.words = "nobody listens there";
  bench.network.takes = 1;
  for (Sequence i = 1; i <= 3; ++i) bench.take(event_of("gw-1-" + std::to_string(i))->event, i);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  EXPECT_THAT(bench.answers.reasons[0], HasSubstr("10.9.9.9:162: nobody listens there"));
  bench.take(event_of("gw-1-4")->event, 4);
  bench.tick();
  EXPECT_EQ(bench.answers.waits.size(), 1U);
  std::string reason;
  bench.network.fate = SendFate::sent;
  ASSERT_TRUE(bench.sink.open(reason));
  EXPECT_EQ(bench.network.connects, 2);
  bench.take(event_of("gw-1-2")->event, 5);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 5));
}

TEST(SnmpSinkTrap, NoTrapIsSpentOnFindingOutWhetherSomebodyListensAgain) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  bench.network.fate = SendFate::failed;
  bench.network.words = "nobody listens there";
  bench.network.takes = 0;
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  for (int i = 0; i < 3; ++i) {
    bench.network.takes = 1;  // the refusal of the first is told to the second
    std::string reason;
    EXPECT_FALSE(bench.sink.open(reason));
    EXPECT_EQ(reason, "10.9.9.9:162: nobody listens there");
  }
  EXPECT_THAT(bench.answers.events, IsEmpty());
  bench.network.fate = SendFate::sent;
  std::string reason;
  ASSERT_TRUE(bench.sink.open(reason));
  bench.take(event_of("gw-1-1")->event, 2);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(2));
}

TEST(SnmpSinkTrap, WhatIsTooLargeIsRejectedAndTheRestGoesOn) {
  SnmpSinkOptions options = options_of(Version::v2c, PduKind::trap);
  options.max_message_bytes = 484;
  Bench bench(std::move(options));
  const TestEvent large(trap_with_text(std::string(600, 'x')), "gw-1-1");
  bench.take(large.event, 1);
  bench.take(event_of("gw-1-2")->event, 2);
  bench.tick();
  EXPECT_THAT(bench.answers.rejections, ElementsAre(1));
  EXPECT_THAT(bench.answers.reasons[0], HasSubstr("at most 484 go to 10.9.9.9:162"));
  EXPECT_THAT(bench.answers.events, ElementsAre(2));

  bench.network.fate = SendFate::too_large;
  bench.network.takes = 1;
  for (Sequence i = 3; i <= 5; ++i) bench.take(event_of("gw-1-" + std::to_string(i))->event, i);
  bench.network.on_send = [&](const Octets&) {};
  bench.tick();
  EXPECT_THAT(bench.answers.rejections, ElementsAre(1, 4, 5));
}

TEST(SnmpSinkTrap, ANearlyFullDatagramThatGrowsOnTheWayIsRejectedWithReason) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  const TestEvent large(trap_with_text(std::string(65'350, 'x')), "gw-1-1");
  const TestEvent larger(trap_with_text(std::string(65'400, 'x')), "gw-1-2");
  bench.take(large.event, 1);
  bench.take(larger.event, 2);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  EXPECT_THAT(bench.answers.rejections, ElementsAre(2));
}

TEST(SnmpSinkTrap, AsVersionOneLeavesOutCounter64AndSaysSo) {
  Bench bench(options_of(Version::v1, PduKind::trap));
  const TestEvent event(
      test_support::v2c_trap({test_support::varbind("1.3.6.1.2.1.31.1.1.1.6.7", hex("46 01 07")),
                              test_support::varbind("1.3.6.1.2.1.2.2.1.1.7", hex("02 01 07"))}),
      "gw-1-1");
  bench.take(event.event, 1);
  bench.tick();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  const Sent sent(bench.network.sent.at(0));
  EXPECT_EQ(sent.message.version, Version::v1);
  EXPECT_EQ(sent.message.generic, 2);
  EXPECT_EQ(sent.message.claimed_agent, event.event.message.agent);
  EXPECT_EQ(sent.names(), "1.3.6.1.2.1.2.2.1.1.7");
  EXPECT_THAT(bench.logged, HasSubstr("snmp.varbinds_left_out"));
  EXPECT_THAT(bench.logged, HasSubstr("event=gw-1-1"));
}

TEST(SnmpSinkTrap, Counter64RefusedIsADeadLetter) {
  SnmpSinkOptions options = options_of(Version::v1, PduKind::trap);
  options.refuse_counter64 = true;
  Bench bench(std::move(options));
  const TestEvent event(trap_with_value(hex("46 01 07")), "gw-1-1");
  bench.take(event.event, 1);
  bench.take(event_of("gw-1-2")->event, 2);
  bench.tick();
  EXPECT_THAT(bench.answers.rejections, ElementsAre(1));
  EXPECT_THAT(bench.answers.reasons[0], HasSubstr("Counter64"));
  EXPECT_THAT(bench.answers.events, ElementsAre(2));
}

TEST(SnmpSinkTrap, TellsTheCommunityItIsToldToTell) {
  SnmpSinkOptions options = options_of(Version::v2c, PduKind::trap);
  options.trap_community = base::Secret("from-east");
  Bench bench(std::move(options));
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  const Sent sent(bench.network.sent.at(0));
  EXPECT_THAT(sent.names(), HasSubstr("1.3.6.1.6.3.18.1.4.0"));
  EXPECT_EQ(base::as_text(sent.message.varbinds.back().value.content), "from-east");
}

TEST(SnmpSinkTrap, AValueOfNoTypeTravelsInAnOpaque) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  const TestEvent event(trap_with_value(hex("5a 02 01 02")), "gw-1-1");
  bench.take(event.event, 1);
  bench.tick();
  const Sent sent(bench.network.sent.at(0));
  EXPECT_EQ(sent.message.varbinds[0].value.type, protocol::ValueType::opaque);
  EXPECT_TRUE(base::equal(sent.message.varbinds[0].value.content, hex("5a 02 01 02")));
}

TEST(SnmpSinkWants, NeitherLoopsNorWhatCameFromTheUpstreamNorSummaries) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  const auto event = event_of("gw-1-1");
  rules::RoutedTrap& trap = event->event;
  EXPECT_TRUE(bench.sink.wants(trap));
  trap.verdict.flags.set(rules::VerdictFlag::loop);
  EXPECT_FALSE(bench.sink.wants(trap));
  trap.verdict.flags = {};
  trap.message.peer = *base::Endpoint::parse("10.9.9.9:5000");
  EXPECT_FALSE(bench.sink.wants(trap));
  EXPECT_THAT(bench.logged, HasSubstr("snmp.not_sent_back"));
  trap.message.peer = *base::Endpoint::parse("10.1.2.3:5000");
  using rules::Synthetic;
  for (const Synthetic kind : {Synthetic::dedup, Synthetic::limit, Synthetic::absent}) {
    trap.verdict.synthetic = kind;
    EXPECT_FALSE(bench.sink.wants(trap));
  }
  trap.message.peer.port = 0;
  trap.message.listener = {};
  for (const Synthetic kind : {Synthetic::hold, Synthetic::threshold, Synthetic::device_unreachable,
                               Synthetic::device_reachable}) {
    trap.verdict.synthetic = kind;
    EXPECT_FALSE(bench.sink.wants(trap)) << name_of(kind);
  }
  trap.message.peer.port = 5000;
  for (const Synthetic kind : {Synthetic::hold, Synthetic::threshold}) {
    trap.verdict.synthetic = kind;
    EXPECT_TRUE(bench.sink.wants(trap));
  }
  trap.verdict.synthetic = Synthetic::none;
  for (const auto flag : {rules::VerdictFlag::held, rules::VerdictFlag::cleared_in_hold}) {
    trap.verdict.flags = {};
    trap.verdict.flags.set(flag);
    EXPECT_FALSE(bench.sink.wants(trap));
  }
}

TEST(SnmpSinkWants, OnOneMachineTheAddressSaysNothing) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  const auto event = event_of("gw-1-1");
  for (const char* const host : {"127.0.0.1", "::1"}) {
    bench.network.peer.ip = *base::IpAddress::parse(host);
    event->event.message.peer.ip = bench.network.peer.ip;
    EXPECT_TRUE(bench.sink.wants(event->event));
  }
}

TEST(SnmpSinkOpen, SaysWhyNot) {
  Bench bench(options_of(Version::v2c, PduKind::trap));
  bench.network.unreachable = "cannot find the host nms";
  std::string reason;
  EXPECT_FALSE(bench.sink.open(reason));
  EXPECT_EQ(reason, "cannot find the host nms");
}

TEST(SnmpSinkInform, IsDeliveredOnItsResponse) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  ASSERT_EQ(bench.network.sent.size(), 1U);
  EXPECT_EQ(Sent(bench.network.sent[0]).message.pdu, PduKind::inform);
  EXPECT_THAT(bench.answers.events, IsEmpty());
  EXPECT_EQ(bench.sink.next_tick(), bench.clock.boot() + 1s);
  bench.answer(0);
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  bench.answer(0);  // once more: nobody waits for it
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  EXPECT_EQ(bench.sink.next_tick(), base::BootTime::max());
}

TEST(SnmpSinkInform, TellsTheLoopGuardEachTimeItLeaves) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.take(event_of("gw-1-1")->event, 1);
  bench.take(event_of("gw-1-2")->event, 2);
  bench.tick();
  EXPECT_THAT(bench.guard.again, ElementsAre(1)) << "the second waits for the first";
  bench.pass(1s);
  EXPECT_THAT(bench.guard.again, ElementsAre(1, 1));
  bench.answer(0);
  EXPECT_THAT(bench.guard.again, ElementsAre(1, 1, 2));
}

TEST(SnmpSinkInform, ALaneHasOneInFlightAndAllLanesTogetherAWindow) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  std::set<unsigned> lanes;
  for (Sequence i = 1; i <= 40; ++i) {
    const auto event = event_of("gw-1-" + std::to_string(i), "10.0.0." + std::to_string(i % 10));
    lanes.insert(lane_of(event->event.message.agent, 4));
    bench.take(event->event, i);
  }
  bench.tick();
  EXPECT_EQ(bench.network.sent.size(), lanes.size());
  for (std::size_t i = 0; i < bench.network.sent.size(); ++i) bench.answer(i);
  EXPECT_EQ(bench.answers.events.size(), 40U);
  std::set<std::int32_t> ids;
  for (const Octets& octets : bench.network.sent) ids.insert(Sent(octets).message.request_id);
  EXPECT_EQ(ids.size(), 40U);
}

TEST(SnmpSinkInform, OneAgentsComeInOrder) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  for (Sequence i = 1; i <= 5; ++i) bench.take(event_of("gw-1-" + std::to_string(i))->event, i);
  bench.tick();
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(bench.network.sent.size(), i + 1);
    bench.answer(i);
  }
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2, 3, 4, 5));
}

TEST(SnmpSinkInform, SilenceIsAskedAgainWithTheSameRequestIdAndThenTheDestinationFails) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  bench.pass(999ms);
  EXPECT_EQ(bench.network.sent.size(), 1U);
  bench.pass(1ms);
  bench.pass(1s);
  ASSERT_EQ(bench.network.sent.size(), 3U);
  EXPECT_EQ(bench.network.sent[0], bench.network.sent[2]);
  EXPECT_THAT(bench.answers.waits, IsEmpty());
  bench.pass(1s);
  EXPECT_EQ(bench.network.sent.size(), 3U);
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  EXPECT_THAT(bench.answers.retried, IsEmpty());
  EXPECT_THAT(bench.answers.reasons[0],
              HasSubstr("10.9.9.9:162 did not answer an inform sent 3 times"));
  // A Response that comes now is for nobody, until the event is handed over again.
  bench.answer(0);
  EXPECT_THAT(bench.answers.events, IsEmpty());
  std::string reason;
  ASSERT_TRUE(bench.sink.open(reason));
  bench.take(event_of("gw-1-1")->event, 2);
  bench.tick();
  bench.answer(0);  // the first attempt's: it is the same inform
  EXPECT_THAT(bench.answers.events, ElementsAre(2));
}

TEST(SnmpSinkInform, OneThatIsNotAnsweredHoldsItsLaneOnly) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  const auto poison = event_of("gw-1-1", "10.0.0.1");
  std::string other;
  for (int i = 2; other.empty(); ++i) {
    const std::string agent = "10.0.0." + std::to_string(i);
    if (lane_of(*base::IpAddress::parse(agent), 4) != lane_of(poison->event.message.agent, 4)) {
      other = agent;
    }
  }
  bench.take(poison->event, 1);
  bench.take(event_of("gw-1-2", "10.0.0.1")->event, 2);
  bench.tick();
  Sequence next = 3;
  for (int second = 0; second < 3; ++second) {
    bench.take(event_of("gw-1-" + std::to_string(next), other)->event, next);
    ++next;
    bench.tick();
    bench.answer(bench.network.sent.size() - 1);
    bench.pass(1s);
  }
  EXPECT_THAT(bench.answers.events, ElementsAre(3, 4, 5));
  EXPECT_THAT(bench.answers.retried, ElementsAre(1));
}

TEST(SnmpSinkInform, ForgedAndStrayAnswersAreIgnored) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  const Octets good = Bench::response_to(bench.network.sent[0]);
  bench.network.arriving.emplace_back(good, *base::Endpoint::parse("10.9.9.9:163"));
  bench.network.arriving.emplace_back(good, *base::Endpoint::parse("10.9.9.8:162"));
  bench.arrive(bench.network.sent[0]);  // an inform is no Response
  Octets other_community = good;
  const std::string_view text = "secret-1";
  const auto at = std::search(other_community.begin(), other_community.end(),
                              base::as_bytes(text).begin(), base::as_bytes(text).end());
  ASSERT_NE(at, other_community.end());
  *at = std::byte{'S'};
  bench.arrive(other_community);
  for (std::size_t size = 0; size < good.size(); ++size) {
    bench.arrive(Octets(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  bench.arrive(hex("ff ff ff"));
  bench.arrive({});
  bench.tick();
  EXPECT_THAT(bench.network.arriving, IsEmpty());
  EXPECT_THAT(bench.answers.events, IsEmpty());
  EXPECT_THAT(bench.answers.reasons, IsEmpty());
  bench.answer(0);
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
}

TEST(SnmpSinkInform, AnErrorStatusIsLookedAt) {
  struct Row {
    std::uint8_t status;
    const char* name;
    bool rejected, retried, paused;
  };
  for (const Row row :
       {Row{1, "tooBig", true, false, false}, Row{3, "badValue", true, false, false},
        Row{5, "genErr", false, true, false}, Row{13, "resourceUnavailable", false, true, false},
        Row{16, "authorizationError", false, false, true},
        Row{18, "inconsistentName", true, false, false}}) {
    Bench bench(options_of(Version::v2c, PduKind::inform));
    bench.take(event_of("gw-1-1")->event, 1);
    bench.tick();
    bench.answer(0, row.status);
    EXPECT_EQ(!bench.answers.rejections.empty(), row.rejected) << int{row.status};
    EXPECT_EQ(!bench.answers.retried.empty(), row.retried) << int{row.status};
    EXPECT_EQ(bench.answers.retried.empty() && !bench.answers.waits.empty(), row.paused)
        << int{row.status};
    EXPECT_THAT(bench.answers.reasons[0], HasSubstr(row.name));
  }
}

TEST(SnmpSinkInform, ABusyKernelIsTriedAgainSoonAndCountsAsNoAttempt) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.network.fate = SendFate::busy;
  bench.network.takes = 0;
  bench.take(event_of("gw-1-1")->event, 1);
  bench.tick();
  for (int i = 0; i < 100; ++i) bench.pass(10ms);
  EXPECT_THAT(bench.network.sent, IsEmpty());
  EXPECT_THAT(bench.answers.waits, IsEmpty());
  bench.network.fate = SendFate::sent;
  bench.pass(10ms);
  bench.answer(0);
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
}

TEST(SnmpSinkInform, TheDrainWaitsForWhatIsInFlight) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  for (Sequence i = 1; i <= 3; ++i) bench.take(event_of("gw-1-" + std::to_string(i))->event, i);
  std::size_t answered = 0;
  bench.network.on_wait = [&] {
    bench.arrive(Bench::response_to(bench.network.sent.at(answered++)));
  };
  bench.sink.drain(bench.clock.boot() + 5s, bench.answers);
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2, 3));
}

TEST(SnmpSinkInform, TheDrainEndsAtItsDeadline) {
  Bench bench(options_of(Version::v2c, PduKind::inform));
  bench.take(event_of("gw-1-1")->event, 1);
  const base::BootTime deadline = bench.clock.boot() + 1500ms;
  bench.sink.drain(deadline, bench.answers);
  EXPECT_EQ(bench.clock.boot(), deadline);
  EXPECT_THAT(bench.answers.events, IsEmpty());
  EXPECT_THAT(bench.answers.waits, IsEmpty());
}

TEST(SnmpSinkRequestId, IsTheEventsAndNobodyElses) {
  const auto one = event_of("gw-1-1");
  const auto two = event_of("gw-1-2");
  EXPECT_EQ(request_id_of(one->event, 1), request_id_of(event_of("gw-1-1")->event, 1));
  EXPECT_NE(request_id_of(one->event, 1), request_id_of(two->event, 1));
  EXPECT_NE(request_id_of(one->event, 1), request_id_of(one->event, 2));
  EXPECT_GT(request_id_of(one->event, 1), 0);
}

}  // namespace
}  // namespace trapline::sinks
