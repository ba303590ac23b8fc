// The SNMP sink in SNMPv3, against an Inbound that receives what it sends.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/usm/inbound.h"
#include "sinks/snmp_sink.h"
#include "tests/sinks/fake_link.h"
#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using namespace protocol::usm;  // NOLINT(google-build-using-namespace): its words are what we write
using test_support::Octets;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SilentGuard final : public ForwardGuard {
 public:
  ForwardDigest forwarding(const protocol::TrapMessage&) override { return {}; }
  void still_forwarding(const ForwardDigest&) override {}
  [[nodiscard]] bool has_come_back(const protocol::TrapMessage&) override { return false; }
};

UserTable users_of(std::string_view auth_password) {
  std::vector<UsmUser> users;
  UsmUser& user = users.emplace_back();
  user.name = "noc";
  user.auth = AuthProtocol::sha256;
  user.priv = PrivProtocol::aes128;
  user.least_level = protocol::SecurityLevel::auth_priv;
  MasterKeys keys;
  keys.auth = password_to_key(base::as_bytes(auth_password), user.auth);
  keys.priv = password_to_key(base::as_bytes("a priv password"), user.auth);
  user.keys.push_back(std::move(keys));
  return UserTable(std::move(users));
}

LocalEngine engine_of(std::string_view text, base::BootTime started, std::int32_t boots = 3) {
  LocalEngine engine;
  engine.id = test_support::hex("80 00 7e d9 05");
  for (const char c : text) engine.id.push_back(std::byte(c));
  engine.boots = boots;
  engine.started = started;
  return engine;
}

// An SNMPv3 manager that knows the user `noc`.
class Upstream {
 public:
  Upstream(LocalEngine engine, std::string_view auth_password = "an auth password")
      : engine_(std::move(engine)),
        users_(users_of(auth_password)),
        inbound_({users_, engine_, engines_, salts_, stats_}) {}

  // What it answers to a message: a Response, a Report or nothing.
  Octets receive(const Octets& datagram, base::BootTime now) {
    const auto decoded = protocol::decode(datagram, 256, scratch_, &inbound_, now);
    if (!decoded) {
      const auto report = inbound_.trace().report;
      return {report.begin(), report.end()};
    }
    ++notifications;
    message = decoded->message;
    varbinds = decoded->message.varbinds.size();
    if (decoded->message.pdu == protocol::PduKind::trap) return {};
    Octets response(inbound_.response_room());
    response.resize(inbound_.respond(now, response));
    return response;
  }

  int notifications = 0;
  std::size_t varbinds = 0;
  protocol::TrapMessage message;  // its views are of the last datagram

 private:
  const LocalEngine engine_;
  EngineTable engines_{100};
  SaltCounters salts_;
  UsmStats stats_;
  UserTable users_;
  Inbound inbound_;
  protocol::DecodeScratch scratch_;
};

struct Bench {
  explicit Bench(protocol::PduKind pdu, std::string_view auth_password = "an auth password")
      : users(users_of(auth_password)) {
    options.version = protocol::Version::v3;
    options.pdu = pdu;
    options.user = "noc";
    options.timeout = 1s;
    options.lanes = 4;
    network.clock = &clock;
    network.on_send = [this](const Octets& datagram) {
      if (!connected) return;
      Octets answer = manager->receive(datagram, clock.boot());
      if (!answer.empty()) network.arriving.emplace_back(std::move(answer), network.peer);
    };
    sink = std::make_unique<SnmpSink>(options, "upstream", std::make_unique<FakeLink>(network),
                                      SnmpSinkParts{clock, random, log, guard, 42, &identity});
    open();
  }
  void open() {
    std::string reason;
    ASSERT_TRUE(sink->open(reason)) << reason;
  }
  void take(Sequence sequence, std::string_view agent = "10.1.2.3") {
    TestEvent event(link_down(), "gw-1-" + std::to_string(sequence));
    event.event.message.agent = *base::IpAddress::parse(agent);
    sink->take(event.event, sequence, answers);
  }
  // Until there is nothing more to hear or say for now.
  void settle() {
    do {
      sink->tick(clock.boot(), answers);
    } while (!network.arriving.empty());
  }

  test_support::FakeClock clock;
  test_support::SeededRandom random{7};
  base::Log log{base::LogFormat::logfmt, base::LogLevel::debug, clock, [](std::string_view) {}};
  SilentGuard guard;
  FakeLink::Network network;
  bool connected = true;
  UserTable users;
  LocalEngine own = engine_of("gateway", base::BootTime{}, 12);
  SaltCounters salts;
  SnmpIdentity identity{users, own, salts};
  std::optional<Upstream> manager{std::in_place, engine_of("manager", base::BootTime{} + 10min)};
  SnmpSinkOptions options;
  std::unique_ptr<SnmpSink> sink;
  RecordedAnswers answers;
};

TEST(SnmpV3Trap, IsSentUnderOurOwnEngine) {
  Bench bench(protocol::PduKind::trap);
  bench.take(1);
  bench.settle();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
  EXPECT_EQ(bench.manager->notifications, 1);
  const protocol::Security& security = bench.manager->message.security;
  EXPECT_EQ(security.name, "noc");
  EXPECT_EQ(security.level, protocol::SecurityLevel::auth_priv);
  EXPECT_TRUE(base::equal(security.engine_id, bench.own.id));
  EXPECT_EQ(security.engine_boots, 12);
  EXPECT_EQ(bench.manager->varbinds, 5U);
}

