// Starting again: after a crash, after damage, with a long backlog, on another day.
#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

class RecoveryTest : public SimJournalTest {
 protected:
  // Commits EVENTs of half a kilobyte until the segment with this number is being written, and
  // `more` after it.
  void fill_to_segment(std::uint64_t number, int more = 0) {
    while (fs_.content(path_of(number)).empty()) fill(1);
    fill(more);
  }
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      commit(std::to_string(++written_) + std::string(500, 'x'));
      journal_->housekeeping_step();
    }
  }
  // Ends as a killed process does.
  void kill() {
    journal_.reset();
    fs_.process_died();
  }

  int written_ = 0;
};

TEST_F(RecoveryTest, AnEmptyDirectoryIsAJournalWithNothingInIt) {
  open();
  EXPECT_EQ(journal_->recovered().segments, 0U);
  EXPECT_EQ(journal_->recovered().standing.events, 0U);
  EXPECT_EQ(journal_->durable(), Lsn{1});  // the first CHECKPOINT
}

TEST_F(RecoveryTest, ATornTailIsCutOffSilently) {
  open();
  fill(10);
  kill();
  auto image = fs_.content(path_of(1));
  const std::vector<std::byte> rubbish(300, std::byte{0x5a});
  const auto end = std::find(image.rbegin(), image.rend(), std::byte{'x'}).base();
  const auto data_end = (end - image.begin() + 7) / 8 * 8;
  std::copy(rubbish.begin(), rubbish.end(), image.begin() + data_end);
  fs_.put(path_of(1), image);
  open();
  EXPECT_EQ(journal_->recovered().truncated_bytes, 304U);
  EXPECT_EQ(journal_->recovered().damaged_bytes, 0U);
  EXPECT_EQ(all_events().size(), 10U);
}

TEST_F(RecoveryTest, ATailThatCannotBeReadForAMomentIsNotTorn) {
  for (int run = 0; run < 20; ++run) {
    open();
    fill(10);
    kill();
    fs_.set_faults({.read = 0.2});
    std::string message;
    auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    fs_.set_faults({});
    if (opened) journal_ = std::move(*opened);
    kill();
  }
  open();
  EXPECT_EQ(all_events().size(), 200U);
}

TEST_F(RecoveryTest, ASegmentThatCannotBeReadIsNotCut) {
  open();
  fill(10);
  kill();
  const auto before = fs_.content(path_of(1));
  fs_.spoil(path_of(1), 8'192, 20'000);
  open();
  EXPECT_EQ(fs_.content(path_of(1)).size(), before.size());
  EXPECT_THAT(lines_, testing::Contains(testing::HasSubstr("journal.unreadable")));
}

