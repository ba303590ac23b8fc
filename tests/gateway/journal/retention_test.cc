// What may be deleted, when, and who notices.
#include "gateway/journal/retention.h"

#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

// Ten segments of a hundred records each: EVENTs and the OUTCOMEs about them, one segment an hour.
class RetentionDecision : public testing::Test {
 protected:
  RetentionDecision() {
    for (std::uint64_t i = 0; i < 10; ++i) {
      SegmentInfo info;
      info.number = SegmentNumber{i + 1};
      info.first = Lsn{i * 100 + 1};
      info.end = Lsn{i * 100 + 101};
      info.file_bytes = 1'000;
      info.totals.last_event = Lsn{i * 100 + 90};
      info.totals.last_outcome = Lsn{i * 100 + 99};
      info.totals.earliest_event = info.number;
      info.totals.last_rule_time = RuleTime{static_cast<std::int64_t>(i) * kHourNs};
      segments_.push_back(info);
    }
    standing_.router = Lsn{999};
    standing_.sinks["file"].low_water = Lsn{999};
    now_ = RuleTime{10 * kHourNs};
  }

  Retention decide() {
    return decide_retention({segments_, standing_, sinks_, now_, keep_, limit_, 1'000, disk_full_});
  }
  [[nodiscard]] std::uint64_t first_wanted() { return decide().first_wanted.value; }

  std::vector<SegmentInfo> segments_;
  Standing standing_;
  std::vector<SinkWish> sinks_{{"file"}};
  RuleTime now_;
  std::chrono::seconds keep_{24h};
  std::uint64_t limit_ = 1'000'000;
  bool disk_full_ = false;
};

TEST_F(RetentionDecision, NothingGoesBeforeItsTime) { EXPECT_EQ(first_wanted(), 1U); }

TEST_F(RetentionDecision, WhatIsOlderThanKeepGoesOnceEverybodyIsPastIt) {
  keep_ = 5h;
  EXPECT_EQ(first_wanted(), 6U);
  standing_.sinks["file"].low_water = Lsn{250};
  EXPECT_EQ(first_wanted(), 3U);
  standing_.router = Lsn{120};
  EXPECT_EQ(first_wanted(), 2U);
}

TEST_F(RetentionDecision, BeyondTheLimitTheOldestThatNobodyNeedsGoWhateverTheirAge) {
  limit_ = 8'000;
  EXPECT_EQ(first_wanted(), 4U);
}

TEST_F(RetentionDecision, TheSegmentBeingWrittenAlwaysStays) {
  limit_ = 0;
  EXPECT_EQ(first_wanted(), 10U);
}

TEST_F(RetentionDecision, ASinkThatPinsTooMuchLosesItsOldest) {
  limit_ = 8'000;
  standing_.sinks["file"].low_water = Lsn{50};
  const Retention verdict = decide();
  EXPECT_EQ(verdict.first_wanted.value, 4U);
  EXPECT_EQ(verdict.skipped, std::vector<std::string>{"file"});
  EXPECT_EQ(verdict.pinned_bytes, 10'000U);
}

TEST_F(RetentionDecision, ARequiredSinkAndTheRouterNeverLoseAnything) {
  limit_ = 8'000;
  sinks_[0].required = true;
  standing_.sinks["file"].low_water = Lsn{150};
  EXPECT_EQ(first_wanted(), 2U);
  standing_.sinks["file"].low_water = Lsn{999};
  standing_.router = Lsn{210};
  EXPECT_EQ(first_wanted(), 3U);
}

TEST_F(RetentionDecision, TheEventsOfOutcomesThatAreStillToBeDeliveredStay) {
  keep_ = 1h;
  standing_.sinks["file"].low_water = Lsn{850};  // in segment 9
  EXPECT_EQ(first_wanted(), 9U);
  segments_[8].totals.earliest_event = SegmentNumber{4};  // decided late
  EXPECT_EQ(first_wanted(), 4U);
}

TEST_F(RetentionDecision, AQuietRouterOrSinkPinsNothing) {
  keep_ = 1h;
  // Only cursors since segment 3.
  for (std::size_t i = 3; i < 10; ++i) {
    segments_[i].totals.last_event = {};
    segments_[i].totals.last_outcome = {};
    segments_[i].totals.earliest_event = {};
  }
  standing_.router = Lsn{290};
  standing_.sinks["file"].low_water = Lsn{299};
  EXPECT_EQ(first_wanted(), 10U);
  EXPECT_EQ(decide().pinned_bytes, 0U);
}

TEST_F(RetentionDecision, AFullDiskCostsNoMoreThanTheRoomForOneSegment) {
  disk_full_ = true;
  EXPECT_EQ(first_wanted(), 2U);
  standing_.sinks["file"].low_water = Lsn{50};
  EXPECT_EQ(first_wanted(), 1U);
}

// The same in a journal that deletes.
class RetentionTest : public SimJournalTest {
 protected:
  RetentionTest() {
    options_.max_bytes = 512 << 10;
    options_.keep = 86'400s;
    options_.ring_bytes = 8 << 10;
  }

  // Commits EVENTs of about a kilobyte, with what the two threads do besides.
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      commit("event " + std::to_string(++written_) + std::string(1'000, ' '));
      for (const RecordView& event : router_->next(1 << 20)) decide(event.ref, named_);
      journal_->housekeeping_step();
      clock_.advance(100ms);
      journal_->commit_step();
      journal_->housekeeping_step();
    }
  }
  void open_routed() {
    open();
    named_.clear();
    for (const SinkWish& sink : options_.sinks) named_.push_back(sink.name);
    router_ = journal_->reader(kEventsOnly, journal_->standing().router);
  }

  // The sink answers everything, then the reserved lane fills up what may be written, and only then
  // does the housekeeper look. What freed the segments must not wait behind what needs them.
  void fill_up_before_housekeeping() {
    SinkStanding cursor;
    cursor.low_water = journal_->standing().last;
    cursor.delivered = journal_->standing().sinks.at("file").routed;
    answer("file", cursor);
    ASSERT_EQ(journal_->standing().sinks.at("file").low_water, cursor.low_water);
    ASSERT_FALSE(journal_->writable());
    Lsn before;
    for (int i = 0; i < 1'000 && before != journal_->durable(); ++i) {
      before = journal_->durable();
      append(std::string(1'000, 'x'), RecordType::cursor, Lane::reserved);
      journal_->commit_step();
    }
    ASSERT_EQ(before, journal_->durable());
  }
  void pass(int tenths) {
    for (int i = 0; i < tenths; ++i) {
      clock_.advance(100ms);
      journal_->housekeeping_step();
      journal_->commit_step();
    }
  }
  [[nodiscard]] std::uint64_t queued() const { return journal_->stats().queued_events; }

  std::unique_ptr<Reader> router_;
  std::vector<std::string_view> named_;  // the sinks that every OUTCOME names
  int written_ = 0;
};

TEST_F(RetentionTest, WithoutReadersTheJournalKeepsToItsSizeAndForgetsTheOldest) {
  open_routed();
  fill(2'000);
  EXPECT_LE(journal_->stats().bytes, options_.max_bytes);
  EXPECT_GE(journal_->stats().bytes, options_.max_bytes / 2);
  EXPECT_TRUE(journal_->writable());
  auto reader = journal_->reader(kEventsOnly, Lsn{});
  const auto records = reader->next(1'000);
  ASSERT_TRUE(reader->gap());
  EXPECT_EQ(reader->gap()->first, Lsn{1});
  ASSERT_TRUE(reader->gap()->behind);
  EXPECT_GT(reader->gap()->behind->events, 1'000U);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front().ref.lsn.value > reader->gap()->last.value, true);

  const Lsn lost = reader->gap()->last;
  reader.reset();
  router_.reset();
  open_routed();
  EXPECT_EQ(journal_->recovered().missing_segments, 0U);
  EXPECT_EQ(journal_->recovered().standing.events, 2'000U);
  const auto again = journal_->reader(kEventsOnly, Lsn{});
  static_cast<void>(again->next(1'000));
  ASSERT_TRUE(again->gap());
  EXPECT_EQ(again->gap()->last, lost);
}

TEST_F(RetentionTest, ADeadSinkSkipsWithACountAndReceptionGoesOn) {
  options_.sinks = {{"file"}};
  open_routed();
  fill(1'500);
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(queued(), 0U);
  const Standing standing = journal_->standing();
  EXPECT_EQ(standing.sinks.at("file").routed, 1'500U);
  // The sink comes back: what it lost is the difference of two totals.
  const auto sink = journal_->reader(kOutcomesOnly, standing.sinks.at("file").low_water);
  std::uint64_t skipped = 0;
  std::uint64_t seen = 0;
  while (true) {
    const auto records = sink->next(1 << 16);
    if (sink->gap()) {
      ASSERT_TRUE(sink->gap()->behind);
      const SinkStanding& then = sink->gap()->behind->sinks.at("file");
      skipped += then.routed - then.delivered - then.dead_lettered - then.skipped;
    } else if (records.empty()) {
      break;
    }
    seen += records.size();
  }
  EXPECT_GT(skipped, 0U);
  EXPECT_EQ(skipped + seen, 1'500U);
  EXPECT_TRUE(std::any_of(lines_.begin(), lines_.end(), [](const std::string& line) {
    return line.find("journal.sink_skips") != std::string::npos;
  }));
}

TEST_F(RetentionTest, ARequiredSinkStopsReceptionAndItsReturnResumesIt) {
  options_.sinks = {{"file", true}};
  open_routed();
  fill(1'500);
  EXPECT_FALSE(journal_->writable());
  EXPECT_THAT(journal_->stats().trouble, testing::HasSubstr("required"));
  EXPECT_LE(journal_->stats().bytes, options_.max_bytes);
  const std::uint64_t waiting = queued();
  EXPECT_GT(waiting, 0U);
  // Everything that was acknowledged is there for the sink, and its cursor gets through.
  SinkStanding cursor;
  for (int round = 0; round < 200 && (!journal_->writable() || queued() != 0); ++round) {
    const auto sink = journal_->reader(kOutcomesOnly, cursor.low_water);
    while (true) {
      const auto records = sink->next(1 << 16);
      ASSERT_FALSE(sink->gap());
      if (records.empty()) break;
      for (const RecordView& record : records) {
        ASSERT_TRUE(sink->fetch(outcome_event(record.payload)));
        ++cursor.delivered;
        cursor.low_water = record.ref.lsn;
      }
    }
    answer("file", cursor);
    for (int i = 0; i < 20; ++i) {
      clock_.advance(100ms);
      journal_->commit_step();
      journal_->housekeeping_step();
    }
    for (const RecordView& event : router_->next(1 << 20)) decide(event.ref, {"file"});
  }
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(queued(), 0U);
  EXPECT_EQ(journal_->standing().events, 1'500U);
}

TEST_F(RetentionTest, AtMaxBytesWhatFreesSegmentsDoesNotWaitForTheRoomItFrees) {
  options_.sinks = {{"file", true}};
  open_routed();
  while (journal_->writable() && written_ < 1'500) fill(1);
  fill_up_before_housekeeping();
  pass(20);
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(queued(), 0U);
  EXPECT_EQ(journal_->stats().queued_bytes, 0U);
  EXPECT_EQ(journal_->standing().events, static_cast<std::uint64_t>(written_));
  EXPECT_LE(journal_->stats().bytes, options_.max_bytes);
}

TEST_F(RetentionTest, OnAFullDiskWhatFreesSegmentsDoesNotWaitForTheRoomItFrees) {
  options_.sinks = {{"file", true}};
  options_.max_bytes = 64 << 20;
  open_routed();
  fs_.set_capacity(512 << 10);
  while (journal_->writable() && written_ < 1'500) fill(1);
  fill_up_before_housekeeping();
  pass(20);
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(journal_->stats().queued_bytes, 0U);
}

TEST_F(RetentionTest, ASinkThatIsRemovedPinsNothingAfterTheNextStart) {
  options_.sinks = {{"file"}, {"gone"}};
  open_routed();
  fill(50);
  EXPECT_GT(journal_->stats().pinned_bytes, 0U);
  router_.reset();
  options_.sinks = {{"file"}};
  open_routed();
  EXPECT_EQ(journal_->standing().sinks.count("gone"), 0U);
  EXPECT_EQ(journal_->standing().sinks.at("file").routed, 50U);
}

TEST_F(RetentionTest, ANewSinkStartsAtThePresentOrAtTheOldest) {
  options_.sinks = {{"file"}};
  open_routed();
  fill(50);
  router_.reset();
  options_.sinks = {{"file"}, {"now"}, {"past", false, true}};
  open_routed();
  const Standing standing = journal_->standing();
  EXPECT_EQ(standing.sinks.at("past").low_water, Lsn{});
  EXPECT_EQ(standing.sinks.at("now").low_water, Lsn{standing.last.value - 1});
  EXPECT_EQ(standing.sinks.at("now").routed, 0U);
}

TEST_F(RetentionTest, WhatIsOlderThanKeepGoes) {
  options_.keep = 60s;
  options_.max_bytes = 64 << 20;
  open_routed();
  fill(3'000);  // five minutes
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  static_cast<void>(reader->next(1));
  ASSERT_TRUE(reader->gap());
  EXPECT_GT(reader->gap()->behind->events, 2'000U);
  EXPECT_LT(reader->gap()->behind->events, 2'450U);
}

TEST_F(RetentionTest, ASegmentThatVanishedIsACountedGap) {
  open_routed();
  fill(200);
  router_.reset();
  journal_.reset();
  fs_.remove(path_of(2));
  open_routed();
  EXPECT_EQ(journal_->recovered().missing_segments, 1U);
  EXPECT_EQ(journal_->recovered().standing.events, 200U);
  const auto texts = all_events();
  EXPECT_EQ(std::count_if(texts.begin(), texts.end(),
                          [](const std::string& text) { return text.starts_with("gap "); }),
            1);
}

}  // namespace
}  // namespace trapline::gateway::journal
