// What `trapline journal ls|dump|verify` are made of.
#include "gateway/journal/inspect.h"

#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

class InspectTest : public SimJournalTest {
 protected:
  void SetUp() override {
    open();
    while (fs_.content(path_of(3)).empty()) {
      commit(std::to_string(++written_) + std::string(700, 'x'));
      journal_->housekeeping_step();
    }
    commit(std::to_string(++written_));
  }

  int written_ = 0;
};

TEST_F(InspectTest, ListsSegmentsInOrderBesideARunningGateway) {
  const auto segments = list_segments(fs_, options_.directory);
  ASSERT_TRUE(segments);
  ASSERT_EQ(segments->size(), 3U);
  std::uint64_t events = 0;
  Lsn expected{1};
  for (const SegmentSummary& segment : *segments) {
    EXPECT_TRUE(segment.readable);
    EXPECT_EQ(segment.node, "n1");
    EXPECT_EQ(segment.first, expected);
    EXPECT_EQ(segment.sealed, segment.number.value != 3);
    EXPECT_EQ(segment.totals.records, segment.last.value - segment.first.value + 1);
    expected = segment.last.next();
    events += segment.totals.events;
  }
  EXPECT_EQ(events, static_cast<std::uint64_t>(written_));
  EXPECT_EQ(expected, journal_->durable().next());
}

TEST_F(InspectTest, VisitsEveryRecordOnceInOrder) {
  Lsn expected{1};
  int events = 0;
  ASSERT_TRUE(visit_records(fs_, options_.directory, Lsn{},
                            [&](const SegmentSummary& segment, const RecordView& record) {
                              EXPECT_EQ(record.ref.lsn, expected);
                              EXPECT_EQ(record.ref.segment, segment.number);
                              expected = expected.next();
                              events += record.type == RecordType::event ? 1 : 0;
                              return true;
                            }));
  EXPECT_EQ(expected, journal_->durable().next());
  EXPECT_EQ(events, written_);
  std::uint64_t visited = 0;
  ASSERT_TRUE(visit_records(fs_, options_.directory, Lsn{10},
                            [&](const SegmentSummary&, const RecordView& record) {
                              EXPECT_EQ(record.ref.lsn.value, 11 + visited);
                              return ++visited < 5;
                            }));
  EXPECT_EQ(visited, 5U);
}

TEST_F(InspectTest, AHealthyJournalVerifiesWithoutAFinding) {
  const auto result = verify_journal(fs_, options_.directory);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->findings.empty());
  EXPECT_EQ(result->segments, 3U);
  EXPECT_EQ(result->records, journal_->durable().value);
  EXPECT_EQ(result->missing_records, 0U);
}

TEST_F(InspectTest, OneFlippedBitIsFoundWhereverItIs) {
  const auto intact = fs_.content(path_of(1));
  for (std::size_t at = kDataOffset; at < intact.size() - 400; at += 1'999) {
    auto image = intact;
    image[at] ^= std::byte{0x10};
    fs_.put(path_of(1), image);
    const auto result = verify_journal(fs_, options_.directory);
    ASSERT_TRUE(result);
    // A bit of padding is nobody's.
    if (result->findings.empty()) {
      EXPECT_EQ(result->missing_records, 0U);
      continue;
    }
    EXPECT_EQ(result->findings.front().file, segment_file_name(SegmentNumber{1}));
    EXPECT_LE(result->missing_records, 1U);
  }
}

TEST_F(InspectTest, AMissingSegmentAndAFileThatIsNoneAreFindings) {
  fs_.remove(path_of(2));
  auto result = verify_journal(fs_, options_.directory);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->findings.size(), 1U);
  EXPECT_GT(result->missing_records, 10U);
  fs_.put(path_of(2), std::vector<std::byte>(100));
  result = verify_journal(fs_, options_.directory);
  EXPECT_EQ(result->findings.size(), 2U);
}

TEST_F(InspectTest, ADirectoryThatIsNotThereIsAnEmptyList) {
  const auto segments = list_segments(fs_, "/nowhere");
  ASSERT_TRUE(segments);
  EXPECT_TRUE(segments->empty());
}

}  // namespace
}  // namespace trapline::gateway::journal