TEST(SnmpV3Trap, OverADatagramIsRejected) {
  Bench bench(protocol::PduKind::trap);
  const TestEvent large(trap_with_text(std::string(65'430, 'x')), "gw-1-1");
  bench.sink->take(large.event, 1, bench.answers);
  bench.take(2);
  bench.settle();
  EXPECT_THAT(bench.answers.rejections, ElementsAre(1));
  EXPECT_THAT(bench.answers.events, ElementsAre(2));
}

TEST(SnmpV3Inform, DiscoversTheEngineLearnsItsTimeAndIsAnswered) {
  Bench bench(protocol::PduKind::inform);
  for (Sequence i = 1; i <= 20; ++i) bench.take(i, "10.0.0." + std::to_string(i));
  bench.settle();
  EXPECT_EQ(bench.answers.events.size(), 20U);
  EXPECT_EQ(bench.manager->notifications, 20);
  // A probe, the informs, and as many again at most as were in flight when the time was not known.
  EXPECT_LE(bench.network.sent.size(), 1U + 20U + 4U);
}

TEST(SnmpV3Inform, GoesOnAfterTheUpstreamRestarted) {
  Bench bench(protocol::PduKind::inform);
  bench.take(1);
  bench.settle();
  bench.clock.advance(1h);
  bench.manager.emplace(engine_of("manager", bench.clock.boot(), 4));
  bench.take(2);
  bench.settle();
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2));
  EXPECT_THAT(bench.answers.reasons, IsEmpty());
}

TEST(SnmpV3Inform, GoesOnWhenAnotherEngineAnswersThere) {
  Bench bench(protocol::PduKind::inform);
  bench.take(1);
  bench.settle();
  bench.manager.emplace(engine_of("another", bench.clock.boot(), 1));
  bench.take(2);
  bench.settle();
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 2));
}

TEST(SnmpV3Inform, AnEngineThatLostItsBootsIsLearnedAfreshAfterAPause) {
  Bench bench(protocol::PduKind::inform);
  bench.take(1);
  bench.settle();
  bench.manager.emplace(engine_of("manager", bench.clock.boot(), 1));
  bench.take(2);
  for (int i = 0; i < 4; ++i) {
    bench.settle();
    bench.clock.advance(1s);
  }
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  bench.open();
  bench.take(3);
  bench.settle();
  EXPECT_THAT(bench.answers.events, ElementsAre(1, 3));
}

TEST(SnmpV3Inform, WithoutAnAnswerToDiscoveryTheDestinationFails) {
  Bench bench(protocol::PduKind::inform);
  bench.connected = false;
  bench.take(1);
  for (int i = 0; i < 3; ++i) {
    bench.settle();
    EXPECT_THAT(bench.answers.waits, IsEmpty());
    bench.clock.advance(1s);
  }
  bench.settle();
  EXPECT_EQ(bench.network.sent.size(), 3U);
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  EXPECT_THAT(bench.answers.reasons[0], HasSubstr("no answer to discovery"));
}

TEST(SnmpV3Inform, AWrongPasswordPausesTheSinkAndSaysSo) {
  Bench bench(protocol::PduKind::inform);
  bench.manager.emplace(engine_of("manager", base::BootTime{}), "another password");
  bench.take(1);
  bench.settle();
  ASSERT_EQ(bench.answers.waits.size(), 1U);
  EXPECT_GE(bench.answers.waits[0], 60s);
  EXPECT_THAT(bench.answers.reasons[0], HasSubstr("usmStatsWrongDigests to user `noc`"));
}

TEST(SnmpV3Inform, ResponsesOfOthersAndOldOnesAreIgnored) {
  Bench bench(protocol::PduKind::inform);
  bench.take(1);
  bench.settle();
  ASSERT_THAT(bench.answers.events, ElementsAre(1));
  // A Response to an inform of another user's keys.
  Bench other(protocol::PduKind::inform, "another password");
  other.manager.emplace(engine_of("manager", base::BootTime{} + 10min), "another password");
  other.take(2);
  other.settle();
  bench.connected = false;
  bench.take(2);
  bench.settle();
  bench.network.arriving.emplace_back(other.network.sent.back(), bench.network.peer);
  bench.settle();
  EXPECT_THAT(bench.answers.events, ElementsAre(1));
}

TEST(SnmpV3, WithoutTheUserItCannotOpen) {
  Bench bench(protocol::PduKind::trap);
  SnmpSinkOptions options;
  options.version = protocol::Version::v3;
  options.user = "nobody";
  SnmpSink sink(options, "upstream", std::make_unique<FakeLink>(bench.network),
                {bench.clock, bench.random, bench.log, bench.guard, 42, &bench.identity});
  std::string reason;
  EXPECT_FALSE(sink.open(reason));
  EXPECT_THAT(reason, HasSubstr("nobody"));
}

}  // namespace
}  // namespace trapline::sinks
