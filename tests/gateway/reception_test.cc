#include "gateway/reception.h"

#include <deque>

#include <gtest/gtest.h>

#include "protocol/encode.h"
#include "tests/support/fake_clock.h"
#include "tests/support/recording_journal.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using protocol::PduKind;

// Takes replies instead of sending them.
class ReplyRecorder final : public DatagramPort {
 public:
  [[nodiscard]] std::span<const Datagram> receive(std::chrono::milliseconds) override { return {}; }
  std::size_t send(std::span<const Reply> replies) override {
    for (const Reply& reply : replies) {
      sent.emplace_back(reply.payload.begin(), reply.payload.end());
      peers.push_back(reply.peer);
    }
    return replies.size();
  }

  std::vector<std::vector<std::byte>> sent;
  std::vector<base::Endpoint> peers;
};

struct Scene {
  explicit Scene(Config made = {}) : config(std::move(made)) {
    config.communities.push_back({"core", base::Secret("canary-community"), {}});
  }

  // Sends one message through reception, from `peer`.
  void receive(const std::vector<std::byte>& message, std::string_view peer = "10.0.0.1:5000",
               bool shed = false) {
    Datagram datagram;
    datagram.payload = message;
    datagram.peer = *base::Endpoint::parse(peer);
    datagram.local = *base::Endpoint::parse("10.0.0.254:162");
    reception.process({&datagram, 1}, shed);
    EXPECT_EQ(ledger.counts().difference(), 0);
  }
  [[nodiscard]] ReceptionCounts counts() const { return ledger.counts(); }
  [[nodiscard]] std::string log_text() const {
    std::string all;
    for (const auto& line : lines) all += line;
    return all;
  }

  Config config;
  test_support::FakeClock clock;
  test_support::RecordingJournal journal;
  std::deque<std::string> lines;
  base::Log log{base::LogFormat::logfmt, base::LogLevel::debug, clock,
                [this](std::string_view line) { lines.emplace_back(line); }};
  Access access{config};
  InformDuplicates duplicates{150s, 1'000};
  Ledger ledger;
  ReplyRecorder port;
  Reception reception{
      {config, access, journal, duplicates, ledger, clock, log, 1, 2}, "front", port};
};

std::vector<std::byte> message(PduKind kind, std::int32_t request_id,
                               std::string_view community = "canary-community",
                               std::span<const protocol::VarBind> varbinds = {}) {
  protocol::Notification notification;
  notification.pdu = kind;
  notification.request_id = request_id;
  const auto trap_oid = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  notification.trap_oid = trap_oid;
  notification.varbinds = varbinds;
  std::vector<std::byte> out;
  protocol::encode_v2c(notification, base::as_bytes(community), out);
  return out;
}

bool holds(base::Bytes octets, std::string_view text) {
  return base::as_text(octets).find(text) != std::string_view::npos;
}

TEST(Reception, ATrapIsInFlightUntilItsCommitAndNeverAnswered) {
  Scene scene;
  scene.receive(message(PduKind::trap, 1));
  EXPECT_EQ(scene.counts().in_flight, 1U);
  EXPECT_FALSE(scene.journal.appended.front()->urgent);
  scene.journal.commit();
  EXPECT_EQ(scene.counts().accepted, 1U);
  EXPECT_EQ(scene.counts().in_flight, 0U);
  EXPECT_TRUE(scene.port.sent.empty());
}

TEST(Reception, AnInformIsAnsweredWithItsCommitAndNotBefore) {
  Scene scene;
  scene.receive(message(PduKind::inform, 7));
  EXPECT_TRUE(scene.journal.appended.front()->urgent);
  EXPECT_TRUE(scene.port.sent.empty());
  scene.journal.commit();
  ASSERT_EQ(scene.port.sent.size(), 1U);
  EXPECT_EQ(scene.port.peers[0].to_string(), "10.0.0.1:5000");
  EXPECT_EQ(scene.counts().responses, 1U);
}

TEST(Reception, AResendIsAnsweredAgainAndStoredOnce) {
  Scene scene;
  const auto inform = message(PduKind::inform, 7);
  scene.receive(inform);
  scene.receive(inform, "10.0.0.1:6000");  // pending: another port does not make it another inform
  EXPECT_EQ(scene.journal.event_payloads().size(), 1U);
  scene.journal.commit();
  EXPECT_EQ(scene.port.sent.size(), 2U);
  scene.receive(inform);  // durable
  scene.journal.commit();
  EXPECT_EQ(scene.port.sent.size(), 3U);
  EXPECT_EQ(scene.counts().duplicate, 2U);
  EXPECT_EQ(scene.counts().accepted, 1U);
  scene.receive(inform, "10.0.0.2:5000");
  EXPECT_EQ(scene.journal.event_payloads().size(), 1U) << "another source is another inform";
}

TEST(Reception, AResendWhoseOriginalIsNotDurableGetsNoAnswer) {
  Scene scene;
  const auto inform = message(PduKind::inform, 7);
  scene.receive(inform);
  auto original = std::move(scene.journal.appended.front());
  scene.journal.appended.clear();
  scene.receive(inform);
  scene.journal.commit();
  EXPECT_TRUE(scene.port.sent.empty());
}

TEST(Reception, WhileTheJournalCannotStoreEverythingIsShedUnanswered) {
  Scene scene;
  const auto inform = message(PduKind::inform, 7);
  scene.receive(inform, "10.0.0.1:5000", true);
  EXPECT_EQ(scene.counts().shed, 1U);
  EXPECT_TRUE(scene.journal.appended.empty());
  scene.receive(inform);
  EXPECT_EQ(scene.counts().duplicate, 0U) << "what was shed is not remembered";
}

TEST(Reception, LargeDatagramsAreHandedOverInBatchesOfBoundedSize) {
  Scene scene;
  const std::vector<std::byte> text(60'000, std::byte{'x'});
  const auto name = *protocol::Oid::parse("1.3.6.1.4.1.9.1");
  protocol::VarBind varbind;
  varbind.name = name;
  varbind.value.type = protocol::ValueType::octet_string;
  varbind.value.tag = 0x04;
  varbind.value.content = text;
  const auto large = message(PduKind::trap, 1, "canary-community", {&varbind, 1});
  std::vector<Datagram> datagrams(100);
  for (Datagram& datagram : datagrams) {
    datagram.payload = large;
    datagram.peer = *base::Endpoint::parse("10.0.0.1:5000");
  }
  scene.reception.process(datagrams, false);
  for (const auto& batch : scene.journal.appended) EXPECT_LE(batch->bytes().size(), 400'000U);
  EXPECT_EQ(scene.counts().received, 100U);
  EXPECT_EQ(scene.counts().in_flight, 100U);
  EXPECT_EQ(scene.counts().difference(), 0);
  scene.journal.commit();
  EXPECT_EQ(scene.counts().accepted, 100U);
  EXPECT_EQ(scene.counts().difference(), 0);
}

TEST(Reception, RefusesAndCountsByReason) {
  Config config;
  config.sources.allow.push_back(*base::IpPrefix::parse("10.0.0.0/8"));
  Scene scene(std::move(config));
  scene.receive(message(PduKind::trap, 1), "192.0.2.1:1");
  scene.receive(message(PduKind::trap, 1, "wrong-community"));
  scene.receive({std::byte{0x30}, std::byte{0x02}, std::byte{0x02}});
  const auto counts = scene.counts();
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RefusalReason::source_not_allowed)], 1U);
  EXPECT_EQ(counts.refused[static_cast<std::size_t>(RefusalReason::unknown_community)], 1U);
  EXPECT_EQ(counts.malformed_total(), 1U);
  EXPECT_NE(scene.log_text().find("offset="), std::string::npos);
  EXPECT_NE(scene.log_text().find("peer=10.0.0.1:5000"), std::string::npos);
  EXPECT_EQ(scene.log_text().find("wrong-community"), std::string::npos);
}

