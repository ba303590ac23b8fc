#include "gateway/commands/record_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/journal/event_record.h"
#include "gateway/journal/standing.h"
#include "tests/support/wire.h"

namespace trapline::gateway {
namespace {

using journal::Lsn;
using journal::RecordType;
using journal::RecordView;
using ::testing::HasSubstr;

RecordView record_of(RecordType type, Lsn lsn, base::Bytes payload) {
  RecordView record;
  record.type = type;
  record.ref = {lsn, journal::SegmentNumber{3}, 8224};
  record.epoch = journal::Epoch{0xabc};
  record.rule_time = journal::RuleTime{1'767'225'600'000'000'000};
  record.received = base::WallTime(std::chrono::nanoseconds(1'767'225'601'000'000'000));
  record.payload = payload;
  return record;
}

std::string text_of(const RecordView& record) {
  std::string out;
  RecordRenderer().append_text(record, "gw", out);
  return out;
}

std::string json_of(const RecordView& record) {
  std::string out;
  RecordRenderer().append_json(record, "gw", out);
  return out;
}

// A v2c linkDown as it stands in the journal.
std::vector<std::byte> event_payload() {
  const auto datagram = test_support::hex(
      "303f 020101 0406 7075626c6963 a732 020101 020100 020100 3027"
      "300e 0608 2b06010201010300 4302 0100"
      "3015 060a 2b060106030101040100 0607 2b0601060301 01");
  protocol::DecodeScratch scratch;
  auto decoded = protocol::decode(datagram, protocol::kDefaultMaxVarbinds, scratch);
  if (!decoded) return {};
  decoded->message.community = "core";
  std::vector<std::byte> payload(journal::event_bytes(decoded->message, decoded->pdu));
  journal::encode_event(decoded->message, decoded->pdu, {}, payload);
  return payload;
}

// Devices answer what they like: nothing of it may move a terminal's cursor.
TEST(RecordText, AnswersAreEscaped) {
  const auto oid = *protocol::Oid::parse("1.3.6.1.2.1.1.5.0");
  const rules::AnsweredMember member{
      "sysName",
      {oid.view(), {protocol::ValueType::octet_string, 4, 0, base::as_bytes("core\x1b[2J\n1")}}};
  journal::Answer answer;
  answer.state = rules::AnswerState::known;
  answer.enrichment = "device";
  answer.key = "k";
  answer.members = {&member, 1};
  std::vector<std::byte> payload(journal::answer_bytes(answer));
  journal::encode_answer(answer, payload);
  const RecordView record = record_of(RecordType::answer, Lsn{5}, payload);
  EXPECT_THAT(text_of(record), HasSubstr("sysName=core\\u001b[2J\\u000a1"));
  EXPECT_THAT(json_of(record), HasSubstr("\"sysName\":\"core\\u001b[2J\\u000a1\""));

  journal::Outcome outcome;
  outcome.verdict.summary = "up\x1b[2J";
  std::vector<std::byte> decided(journal::outcome_bytes(outcome));
  journal::encode_outcome(outcome, decided);
  EXPECT_THAT(text_of(record_of(RecordType::outcome, Lsn{6}, decided)),
              HasSubstr("summary=up\\u001b[2J"));
}

TEST(RecordText, EventWithItsId) {
  const auto payload = event_payload();
  ASSERT_FALSE(payload.empty());
  const RecordView record = record_of(RecordType::event, Lsn{17}, payload);
  EXPECT_THAT(text_of(record), HasSubstr("17  event       2026-01-01T00:00:01.000000Z"));
  EXPECT_THAT(text_of(record), HasSubstr(" id=gw-abc-17"));
  EXPECT_THAT(json_of(record), HasSubstr("\"lsn\":17,\"type\":\"event\",\"segment\":3"));
  EXPECT_THAT(json_of(record), HasSubstr("\"content\":{\"schema\":1,\"id\":\"gw-abc-17\""));
}

TEST(RecordText, OutcomeWithItsSinks) {
  const std::array<std::string_view, 2> sinks = {"a", "b"};
  journal::Outcome outcome;
  outcome.event = {Lsn{17}, journal::SegmentNumber{3}, 8224};
  outcome.sinks = sinks;
  std::vector<std::byte> payload(journal::outcome_bytes(outcome));
  journal::encode_outcome(outcome, payload);
  const RecordView record = record_of(RecordType::outcome, Lsn{18}, payload);
  EXPECT_THAT(text_of(record), HasSubstr("event=17 severity=info state=event sinks=a,b"));
  EXPECT_THAT(json_of(record), HasSubstr("\"event_lsn\":17"));
  EXPECT_THAT(json_of(record), HasSubstr("\"sinks\":[\"a\",\"b\"]}}"));
}

TEST(RecordText, CursorAndCheckpointAsStandings) {
  journal::SinkStanding sink;
  sink.low_water = Lsn{18};
  sink.delivered = 4;
  std::vector<std::byte> cursor;
  journal::encode_cursor("archive", sink, cursor);
  EXPECT_THAT(text_of(record_of(RecordType::cursor, Lsn{19}, cursor)),
              HasSubstr("archive low_water=18 delivered=4 dead_lettered=0 skipped=0"));
  journal::Standing standing;
  standing.events = 9;
  standing.sinks.emplace("archive", sink);
  std::vector<std::byte> checkpoint;
  standing.encode(checkpoint);
  const RecordView record = record_of(RecordType::checkpoint, Lsn{20}, checkpoint);
  EXPECT_THAT(text_of(record), HasSubstr("router=0 events=9 decided=0"));
  EXPECT_THAT(json_of(record), HasSubstr("\"sinks\":[{\"sink\":\"archive\",\"low_water\":18"));
}

TEST(RecordText, AnUnreadablePayloadIsShownAsOne) {
  const std::array<std::byte, 3> odd{};
  for (const RecordType type : {RecordType::event, RecordType::timer, RecordType::outcome,
                                RecordType::cursor, RecordType::checkpoint}) {
    const RecordView record = record_of(type, Lsn{1}, odd);
    EXPECT_THAT(text_of(record), HasSubstr("(3 octets)"));
    EXPECT_THAT(json_of(record), HasSubstr("\"content\":null}"));
  }
}

}  // namespace
}  // namespace trapline::gateway
