// A disk that fails or fills up: nothing is acknowledged that is not stored, and work resumes by
// itself.
#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRoomy = std::uint64_t{1} << 50;

class DiskTroubleTest : public SimJournalTest {
 protected:
  // Lets both threads' work happen as it would in this time.
  void pass(std::chrono::milliseconds time) {
    for (auto passed = 0ms; passed < time; passed += 10ms) {
      clock_.advance(10ms);
      if (journal_->commit_step() <= clock_.boot()) journal_->commit_step();
      if (++ticks_ % 10 == 0) journal_->housekeeping_step();
    }
  }
  [[nodiscard]] std::size_t lines_with(std::string_view id) const {
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(),
        [id](const std::string& line) { return line.find(id) != std::string::npos; }));
  }

 private:
  int ticks_ = 0;
};

TEST_F(DiskTroubleTest, AFailedSyncIsNeverRetriedOnTheSameFile) {
  open();
  commit("before");
  fs_.set_faults({0, 1, 0, FsError::io});
  bool acknowledged = false;
  append_acknowledged("kept", acknowledged);
  journal_->commit_step();
  EXPECT_FALSE(acknowledged);
  EXPECT_FALSE(journal_->writable());
  EXPECT_EQ(journal_->durable(), Lsn{2});
  fs_.set_faults({});
  pass(500ms);
  EXPECT_TRUE(acknowledged);
  EXPECT_TRUE(journal_->writable());
  EXPECT_EQ(journal_->stats().segments, 2U);
  EXPECT_EQ(all_events(), (std::vector<std::string>{"before", "kept"}));
  fs_.power_cycle();
  open();
  EXPECT_EQ(all_events(), (std::vector<std::string>{"before", "kept"}));
}

TEST_F(DiskTroubleTest, OneFailureIsOverWithTheNextSegmentAndNobodyNotices) {
  open();
  commit("before");
  // The first sync fails, those of the new segment do not.
  int attempts = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    fs_.set_faults({0, 0.2, 0, FsError::io});
    bool acknowledged = false;
    append_acknowledged("event " + std::to_string(seed), acknowledged);
    const std::uint64_t failed = journal_->stats().failed_syncs;
    journal_->commit_step();
    if (journal_->stats().failed_syncs != failed && acknowledged) ++attempts;
    fs_.set_faults({});
    pass(600ms);
    EXPECT_TRUE(acknowledged);
  }
  EXPECT_GT(attempts, 0);
  EXPECT_EQ(all_events().size(), 41U);
}

TEST_F(DiskTroubleTest, WhileNothingCanBeStoredTheQueueIsBoundedAndNobodyWaits) {
  options_.queue_bytes = 10'000;
  open();
  fs_.set_faults({1, 1, 1, FsError::io});
  bool acknowledged = false;
  append_acknowledged(std::string(5'000, 'a'), acknowledged);
  journal_->commit_step();
  EXPECT_TRUE(journal_->wait_for_room(Lane::reception, 1'000, clock_.boot() + 1h));
  EXPECT_FALSE(journal_->wait_for_room(Lane::reception, 6'000, clock_.boot() + 1h));
  EXPECT_TRUE(journal_->wait_for_room(Lane::reserved, 6'000, clock_.boot()));
  pass(60s);
  EXPECT_FALSE(acknowledged);
  EXPECT_EQ(journal_->stats().queued_events, 1U);
  EXPECT_EQ(lines_with("journal.not_writable"), 1U);
  EXPECT_LE(journal_->stats().segments, 2U);
  fs_.set_faults({});
  pass(1s);
  EXPECT_TRUE(acknowledged);
  EXPECT_EQ(lines_with("id=journal.writable"), 1U);
  EXPECT_TRUE(journal_->wait_for_room(Lane::reception, 6'000, clock_.boot()));
}

TEST_F(DiskTroubleTest, AFullDiskStopsAcknowledgingAndResumesWithinFiveSeconds) {
  open();
  bool first_acknowledged = false;
  append_acknowledged("first", first_acknowledged);
  pass(2s);
  ASSERT_TRUE(first_acknowledged);
  fs_.set_capacity(1);  // a stranger has taken the rest
  std::vector<std::unique_ptr<bool>> answers;
  std::size_t appended = 0;
  while (journal_->writable() && appended < 1'000) {
    answers.push_back(std::make_unique<bool>(false));
    append_acknowledged(std::string(1'000, 'x'), *answers.back());
    ++appended;
    pass(50ms);
  }
  ASSERT_FALSE(journal_->writable());
  EXPECT_THAT(journal_->stats().trouble, testing::HasSubstr("free space"));
  // What is left of the space still takes decisions and cursors.
  answer("kafka", {});
  EXPECT_EQ(journal_->standing().sinks.count("kafka"), 1U);
  const std::size_t unanswered = static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return !*answer; }));
  EXPECT_GE(unanswered, 1U);
  pass(30s);
  EXPECT_FALSE(*answers.back());
  EXPECT_EQ(lines_with("journal.not_writable"), 1U);

  fs_.set_capacity(kRoomy);
  pass(5s);
  EXPECT_TRUE(journal_->writable());
  EXPECT_TRUE(
      std::all_of(answers.begin(), answers.end(), [](const auto& answer) { return *answer; }));
  EXPECT_EQ(all_events().size(), appended + 1);
}

TEST_F(DiskTroubleTest, NoAcknowledgementIsEverLostToFailingSyncs) {
  for (const double probability : {0.01, 0.1, 1.0}) {
    open();
    const std::size_t before = all_events().size();
    std::vector<std::unique_ptr<bool>> answers;
    fs_.set_faults({probability, probability, 0, FsError::io});
    for (int i = 0; i < 300; ++i) {
      answers.push_back(std::make_unique<bool>(false));
      append_acknowledged("event " + std::to_string(i), *answers.back());
      pass(20ms);
    }
    const std::size_t acknowledged = static_cast<std::size_t>(
        std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return *answer; }));
    EXPECT_EQ(acknowledged == 0, probability == 1.0);
    journal_.reset();
    fs_.set_faults({});
    fs_.power_cycle();
    open();
    EXPECT_GE(all_events().size(), before + acknowledged);
  }
}

TEST_F(DiskTroubleTest, OpeningSaysWhatToDoWhenTheDiskIsFull) {
  fs_.set_capacity(10'000);
  std::string message;
  const auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(), OpenError::no_space);
  EXPECT_THAT(message, testing::HasSubstr("free space"));
}

}  // namespace
}  // namespace trapline::gateway::journal