TEST(Reception, CountsTolerances) {
  Scene scene;
  auto padded = message(PduKind::trap, 1);
  padded.push_back(std::byte{0});
  scene.receive(padded);
  EXPECT_EQ(
      scene.counts().tolerances[static_cast<std::size_t>(protocol::Tolerance::trailing_bytes)], 1U);
}

TEST(Reception, NoCommunityReachesTheJournalNotEvenARelayedOne) {
  Scene scene;
  const auto name = *protocol::Oid::parse("1.3.6.1.6.3.18.1.4.0");
  protocol::VarBind relayed;
  relayed.name = name;
  relayed.value.type = protocol::ValueType::octet_string;
  relayed.value.tag = 0x04;
  relayed.value.content = base::as_bytes("relayed-canary");
  scene.receive(message(PduKind::inform, 3, "canary-community", {&relayed, 1}));
  ASSERT_EQ(scene.journal.event_payloads().size(), 1U);
  const base::Bytes payload = scene.journal.event_payloads()[0];
  EXPECT_FALSE(holds(payload, "canary-community"));
  EXPECT_FALSE(holds(payload, "relayed-canary"));
  EXPECT_TRUE(holds(payload, "**************"));
  EXPECT_EQ(
      scene.counts().tolerances[static_cast<std::size_t>(protocol::Tolerance::community_blanked)],
      1U);
  scene.journal.commit();
  EXPECT_TRUE(holds(scene.port.sent.at(0), "relayed-canary"))
      << "the Response repeats the bindings as they came";
}

TEST(ReplyArena, GivesRoomInACircleAndRefusesWhenFull) {
  ReplyArena arena(4'096);
  EXPECT_EQ(arena.take(3'000).size(), 3'000U);
  EXPECT_TRUE(arena.take(2'000).empty()) << "not across the end, and the start is taken";
  arena.give_back(arena.mark());
  EXPECT_EQ(arena.take(2'000).size(), 2'000U);
  EXPECT_TRUE(arena.take(2'000).empty()) << "the unused tail counts until it is given back";
  EXPECT_EQ(arena.take(1'000).size(), 1'000U);
  EXPECT_TRUE(arena.take(1).empty());
}

}  // namespace
}  // namespace trapline::gateway
