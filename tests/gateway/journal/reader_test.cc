// Readers: the same records by the same calls, from the ring and from the files.
#include "gateway/journal/reader.h"

#include <random>

#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

class ReaderTest : public SimJournalTest {
 protected:
  ReaderTest() {
    options_.ring_bytes = 16 << 10;
    options_.commit_bytes = 4 << 10;
  }

  // Commits EVENTs "0", "1", ... of about half a kilobyte, several to a commit.
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      append(text_of(written_++));
      if (i % 3 == 2) journal_->commit_step();
      if (i % 30 == 0) journal_->housekeeping_step();
    }
    journal_->commit_step();
  }
  static std::string text_of(int number) { return std::to_string(number) + std::string(500, 'x'); }

  int written_ = 0;
};

TEST_F(ReaderTest, FromTheFilesIntoTheRingWithoutAStep) {
  open();
  fill(1'000);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  int expected = 0;
  for (int round = 0; round < 50; ++round) {
    if (round > 40) fill(2);  // the reader has caught up and follows
    for (const RecordView& record : reader->next(20'000)) {
      ASSERT_EQ(base::as_text(record.payload), text_of(expected++));
    }
    ASSERT_FALSE(reader->gap());
  }
  EXPECT_EQ(expected, written_);
  EXPECT_EQ(reader->position(), journal_->durable());
}

TEST_F(ReaderTest, ABatchIsNoLargerThanAskedForByMoreThanARecord) {
  open();
  fill(300);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  while (true) {
    const auto records = reader->next(2'000);
    if (records.empty()) break;
    EXPECT_LE(records.size(), 4U);
  }
}

TEST_F(ReaderTest, SeekGoesBackAndForthInRingAndFiles) {
  open();
  fill(2'000);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  const auto all = rest_of(*reader);
  ASSERT_EQ(all.size(), 2'000U);
  // LSNs of EVENTs: find them by reading once more.
  std::vector<Lsn> lsns;
  reader->seek(Lsn{});
  for (auto records = reader->next(1 << 16); !records.empty(); records = reader->next(1 << 16)) {
    for (const RecordView& record : records) lsns.push_back(record.ref.lsn);
  }
  ASSERT_EQ(lsns.size(), all.size());
  std::mt19937_64 dice(3);
  for (int round = 0; round < 500; ++round) {
    const std::size_t at = dice() % (lsns.size() - 1);
    reader->seek(lsns[at]);
    const auto records = reader->next(1);
    ASSERT_FALSE(reader->gap());
    ASSERT_EQ(records.size(), 1U);
    ASSERT_EQ(records[0].ref.lsn, lsns[at + 1]);
    ASSERT_EQ(base::as_text(records[0].payload), all[at + 1]);
  }
}

TEST_F(ReaderTest, FetchFindsEveryRecordByItsReference) {
  open();
  fill(1'500);
  const auto reader = journal_->reader(kAllRecords, Lsn{});
  const auto fetcher = journal_->reader(kOutcomesOnly, Lsn{});
  std::size_t fetched = 0;
  fs_.reset_counts();
  while (true) {
    const auto records = reader->next(1 << 16);
    if (records.empty()) break;
    for (const RecordView& record : records) {
      const auto found = fetcher->fetch(record.ref);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->ref, record.ref);
      ASSERT_EQ(found->epoch, record.epoch);
      ASSERT_TRUE(base::equal(found->payload, record.payload));
      ++fetched;
    }
  }
  EXPECT_GT(fetched, 1'500U);
  // Both read pieces, not records.
  EXPECT_LT(fs_.counts().reads, 60U);
}

TEST_F(ReaderTest, FetchGivesNothingForAReferenceThatIsWrong) {
  open();
  fill(500);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  const RecordRef good = reader->next(1).front().ref;
  EXPECT_TRUE(reader->fetch(good));
  EXPECT_FALSE(reader->fetch({good.lsn, good.segment, good.offset + 8}));
  EXPECT_FALSE(reader->fetch({good.lsn.next(), good.segment, good.offset}));
  EXPECT_FALSE(reader->fetch({good.lsn, SegmentNumber{99}, good.offset}));
  EXPECT_FALSE(reader->fetch({Lsn{}, good.segment, good.offset}));
  EXPECT_FALSE(reader->fetch({Lsn{1'000'000}, good.segment, good.offset}));
}

TEST_F(ReaderTest, NothingIsShownBeforeItIsDurable) {
  open();
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  fs_.set_faults({0, 1, 0, FsError::io});
  append("never synced");
  journal_->commit_step();
  EXPECT_TRUE(reader->next(1'000).empty());
  EXPECT_EQ(reader->position(), journal_->durable());
}

TEST_F(ReaderTest, UnwantedRecordsMoveThePositionAndEndNoWait) {
  open();
  const auto reader = journal_->reader(kOutcomesOnly, Lsn{});
  fill(10);
  EXPECT_TRUE(reader->next(1'000).empty());
  EXPECT_EQ(reader->position(), journal_->durable());
  fill(10);
  reader->wait(clock_.boot());  // returns: the deadline is now
  EXPECT_TRUE(reader->next(1'000).empty());
}

TEST_F(ReaderTest, WaitEndsAtOnceWhenSomethingIsThereOrItIsInterrupted) {
  open();
  const auto reader = journal_->reader(kEventsOnly, journal_->durable());
  reader->interrupt();
  reader->wait(clock_.boot() + 1h);
  fill(1);
  reader->wait(clock_.boot() + 1h);
  EXPECT_EQ(reader->next(1'000).size(), 1U);
  journal_->interrupt_readers();
  reader->wait(clock_.boot() + 1h);
}

TEST_F(ReaderTest, AReaderThatFallsFarBehindReadsInPiecesAndHoldsNoCommit) {
  options_.segment_bytes = 1 << 20;
  options_.commit_bytes = 256 << 10;
  open();
  for (int i = 0; i < 4'000; ++i) {
    append(text_of(written_++));
    if (i % 100 == 99) journal_->commit_step();
  }
  fs_.reset_counts();
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  EXPECT_EQ(rest_of(*reader).size(), 4'000U);
  // Two megabytes in pieces of one, and what a piece's end cuts in two is read again.
  EXPECT_LE(fs_.counts().reads, 8U);
  EXPECT_LE(fs_.counts().read_bytes, 5U << 20);
}

TEST_F(ReaderTest, DamageIsAGapOfExactlyWhatIsMissing) {
  open();
  fill(300);
  journal_->housekeeping_step();
  auto image = fs_.content(path_of(1));
  auto reader = journal_->reader(kEventsOnly, Lsn{10});
  const auto before = reader->next(3'000);
  ASSERT_GE(before.size(), 4U);
  const RecordRef hit = before[2].ref;
  const Lsn third = hit.lsn;
  image[hit.offset + 100] ^= std::byte{1};
  reader.reset();
  journal_.reset();
  fs_.put(path_of(1), image);
  open();
  const auto again = journal_->reader(kEventsOnly, Lsn{10});
  std::vector<std::uint64_t> lsns;
  std::uint64_t gaps = 0;
  while (true) {
    const auto records = again->next(1 << 16);
    if (again->gap()) {
      EXPECT_EQ(again->gap()->first, third);
      EXPECT_EQ(again->gap()->last, third);
      ++gaps;
      // The gap lies before the records that come with it.
      EXPECT_TRUE(records.empty() || records.front().ref.lsn > third);
    } else if (records.empty()) {
      break;
    }
    for (const RecordView& record : records) lsns.push_back(record.ref.lsn.value);
  }
  EXPECT_EQ(gaps, 1U);
  EXPECT_TRUE(std::is_sorted(lsns.begin(), lsns.end()));
  EXPECT_EQ(std::count(lsns.begin(), lsns.end(), third.value), 0);
  EXPECT_FALSE(again->fetch(hit));
  EXPECT_GE(journal_->stats().damaged_records, 1U);
}

// Reading where the disk cannot. Time passes between calls, as it does in `wait`.
class UnreadableTest : public ReaderTest {
 protected:
  // Reads to the end, in calls 100 ms apart; records and gaps are counted.
  void read_on(Reader& reader) {
    for (int calls = 0; reader.position() < journal_->durable() && calls < 1'000; ++calls) {
      seen_ += reader.next(1 << 16).size();
      if (const auto& gap = reader.gap()) {
        ++gaps_;
        lost_ += gap->last.value - gap->first.value + 1;
      }
      clock_.advance(100ms);
    }
  }
  [[nodiscard]] std::size_t complaints() const {
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [](const std::string& line) {
          return line.find("journal.unreadable") != std::string::npos;
        }));
  }

  std::uint64_t seen_ = 0;
  std::uint64_t gaps_ = 0;
  std::uint64_t lost_ = 0;
};

TEST_F(UnreadableTest, APassingErrorCostsNothing) {
  open();
  fill(600);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  fs_.set_faults({0, 0, 0, FsError::io, 1});
  for (int calls = 0; calls < 9; ++calls) {
    EXPECT_TRUE(reader->next(1 << 16).empty());
    EXPECT_FALSE(reader->gap());
    EXPECT_FALSE(reader->fetch({Lsn{2}, SegmentNumber{1}, 0}));
    EXPECT_TRUE(reader->fetch_refused());
    clock_.advance(100ms);
  }
  fs_.set_faults({0, 0, 0, FsError::io, 0.3});
  read_on(*reader);
  EXPECT_EQ(gaps_, 0U);
  EXPECT_EQ(seen_, 600U);
  EXPECT_EQ(complaints(), 0U);
  EXPECT_EQ(journal_->stats().damaged_records, 0U);
}

TEST_F(UnreadableTest, ABadSectorCostsWhatIsInItAndIsReported) {
  open();
  fill(600);
  const auto whole = journal_->reader(kEventsOnly, Lsn{});
  const RecordRef before = whole->next(1 << 20)[10].ref;
  fs_.spoil(path_of(1), 20'480, 512);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  read_on(*reader);
  EXPECT_EQ(gaps_, 1U);
  EXPECT_EQ(seen_ + lost_, 600U);
  EXPECT_GT(lost_, 0U);
  // The walk goes on at the next page.
  EXPECT_LE(lost_, 12U);
  EXPECT_EQ(complaints(), 1U);
  EXPECT_EQ(journal_->stats().damaged_records, lost_);
  EXPECT_TRUE(reader->fetch(before));
}

TEST_F(UnreadableTest, AFetchGivesUpAfterASecond) {
  open();
  fill(600);
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  const RecordRef ref = reader->next(1 << 20)[10].ref;
  fs_.spoil(path_of(1), ref.offset, 8);
  for (int calls = 0; calls < 10; ++calls) {
    EXPECT_FALSE(reader->fetch(ref));
    EXPECT_TRUE(reader->fetch_refused());
    clock_.advance(100ms);
  }
  EXPECT_FALSE(reader->fetch(ref));
  EXPECT_FALSE(reader->fetch_refused());
  EXPECT_EQ(complaints(), 1U);
}

TEST_F(UnreadableTest, ADiskThatReadsNothingAnyMoreStallsNobodyForEver) {
  open();
  fill(600);
  fs_.set_faults({0, 0, 0, FsError::io, 1});
  const auto reader = journal_->reader(kEventsOnly, Lsn{});
  read_on(*reader);
  EXPECT_EQ(reader->position(), journal_->durable());
  EXPECT_GT(gaps_, 0U);
}

}  // namespace
}  // namespace trapline::gateway::journal