TEST_F(RecoveryTest, DamageBetweenWholeFramesIsCopiedToQuarantineAndCounted) {
  open();
  fill(10);
  kill();
  auto image = fs_.content(path_of(1));
  std::fill_n(image.begin() + 10'000, 600, std::byte{0});
  fs_.put(path_of(1), image);
  open();
  EXPECT_GT(journal_->recovered().damaged_bytes, 600U);
  const auto quarantined = fs_.list(options_.directory + "/quarantine");
  ASSERT_TRUE(quarantined);
  EXPECT_EQ(quarantined->size(), 1U);
  EXPECT_GE(all_events().size(), 8U);
  // It is told once: afterwards the segment is sealed, and readers see the gap.
  open();
  EXPECT_EQ(journal_->recovered().damaged_bytes, 0U);
}

TEST_F(RecoveryTest, WhatAFailedSyncLeftBehindIsSupersededByTheNextSegment) {
  open();
  fill(3);
  fs_.set_faults({0, 1, 0, FsError::io});
  append("written twice");
  journal_->commit_step();
  fs_.set_faults({});
  clock_.advance(1s);
  journal_->commit_step();
  EXPECT_EQ(all_events().size(), 4U);
  const auto events = all_events();
  kill();
  open();
  EXPECT_EQ(all_events(), events);
  EXPECT_EQ(journal_->recovered().standing.events, 4U);
}

TEST_F(RecoveryTest, ADamagedCheckpointMeansReadingFromTheOneBefore) {
  open();
  fill_to_segment(3, 20);
  const std::uint64_t events = journal_->standing().events;
  journal_.reset();
  for (const std::uint64_t number : {2, 3}) {
    auto image = fs_.content(path_of(number));
    image[kDataOffset + kFrameHeaderBytes + kRecordHeaderBytes + 2] ^= std::byte{1};
    fs_.put(path_of(number), image);
  }
  open();
  EXPECT_EQ(journal_->recovered().standing.events, events);
  EXPECT_EQ(all_events().size(), events + 2);  // two gaps are told, of a CHECKPOINT each
}

TEST_F(RecoveryTest, AnEventLostToDamageWhoseOutcomeIsFoundIsStillCounted) {
  open();
  fill(1);
  const auto router = journal_->reader(kEventsOnly, Lsn{});
  const RecordRef event = router->next(1).front().ref;
  decide(event, {"file"});
  fill(3);
  const Standing before = journal_->standing();
  auto image = fs_.content(path_of(1));
  image[event.offset + kRecordHeaderBytes + 1] ^= std::byte{1};
  fs_.put(path_of(1), image);
  options_.sinks = {{"file"}};
  {
    // A journal that was killed: its lock is gone, its files are not closed.
    fs_.process_died();
    std::string message;
    const auto again = Journal::open(options_, fs_, clock_, random_, log_, message);
    ASSERT_TRUE(again) << message;
    EXPECT_EQ((*again)->recovered().standing.events, before.events);
    EXPECT_EQ((*again)->recovered().standing.decided, before.decided);
  }
}

TEST_F(RecoveryTest, AFileThatIsNoSegmentGoesToQuarantine) {
  open();
  fill_to_segment(2, 5);
  journal_.reset();
  fs_.put(path_of(2), std::vector<std::byte>(70'000, std::byte{7}));
  open();
  EXPECT_EQ(journal_->recovered().missing_segments, 0U);
  EXPECT_EQ(
      fs_.content(options_.directory + "/quarantine/" + segment_file_name(SegmentNumber{2})).size(),
      70'000U);
  // Its number is not used again.
  fill(1);
  EXPECT_FALSE(fs_.content(path_of(3)).empty());
}

TEST_F(RecoveryTest, ASegmentCutShortBeforeItsSuccessorIsAGapAndNotTheEnd) {
  open();
  fill_to_segment(3, 5);
  const std::uint64_t events = journal_->standing().events;
  journal_.reset();
  auto image = fs_.content(path_of(2));
  image.resize(image.size() / 2);
  fs_.put(path_of(2), image);
  open();
  EXPECT_EQ(journal_->recovered().standing.events, events);
  const auto texts = all_events();
  EXPECT_EQ(std::count_if(texts.begin(), texts.end(),
                          [](const std::string& text) { return text.starts_with("gap "); }),
            1);
  EXPECT_LT(texts.size(), events);
}

// Ten gigabytes of backlog, scaled down: 160 segments, of which only headers, footers, the newest
// CHECKPOINT and what nobody sealed are read before serving.
TEST_F(RecoveryTest, ALongBacklogCostsAFewSmallReadsPerSegment) {
  open();
  fill_to_segment(160, 20);
  journal_.reset();
  clock_.advance(10min);  // the duplicate window is another matter
  fs_.reset_counts();
  open();
  const test_support::SimCounts counts = fs_.counts();
  EXPECT_EQ(journal_->recovered().segments, 160U);
  const std::uint64_t per_segment = kHeaderBytes + kTrailerBytes + kFooterBytes;
  EXPECT_LE(counts.reads, 160U * 3 + 20);
  EXPECT_LE(counts.read_bytes, 160U * per_segment + 5 * options_.segment_bytes);
  EXPECT_LE(journal_->recovered().scanned_bytes, 160U * per_segment + options_.segment_bytes);
  EXPECT_EQ(all_events().size(), static_cast<std::size_t>(written_));
}

TEST_F(RecoveryTest, InformsOfTheDuplicateWindowAreRememberedAndOlderOnesAreNot) {
  open();
  const auto inform = [this](std::uint64_t digest) {
    std::string payload(100, '\0');
    std::memcpy(payload.data() + 64, &digest, sizeof digest);
    commit(payload);
  };
  inform(1);
  clock_.advance(100s);
  inform(2);
  commit(std::string(100, '\0'));  // a trap
  const base::WallTime received = clock_.wall();
  for (int start = 0; start < 2; ++start) {  // from a scan, then from a footer
    clock_.advance(30s);
    open();
    ASSERT_EQ(journal_->recovered().informs.size(), start == 0 ? 2U : 1U);
    EXPECT_EQ(journal_->recovered().informs.back().digest, (InformDigest{2, 0}));
    EXPECT_EQ(journal_->recovered().informs.back().received, received);
  }
  clock_.advance(150s);
  open();
  EXPECT_TRUE(journal_->recovered().informs.empty());
}

TEST_F(RecoveryTest, TheNodeIdIsKeptUntilTheConfigurationNamesOne) {
  options_.default_node = "host-a";
  open();
  EXPECT_EQ(journal_->node(), "host-a");
  options_.default_node = "host-b";
  open();
  EXPECT_EQ(journal_->node(), "host-a");
  options_.node = "chosen";
  open();
  EXPECT_EQ(journal_->node(), "chosen");
  options_.node.clear();
  open();
  EXPECT_EQ(journal_->node(), "chosen");
}

TEST_F(RecoveryTest, ABadNodeIdIsRefusedWithWhatIsAllowed) {
  for (const std::string& node :
       std::vector<std::string>{"a.b", "a b", "ä", std::string(33, 'n')}) {
    options_.node = node;
    std::string message;
    const auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    ASSERT_FALSE(opened) << node;
    EXPECT_EQ(opened.error(), OpenError::bad_node);
    EXPECT_THAT(message, testing::HasSubstr("A-Z"));
  }
}

TEST_F(RecoveryTest, RuleTimeNeverGoesBackThoughTheWallClockDoes) {
  open();
  RuleTime last;
  for (int start = 0; start < 4; ++start) {
    for (int i = 0; i < 5; ++i) {
      commit("event");
      clock_.advance(1s);
      clock_.step_wall(-1h);
    }
    auto reader = journal_->reader(kAllRecords, Lsn{});
    last = {};
    for (auto records = reader->next(1 << 20); !records.empty(); records = reader->next(1 << 20)) {
      for (const RecordView& record : records) {
        EXPECT_GE(record.rule_time, last);
        last = record.rule_time;
      }
    }
    reader.reset();
    open();
  }
}

TEST_F(RecoveryTest, ManyStartsLeaveSmallFilesAndUseWhatWasPrepared) {
  for (int start = 0; start < 20; ++start) {
    open();
    fill(1);
  }
  EXPECT_EQ(journal_->standing().events, 20U);
  EXPECT_LT(journal_->stats().bytes, 20U * 10'000 + options_.segment_bytes);
  const std::uint64_t writes = fs_.counts().writes;
  while (journal_->housekeeping_step() < clock_.boot() + 1s) {}
  open();
  // The next segment was there already: header twice, footer, last frame, CHECKPOINT.
  EXPECT_LE(fs_.counts().writes - writes, 8U);
}

TEST_F(RecoveryTest, TheDirectoryIsLockedAgainstASecondGateway) {
  open();
  std::string message;
  const auto second = Journal::open(options_, fs_, clock_, random_, log_, message);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), OpenError::locked);
}

}  // namespace
}  // namespace trapline::gateway::journal
