#include <random>

#include <gtest/gtest.h>

#include "gateway/journal/answer_record.h"
#include "gateway/journal/digest.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/standing.h"
#include "protocol/decode.h"
#include "protocol/encode.h"

namespace trapline::gateway::journal {
namespace {

using protocol::TrapMessage;

std::vector<std::byte> an_inform() {
  protocol::Notification notification;
  notification.pdu = protocol::PduKind::inform;
  notification.request_id = 77;
  notification.uptime = 12'345;
  const auto trap_oid = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  notification.trap_oid = trap_oid;
  std::vector<std::byte> out;
  protocol::encode_v2c(notification, base::as_bytes("public"), out);
  return out;
}

struct Stored {
  std::vector<std::byte> datagram = an_inform();
  protocol::DecodeScratch scratch;
  protocol::Decoded decoded = *protocol::decode(datagram, 256, scratch);
  std::vector<std::byte> payload;

  Stored() {
    TrapMessage& message = decoded.message;
    message.peer = *base::Endpoint::parse("192.0.2.7:40000");
    message.local = *base::Endpoint::parse("[2001:db8::1]:162");
    message.listener = "front";
    message.community = "core";
    message.agent = *base::IpAddress::parse("10.1.2.3");
    message.agent_via = protocol::AgentVia::snmp_trap_address;
    message.msg_id = -5;
    message.flags.add(protocol::Tolerance::trailing_bytes);
    payload.resize(event_bytes(message, decoded.pdu));
    encode_event(message, decoded.pdu, {3, 4}, payload);
  }
  [[nodiscard]] RecordView record() const {
    return {RecordType::event, {}, {}, {}, base::WallTime(std::chrono::seconds(9)), payload};
  }
};

TEST(EventRecord, GivesBackTheMessageThatWasAccepted) {
  const Stored stored;
  protocol::DecodeScratch scratch;
  TrapMessage read;
  ASSERT_TRUE(decode_event(stored.record(), scratch, read));
  EXPECT_EQ(read.peer.to_string(), "192.0.2.7:40000");
  EXPECT_EQ(read.local.to_string(), "[2001:db8::1]:162");
  EXPECT_EQ(read.listener, "front");
  EXPECT_EQ(read.community, "core");
  EXPECT_EQ(read.agent.to_string(), "10.1.2.3");
  EXPECT_EQ(read.agent_via, protocol::AgentVia::snmp_trap_address);
  EXPECT_EQ(read.msg_id, -5);
  EXPECT_EQ(read.request_id, 77);
  EXPECT_EQ(read.uptime, 12'345U);
  EXPECT_EQ(read.pdu, protocol::PduKind::inform);
  EXPECT_EQ(read.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_TRUE(read.flags.has(protocol::Tolerance::trailing_bytes));
  EXPECT_EQ(read.received_at, base::WallTime(std::chrono::seconds(9)));
  EXPECT_EQ(event_digest(stored.payload), (InformDigest{3, 4}));
}

TEST(EventRecord, TruncatedAtEveryByteIsRefused) {
  const Stored stored;
  for (std::size_t size = 0; size < stored.payload.size(); ++size) {
    const std::vector<std::byte> cut(stored.payload.begin(),
                                     stored.payload.begin() + static_cast<std::ptrdiff_t>(size));
    RecordView record = stored.record();
    record.payload = cut;
    protocol::DecodeScratch scratch;
    TrapMessage read;
    EXPECT_FALSE(decode_event(record, scratch, read)) << size;
  }
}

TEST(EventRecord, AnyOctetChangedNeverReadsBeyond) {
  const Stored stored;
  for (std::size_t at = 0; at < stored.payload.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      std::vector<std::byte> changed = stored.payload;
      changed[at] ^= static_cast<std::byte>(flip);
      RecordView record = stored.record();
      record.payload = changed;
      protocol::DecodeScratch scratch;
      TrapMessage read;
      (void)decode_event(record, scratch, read);
    }
  }
}

TEST(OutcomeRecord, GivesBackTheWholeVerdict) {
  const std::array<std::string_view, 2> sinks = {"archive", "kafka"};
  const std::array<std::string_view, 1> rules = {"link-down"};
  const std::array<rules::Tag, 2> tags = {{{"team", "noc"}, {"site", ""}}};
  Outcome outcome;
  outcome.event = {Lsn{12}, SegmentNumber{3}, 4'096};
  outcome.sinks = sinks;
  outcome.verdict.severity = rules::Severity::critical;
  outcome.verdict.state = rules::State::raise;
  outcome.verdict.key = "k";
  outcome.verdict.summary = "s";
  outcome.verdict.tags = tags;
  outcome.verdict.rules = rules;
  std::vector<std::byte> payload(outcome_bytes(outcome));
  encode_outcome(outcome, payload);
  OutcomeScratch scratch;
  Outcome read;
  ASSERT_TRUE(decode_outcome(payload, scratch, read));
  EXPECT_EQ(read.event, outcome.event);
  EXPECT_EQ(outcome_event(payload), outcome.event);
  ASSERT_EQ(read.sinks.size(), 2U);
  EXPECT_EQ(read.sinks[1], "kafka");
  EXPECT_EQ(read.verdict.severity, rules::Severity::critical);
  EXPECT_EQ(read.verdict.state, rules::State::raise);
  EXPECT_EQ(read.verdict.key, "k");
  EXPECT_EQ(read.verdict.summary, "s");
  ASSERT_EQ(read.verdict.tags.size(), 2U);
  EXPECT_EQ(read.verdict.tags[0].value, "noc");
  EXPECT_EQ(read.verdict.tags[1].name, "site");
  ASSERT_EQ(read.verdict.rules.size(), 1U);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const std::vector<std::byte> cut(payload.begin(),
                                     payload.begin() + static_cast<std::ptrdiff_t>(size));
    Outcome ignored;
    (void)decode_outcome(cut, scratch, ignored);
    EXPECT_LE(outcome_sinks(cut).size(), cut.size());
  }
}

// Of more than 64 KiB, as an event that rules have kept may be.
TEST(OutcomeRecord, CarriesASyntheticEventWhole) {
  const std::vector<std::byte> kept(70'000, std::byte{7});
  const std::array<std::string_view, 2> causes = {"n-1-5", "n-1-6"};
  Outcome outcome;
  outcome.event = {Lsn{12}, SegmentNumber{3}, 4'096};
  outcome.synthetic = true;
  outcome.id = "n-1-12-1";
  outcome.kept_event = kept;
  outcome.verdict.synthetic = rules::Synthetic::limit;
  outcome.verdict.made = {-5};
  outcome.verdict.count = 1ULL << 40;
  outcome.verdict.first_time = {99};
  outcome.verdict.raise_id = "n-1-2";
  const rules::Tag labels[] = {{"agent", "10.1.2.3"}, {"trap", ""}};
  outcome.verdict.labels = labels;
  outcome.verdict.causes = causes;
  outcome.verdict.flags.set(rules::VerdictFlag::rule_error);
  std::vector<std::byte> payload(outcome_bytes(outcome));
  encode_outcome(outcome, payload);
  OutcomeScratch scratch;
  Outcome read;
  ASSERT_TRUE(decode_outcome(payload, scratch, read));
  EXPECT_TRUE(read.synthetic);
  EXPECT_FALSE(read.closing);
  EXPECT_EQ(read.id, "n-1-12-1");
  EXPECT_TRUE(base::equal(read.kept_event, kept));
  EXPECT_EQ(read.verdict.synthetic, rules::Synthetic::limit);
  EXPECT_EQ(read.verdict.made.since_epoch_ns, -5);
  EXPECT_EQ(read.verdict.count, 1ULL << 40);
  EXPECT_EQ(read.verdict.first_time.since_epoch_ns, 99);
  EXPECT_EQ(read.verdict.raise_id, "n-1-2");
  ASSERT_EQ(read.verdict.labels.size(), 2U);
  EXPECT_EQ(read.verdict.labels[0].value, "10.1.2.3");
  EXPECT_EQ(read.verdict.labels[1].name, "trap");
  EXPECT_EQ(read.verdict.labels[1].value, "");
  ASSERT_EQ(read.verdict.causes.size(), 2U);
  EXPECT_EQ(read.verdict.causes[1], "n-1-6");
  EXPECT_TRUE(read.verdict.flags.has(rules::VerdictFlag::rule_error));
}

TEST(OutcomeRecord, NumbersCutShortAreRefused) {
  Outcome outcome;
  outcome.verdict.flags.set(rules::VerdictFlag::held);
  std::vector<std::byte> payload(outcome_bytes(outcome));
  encode_outcome(outcome, payload);
  payload.pop_back();
  payload[payload.size() - 5] = std::byte{3};  // the field says so too
  OutcomeScratch scratch;
  Outcome read;
  EXPECT_FALSE(decode_outcome(payload, scratch, read));
}

TEST(EventRecord, KeptOctetsAreARecordAgain) {
  const Stored stored;
  std::vector<std::byte> kept;
  encode_kept_event(stored.record(), kept);
  const auto again = kept_record(kept);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->received, stored.record().received);
  protocol::DecodeScratch scratch;
  TrapMessage read;
  ASSERT_TRUE(decode_event(*again, scratch, read));
  EXPECT_EQ(read.request_id, 77);
  EXPECT_FALSE(kept_record(base::Bytes(kept).first(7)));
}

TEST(OutcomeRecord, ALossIsCountedAndIsNoDecision) {
  Outcome loss;
  loss.event = {Lsn{40}, SegmentNumber{2}, 64};
  loss.lost_events = 3;
  std::vector<std::byte> payload(outcome_bytes(loss));
  encode_outcome(loss, payload);
  EXPECT_EQ(outcome_lost_events(payload), 3U);
  Standing standing;
  RecordView record;
  record.type = RecordType::outcome;
  record.ref.lsn = Lsn{41};
  record.payload = payload;
  standing.apply(record);
  EXPECT_EQ(standing.lost, 3U);
  EXPECT_EQ(standing.decided, 0U);
  EXPECT_EQ(standing.router, Lsn{40});
}

TEST(OutcomeRecord, CarriesWhatDevicesAnswered) {
  const auto oid = *protocol::Oid::parse("1.3.6.1.2.1.31.1.1.1.1.7");
  const std::array<rules::EnrichedValue, 2> values = {
      rules::EnrichedValue{
          "interface",
          "ifName",
          {oid.view(), {protocol::ValueType::octet_string, 4, 0, base::as_bytes("Gi0/7")}}},
      rules::EnrichedValue{
          "interface", "ifIndex", {oid.view(), {protocol::ValueType::integer32, 2, ~0ULL, {}}}}};
  Outcome decided;
  decided.verdict.enrichment = values;
  std::vector<std::byte> payload(outcome_bytes(decided));
  encode_outcome(decided, payload);
  OutcomeScratch scratch;
  Outcome read;
  ASSERT_TRUE(decode_outcome(payload, scratch, read));
  ASSERT_EQ(read.verdict.enrichment.size(), 2U);
  EXPECT_EQ(read.verdict.enrichment[0].enrichment, "interface");
  EXPECT_EQ(read.verdict.enrichment[0].member, "ifName");
  EXPECT_EQ(base::as_text(read.verdict.enrichment[0].varbind.value.content), "Gi0/7");
  EXPECT_EQ(read.verdict.enrichment[1].varbind.value.as_signed(), -1);
  EXPECT_EQ(read.verdict.enrichment[1].varbind.name, oid.view());
  for (std::size_t size = payload.size(); size-- > 24;) {
    (void)decode_outcome(base::Bytes(payload).first(size), scratch, read);
  }
}

TEST(AnswerRecord, ComesBackAndTruncatedAtEveryByteNeverReadsBeyond) {
  const auto oid = *protocol::Oid::parse("1.3.6.1.2.1.1.5.0");
  const rules::AnsweredMember member{
      "sysName", {oid.view(), {protocol::ValueType::octet_string, 4, 0, base::as_bytes("core1")}}};
  const Answer said{rules::AnswerState::known,
                    *base::IpAddress::parse("10.1.2.3"),
                    true,
                    "device",
                    "the key",
                    std::chrono::seconds(600),
                    {&member, 1}};
  std::vector<std::byte> payload(answer_bytes(said));
  encode_answer(said, payload);
  std::vector<rules::AnsweredMember> scratch;
  Answer read;
  ASSERT_TRUE(decode_answer(payload, scratch, read));
  EXPECT_EQ(read.state, rules::AnswerState::known);
  EXPECT_EQ(read.agent.to_string(), "10.1.2.3");
  EXPECT_TRUE(read.heard);
  EXPECT_EQ(read.enrichment, "device");
  EXPECT_EQ(read.key, "the key");
  EXPECT_EQ(read.good_for, std::chrono::seconds(600));
  ASSERT_EQ(read.members.size(), 1U);
  EXPECT_EQ(base::as_text(read.members[0].varbind.value.content), "core1");
  // Without its values it is still an answer: there may be none.
  const std::size_t whole = payload.size();
  const std::size_t bare = whole - answered_bytes(member);
  for (std::size_t size = 0; size < whole; ++size) {
    EXPECT_EQ(decode_answer(base::Bytes(payload).first(size), scratch, read), size == bare) << size;
  }
}

TEST(InformDigest, DependsOnWhoSentWhatAndNotOnThePort) {
  const Stored stored;
  TrapMessage message = stored.decoded.message;
  const auto digest = inform_digest(message, stored.decoded.pdu, 1);
  message.peer.port = 5;
  EXPECT_EQ(inform_digest(message, stored.decoded.pdu, 1), digest);
  EXPECT_NE(inform_digest(message, stored.decoded.pdu, 2), digest) << "seeded";
  message.community = "edge";
  EXPECT_NE(inform_digest(message, stored.decoded.pdu, 1), digest);
  message.community = "core";
  message.peer.ip = *base::IpAddress::parse("192.0.2.8");
  EXPECT_NE(inform_digest(message, stored.decoded.pdu, 1), digest);
  EXPECT_NE(inform_digest(stored.decoded.message, stored.decoded.pdu.first(20), 1), digest);
  EXPECT_NE(digest.low, 0U);
}

}  // namespace
}  // namespace trapline::gateway::journal
