// The books that are built from records, and written down as CHECKPOINTs.
#include "gateway/journal/standing.h"

#include <algorithm>
#include <span>

#include <gtest/gtest.h>

#include "gateway/journal/outcome_record.h"

namespace trapline::gateway::journal {
namespace {

class StandingTest : public testing::Test {
 protected:
  void apply(RecordType type, base::Bytes payload) {
    RecordView record;
    record.type = type;
    record.ref.lsn = Lsn{++lsn_};
    record.payload = payload;
    standing_.apply(record);
  }
  void apply(const Outcome& outcome) {
    std::vector<std::byte> payload(outcome_bytes(outcome));
    encode_outcome(outcome, payload);
    apply(RecordType::outcome, payload);
  }
  void event() { apply(RecordType::event, {}); }
  void waiting(std::uint64_t of) {
    Outcome marker;
    marker.event = {Lsn{of}, SegmentNumber{7}, 128};
    marker.waiting = true;
    apply(marker);
  }
  void outcome(std::uint64_t of, std::vector<std::string_view> sinks, bool synthetic = false) {
    Outcome decided;
    decided.event.lsn = Lsn{of};
    decided.sinks = sinks;
    decided.synthetic = synthetic;
    std::vector<std::byte> payload(outcome_bytes(decided));
    encode_outcome(decided, payload);
    apply(RecordType::outcome, payload);
  }
  void cursor(std::string_view sink, const SinkStanding& said) {
    std::vector<std::byte> payload;
    encode_cursor(sink, said, payload);
    apply(RecordType::cursor, payload);
  }

