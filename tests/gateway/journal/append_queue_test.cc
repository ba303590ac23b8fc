// Which batches make the next commit, and when.
#include "gateway/journal/append_queue.h"

#include <gtest/gtest.h>

#include "gateway/journal/ring.h"
#include "tests/support/fake_clock.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

class AppendQueueTest : public testing::Test {
 protected:
  static JournalOptions options() {
    JournalOptions options;
    options.queue_bytes = 100'000;
    options.reserved_bytes = 50'000;
    options.commit_bytes = 40'000;
    return options;
  }
  void append(Lane lane, std::size_t bytes, bool urgent = false) {
    auto batch = std::make_unique<AppendBatch>();
    batch->add(RecordType::event, bytes, {});
    batch->urgent = urgent;
    queue_.append(lane, std::move(batch));
  }
  std::size_t take(bool reserved_only = false) {
    taken_.clear();
    queue_.take(reserved_only, taken_);
    return taken_.size();
  }

  test_support::FakeClock clock_;
  AppendQueue queue_{options(), clock_};
  std::vector<std::unique_ptr<AppendBatch>> taken_;
};

TEST_F(AppendQueueTest, AnEmptyQueueIsNeverDue) {
  EXPECT_EQ(queue_.due(false), base::BootTime::max());
}

TEST_F(AppendQueueTest, TrapsAreDueFiveMillisecondsAfterTheFirstOfThem) {
  append(Lane::reception, 100);
  const base::BootTime first = clock_.boot();
  clock_.advance(3ms);
  append(Lane::reserved, 100);
  EXPECT_EQ(queue_.due(false), first + 5ms);
  take();
  append(Lane::reception, 100);
  EXPECT_EQ(queue_.due(false), clock_.boot() + 5ms);
}

TEST_F(AppendQueueTest, AnInformIsDueAtOnceAndTakesEverythingWithIt) {
  append(Lane::reception, 100);
  append(Lane::reserved, 100);
  append(Lane::reception, 100, true);
  EXPECT_LE(queue_.due(false), clock_.boot());
  EXPECT_EQ(take(), 3U);
  EXPECT_EQ(queue_.due(false), base::BootTime::max());
}

TEST_F(AppendQueueTest, AQuarterOfACommitIsDueAtOnce) {
  append(Lane::reception, 9'000);
  EXPECT_GT(queue_.due(false), clock_.boot());
  append(Lane::reception, 2'000);
  EXPECT_LE(queue_.due(false), clock_.boot());
}

TEST_F(AppendQueueTest, ACommitIsBoundedAndBothLanesGetTheirShare) {
  for (int i = 0; i < 20; ++i) append(Lane::reception, 5'000);
  for (int i = 0; i < 20; ++i) append(Lane::reserved, 2'000);
  EXPECT_EQ(take(), 3U + 12U);
  std::size_t bytes = 0;
  for (const auto& batch : taken_) bytes += batch->bytes().size();
  EXPECT_LE(bytes, 40'000U);
  // A batch larger than a commit goes alone.
  AppendQueue other(options(), clock_);
  auto large = std::make_unique<AppendBatch>();
  large->add(RecordType::event, 60'000, {});
  other.append(Lane::reception, std::move(large));
  taken_.clear();
  other.take(false, taken_);
  EXPECT_EQ(taken_.size(), 1U);
}

TEST_F(AppendQueueTest, WhileReceptionIsHeldBackOnlyTheReservedLaneIsLookedAt) {
  append(Lane::reception, 100, true);
  EXPECT_EQ(queue_.due(true), base::BootTime::max());
  append(Lane::reserved, 100, true);
  EXPECT_LE(queue_.due(true), clock_.boot());
  EXPECT_EQ(take(true), 1U);
  EXPECT_EQ(take(false), 1U);
}

TEST_F(AppendQueueTest, RoomIsTakenUntilTheCommitIsDoneAndEachLaneHasItsOwn) {
  append(Lane::reception, 60'000);
  EXPECT_FALSE(queue_.wait_for_room(Lane::reception, 50'000, clock_.boot()));
  EXPECT_TRUE(queue_.wait_for_room(Lane::reserved, 50'000, clock_.boot()));
  EXPECT_EQ(queue_.figures().events, 1U);
  take();
  EXPECT_FALSE(queue_.wait_for_room(Lane::reception, 50'000, clock_.boot()));
  EXPECT_EQ(queue_.figures().events, 1U);
  queue_.done();
  EXPECT_TRUE(queue_.wait_for_room(Lane::reception, 50'000, clock_.boot()));
  EXPECT_EQ(queue_.figures().events, 0U);
}

TEST_F(AppendQueueTest, ABatchLargerThanALaneGetsInWhenTheLaneIsEmpty) {
  EXPECT_TRUE(queue_.wait_for_room(Lane::reception, 1'000'000, clock_.boot()));
}

TEST(AppendBatch, RecordsAreAlignedAndTheirPaddingIsZero) {
  AppendBatch batch;
  for (std::size_t size = 0; size < 40; ++size) {
    const std::size_t before = batch.bytes().size();
    const auto payload = batch.add(RecordType::event, size, {});
    ASSERT_EQ(payload.size(), size);
    std::fill(payload.begin(), payload.end(), std::byte{0xff});
    ASSERT_EQ(batch.bytes().size() - before, kRecordHeaderBytes + (size + 7) / 8 * 8);
    for (std::size_t at = before + kRecordHeaderBytes + size; at < batch.bytes().size(); ++at) {
      ASSERT_EQ(batch.bytes()[at], std::byte{0});
    }
  }
  EXPECT_EQ(batch.record_count(), 40U);
  EXPECT_EQ(batch.event_count(), 40U);
  batch.clear();
  EXPECT_TRUE(batch.empty());
}

// A commit of one batch with one record.
std::unique_ptr<Commit> commit_of(Ring& ring, BatchPool& pool, std::uint64_t lsn) {
  auto commit = ring.blank();
  auto batch = pool.take();
  batch->add(RecordType::event, 1'000, {});
  commit->first = Lsn{lsn};
  commit->slots.push_back({batch->bytes().data(), 8'224, RecordType::event});
  commit->batches.push_back(std::move(batch));
  return commit;
}

TEST(Ring, TheOldestLeaveAndAPinnedOneKeepsItsOctets) {
  BatchPool pool(1 << 20);
  Ring ring(20'000, pool);
  ring.publish(commit_of(ring, pool, 1));
  const PinnedCommit first = ring.pin(Lsn{1});
  ASSERT_TRUE(first);
  const std::byte* const record = first->slots[0].record;
  for (std::uint64_t lsn = 2; lsn <= 200; ++lsn) ring.publish(commit_of(ring, pool, lsn));
  EXPECT_FALSE(ring.pin(Lsn{1}));
  EXPECT_TRUE(ring.pin(Lsn{200}));
  EXPECT_TRUE(ring.pin(Lsn{195}));
  EXPECT_FALSE(ring.pin(Lsn{201}));
  EXPECT_LE(ring.memory_bytes(), 20'000U);
  EXPECT_EQ(first->slots[0].record, record);
  EXPECT_EQ(first->batches.size(), 1U);
}

}  // namespace
}  // namespace trapline::gateway::journal