  Standing standing_;
  std::uint64_t lsn_ = 0;
};

TEST_F(StandingTest, EventsAndDecisionsAreCounted) {
  event();
  event();
  outcome(1, {"file", "kafka"});
  outcome(2, {"file"});
  outcome(0, {"kafka"}, true);
  EXPECT_EQ(standing_.last, Lsn{5});
  EXPECT_EQ(standing_.events, 2U);
  EXPECT_EQ(standing_.decided, 3U);
  EXPECT_EQ(standing_.synthetic, 1U);
  EXPECT_EQ(standing_.router, Lsn{2});
  EXPECT_EQ(standing_.sinks["file"].routed, 2U);
  EXPECT_EQ(standing_.sinks["kafka"].routed, 2U);
}

TEST_F(StandingTest, AClosedTimerMovesTheRouterAndCountsAsNothing) {
  event();
  outcome(1, {"file"});
  apply(RecordType::timer, {});
  Outcome closing;
  closing.event.lsn = Lsn{3};
  closing.closing = true;
  std::vector<std::byte> payload(outcome_bytes(closing));
  encode_outcome(closing, payload);
  apply(RecordType::outcome, payload);
  EXPECT_EQ(standing_.router, Lsn{3});
  EXPECT_EQ(standing_.decided, 1U);
  EXPECT_EQ(standing_.synthetic, 0U);
  EXPECT_EQ(standing_.sinks["file"].routed, 1U);
}

TEST_F(StandingTest, WhoWaitsIsKnownUntilItIsDecided) {
  for (int i = 0; i < 3; ++i) event();
  waiting(1);
  waiting(2);
  outcome(3, {"file"});
  EXPECT_EQ(standing_.router, Lsn{3});
  EXPECT_EQ(standing_.all_decided(), Lsn{0});
  EXPECT_EQ(standing_.decided, 1U);
  std::vector<std::byte> payload;
  standing_.encode(payload, std::chrono::seconds(5));
  Standing read;
  std::chrono::nanoseconds down{};
  ASSERT_TRUE(Standing::decode(payload, read, &down));
  EXPECT_EQ(down, std::chrono::seconds(5));
  EXPECT_EQ(read.waiting, standing_.waiting);
  ASSERT_EQ(read.waiting.size(), 2U);
  EXPECT_EQ(read.waiting.at(Lsn{2}).segment, SegmentNumber{7});
  EXPECT_EQ(read.waiting.at(Lsn{2}).offset, 128U);
  outcome(1, {"file"});
  EXPECT_EQ(standing_.all_decided(), Lsn{1});
  Outcome loss;
  loss.event.lsn = Lsn{2};
  loss.lost_events = 1;
  apply(loss);
  EXPECT_EQ(standing_.all_decided(), Lsn{3});
  EXPECT_EQ(standing_.lost, 1U);
}

TEST_F(StandingTest, AsManyAsCanWaitFitACheckpointNextToSinksOutOfOrder) {
  for (std::uint64_t lsn = 1; lsn <= kMostWaiting; ++lsn) waiting(lsn);
  SinkStanding& sink = standing_.sinks["a"];
  for (std::uint64_t i = 1; i <= 1'000; ++i) sink.delivered_beyond.push_back(Lsn{i << 32});
  sink.delivered = 1'000;
  std::vector<std::byte> payload;
  EXPECT_EQ(standing_.encode(payload), 0U);
  EXPECT_LE(payload.size(), kMaxCheckpointBytes);
  Standing read;
  ASSERT_TRUE(Standing::decode(payload, read));
  EXPECT_EQ(read.waiting, standing_.waiting);
}

TEST_F(StandingTest, WhoWaitsIsNamedBeforeWhatSinksHaveAhead) {
  const std::size_t room = 4'096;
  ASSERT_GT(most_waiting(room), 100U);
  for (std::uint64_t lsn = 1; lsn <= most_waiting(room); ++lsn) waiting(lsn);
  SinkStanding& sink = standing_.sinks["a"];
  for (std::uint64_t i = 1; i <= 1'000; ++i) sink.delivered_beyond.push_back(Lsn{i << 32});
  sink.delivered = 1'000;
  std::vector<std::byte> payload;
  EXPECT_GT(standing_.encode(payload, {}, room), 0U);
  EXPECT_LE(payload.size(), room);
  Standing read;
  ASSERT_TRUE(Standing::decode(payload, read));
  EXPECT_EQ(read.waiting, standing_.waiting);
}

TEST_F(StandingTest, ADeadLetterThatGoesAgainEndsNoWait) {
  event();
  waiting(1);
  Outcome again;
  again.event.lsn = Lsn{1};
  again.synthetic = true;
  again.again = true;
  apply(again);
  EXPECT_EQ(standing_.waiting.count(Lsn{1}), 1U);
}

TEST_F(StandingTest, AStartSaysHowLongNobodyWrote) {
  std::vector<std::byte> payload;
  standing_.encode(payload, std::chrono::seconds(3'600));
  std::chrono::nanoseconds down{};
  Standing read;
  ASSERT_TRUE(Standing::decode(payload, read, &down));
  EXPECT_EQ(down, std::chrono::seconds(3'600));
  payload.clear();
  standing_.encode(payload);
  ASSERT_TRUE(Standing::decode(payload, read, &down));
  EXPECT_EQ(down, std::chrono::seconds(0));
}

TEST_F(StandingTest, AlternatingListsOfSinksAreTalliedApart) {
  for (std::uint64_t i = 1; i <= 100; ++i) {
    event();
    outcome(lsn_, i % 3 == 0 ? std::vector<std::string_view>{"a", "b"}
                             : std::vector<std::string_view>{"a"});
    if (i % 7 == 0) outcome(lsn_, {});
  }
  EXPECT_EQ(standing_.sinks["a"].routed, 100U);
  EXPECT_EQ(standing_.sinks["b"].routed, 33U);
  EXPECT_EQ(standing_.decided, 114U);
}

TEST_F(StandingTest, ACopyTalliesForItselfAlone) {
  outcome(1, {"a"});
  Standing copy = standing_;
  outcome(2, {"a"});
  EXPECT_EQ(copy.sinks["a"].routed, 1U);
  std::swap(copy, standing_);
  outcome(3, {"a"});
  EXPECT_EQ(copy.sinks["a"].routed, 2U);
  EXPECT_EQ(standing_.sinks["a"].routed, 2U);
}

TEST_F(StandingTest, ACursorMovesItsSinkAndNothingElse) {
  outcome(1, {"file"});
  outcome(2, {"file"});
  SinkStanding said;
  said.low_water = Lsn{1};
  said.delivered_beyond = {Lsn{2}, Lsn{300}, Lsn{70'000}};
  said.delivered = 1;
  said.dead_lettered = 2;
  said.skipped = 3;
  cursor("file", said);
  const SinkStanding& now = standing_.sinks["file"];
  EXPECT_EQ(now.low_water, Lsn{1});
  EXPECT_EQ(now.delivered_beyond, said.delivered_beyond);
  EXPECT_EQ(now.routed, 2U);
  EXPECT_EQ(now.delivered, 1U);
  EXPECT_EQ(now.dead_lettered, 2U);
  EXPECT_EQ(now.skipped, 3U);
  outcome(3, {"file"});
  EXPECT_EQ(standing_.sinks["file"].routed, 3U);
}

TEST_F(StandingTest, WhatACursorCannotNameCountsAsNotAnswered) {
  constexpr std::uint64_t kNamed = 1'024;
  constexpr std::uint64_t kBeyond = 5'000;
  SinkStanding said;
  said.low_water = Lsn{10};
  said.delivered = 3 + kBeyond;
  for (std::uint64_t i = 0; i < kBeyond; ++i) said.delivered_beyond.push_back(Lsn{12 + i});
  cursor("kafka", said);
  const SinkStanding& kept = standing_.sinks.at("kafka");
  EXPECT_EQ(kept.low_water, Lsn{10});
  EXPECT_EQ(kept.delivered, 3 + kNamed);
  ASSERT_EQ(kept.delivered_beyond.size(), kNamed);
  EXPECT_EQ(kept.delivered_beyond.back(), Lsn{11 + kNamed});
}

TEST_F(StandingTest, ASinkFirstHeardOfByAnOutcomeStartsThere) {
  event();
  outcome(1, {"late"});
  EXPECT_EQ(standing_.sinks["late"].low_water, Lsn{1});
}

TEST_F(StandingTest, ACheckpointSaysAllOfItAndReplacesEverything) {
  event();
  outcome(1, {"file", "kafka"});
  SinkStanding said;
  said.low_water = Lsn{2};
  said.delivered = 1;
  for (std::uint64_t i = 0; i < 1'024; ++i) said.delivered_beyond.push_back(Lsn{10 + i * 1'000});
  cursor("file", said);
  standing_.lost = 4;
  standing_.first_wanted = SegmentNumber{5};
  std::vector<std::byte> payload;
  standing_.encode(payload);

  Standing read;
  ASSERT_TRUE(Standing::decode(payload, read));
  EXPECT_EQ(read.last, standing_.last);
  EXPECT_EQ(read.router, standing_.router);
  EXPECT_EQ(read.events, 1U);
  EXPECT_EQ(read.decided, 1U);
  EXPECT_EQ(read.lost, 4U);
  EXPECT_EQ(read.first_wanted, SegmentNumber{5});
  EXPECT_EQ(read.sinks["file"].delivered_beyond, said.delivered_beyond);
  EXPECT_EQ(read.sinks["kafka"].routed, 1U);

  Standing other;
  other.events = 77;
  RecordView record;
  record.type = RecordType::checkpoint;
  record.ref.lsn = Lsn{50};
  record.payload = payload;
  other.apply(record);
  EXPECT_EQ(other.events, 1U);
  EXPECT_EQ(other.last, Lsn{50});
}

TEST_F(StandingTest, WhatCannotBeUnderstoodChangesThePositionOnly) {
  const std::vector<std::byte> rubbish(7, std::byte{0xff});
  apply(RecordType::outcome, rubbish);
  apply(RecordType::cursor, rubbish);
  apply(RecordType::checkpoint, rubbish);
  EXPECT_EQ(standing_.last, Lsn{3});
  EXPECT_EQ(standing_.decided, 0U);
  EXPECT_TRUE(standing_.sinks.empty());
}

TEST_F(StandingTest, ACheckpointCutAtAnyOctetIsRefused) {
  outcome(1, {"file"});
  std::vector<std::byte> payload;
  standing_.encode(payload);
  Standing read;
  for (std::size_t size = 0; size < payload.size(); ++size) {
    EXPECT_FALSE(Standing::decode(base::Bytes(payload).first(size), read)) << size;
  }
}

class OutOfOrder : public StandingTest {
 protected:
  // 64 sinks that have answered 1,024 events each beyond the first, `distance` records apart.
  void make(std::uint64_t distance) {
    for (std::size_t i = 0; i < kMaxSinks; ++i) {
      SinkStanding& sink = standing_.sinks["a-sink-with-quite-a-long-name-" + std::to_string(i)];
      sink.low_water = Lsn{distance};
      sink.delivered = 1'500;
      sink.dead_lettered = 30;
      sink.skipped = 5;
      sink.routed = 9'000;
      for (std::uint64_t n = 0; n < 1'024; ++n) {
        sink.delivered_beyond.push_back(Lsn{distance * (n + 2)});
      }
    }
  }
  Standing written(std::size_t most_bytes = kMaxCheckpointBytes) {
    std::vector<std::byte> payload;
    left_out_ = standing_.encode(payload, std::chrono::seconds(1), most_bytes);
    EXPECT_LE(payload.size(), most_bytes);
    Standing read;
    EXPECT_TRUE(Standing::decode(payload, read));
    EXPECT_EQ(read.sinks.size(), standing_.sinks.size());
    return read;
  }

  std::uint64_t left_out_ = 0;
};

TEST_F(OutOfOrder, SixtyFourSinksAMillionRecordsApartFitWhole) {
  make(1'500'000);
  const Standing read = written();
  EXPECT_EQ(left_out_, 0U);
  for (const auto& [name, sink] : read.sinks) {
    EXPECT_EQ(sink.delivered_beyond, standing_.sinks[name].delivered_beyond);
    EXPECT_EQ(sink.delivered, 1'500U);
  }
}

TEST_F(OutOfOrder, WhatDoesNotFitIsToldAndCountsAsNotAnswered) {
  make(1ULL << 40);
  std::uint64_t missing = 0;
  for (const auto& [name, sink] : written().sinks) {
    const std::size_t kept = sink.delivered_beyond.size();
    const std::uint64_t gone = 1'024 - kept;
    missing += gone;
    EXPECT_GT(kept, 500U) << name;
    EXPECT_TRUE(std::ranges::equal(sink.delivered_beyond,
                                   std::span(standing_.sinks[name].delivered_beyond).first(kept)));
    EXPECT_EQ(sink.delivered, 1'500U - gone);
    EXPECT_EQ(sink.dead_lettered, 30U);
    EXPECT_EQ(sink.skipped, 5U);
    EXPECT_EQ(sink.routed, 9'000U);
    EXPECT_EQ(sink.low_water, standing_.sinks[name].low_water);
  }
  EXPECT_EQ(left_out_, missing);
  EXPECT_GT(left_out_, 0U);
}

TEST_F(OutOfOrder, DeadLettersAmongThoseLeftOutAreTakenBackToo) {
  SinkStanding& sink = standing_.sinks["a"];
  sink.delivered = 3;
  sink.dead_lettered = 1'021;
  for (std::uint64_t n = 0; n < 1'024; ++n) sink.delivered_beyond.push_back(Lsn{10 + n});
  const Standing read = written(300);
  const SinkStanding& said = read.sinks.at("a");
  EXPECT_EQ(said.delivered + said.dead_lettered, said.delivered_beyond.size());
  EXPECT_EQ(left_out_, 1'024 - said.delivered_beyond.size());
}

TEST_F(OutOfOrder, RoomThatOneSinkDoesNotNeedIsForTheOthers) {
  make(100);
  for (auto& [name, sink] : standing_.sinks) sink.delivered_beyond.clear();
  SinkStanding& last = standing_.sinks["z"];
  standing_.sinks.erase(standing_.sinks.begin());
  for (std::uint64_t n = 0; n < 1'024; ++n) last.delivered_beyond.push_back(Lsn{(n + 1) << 40});
  EXPECT_EQ(written().sinks["z"].delivered_beyond.size(), 1'024U);
  EXPECT_EQ(left_out_, 0U);
}

}  // namespace
}  // namespace trapline::gateway::journal
