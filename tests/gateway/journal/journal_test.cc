// The journal as a whole, on the machine's file system.
#include "gateway/journal/journal.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/journal/posix_fs.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seeded_random.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

constexpr RecordMask kEvents = mask_of(RecordType::event);

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    options_.directory = directory_.path() + "/journal";
    options_.default_node = "n1";
    options_.segment_bytes = 256 << 10;
    options_.max_bytes = 16 << 20;
  }

  void open() {
    std::string message;
    journal_.reset();
    auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    ASSERT_TRUE(opened) << message;
    journal_ = std::move(*opened);
  }

  void append(std::string_view text, RecordType type = RecordType::event, bool urgent = true) {
    auto batch = journal_->new_batch();
    const auto payload = batch->add(type, text.size(), clock_.wall());
    std::copy_n(base::as_bytes(text).data(), text.size(), payload.data());
    batch->urgent = urgent;
    journal_->append(Lane::reception, std::move(batch));
  }

  std::vector<std::string> read_all(Reader& reader) {
    std::vector<std::string> texts;
    while (true) {
      const auto records = reader.next(1 << 16);
      if (records.empty() && !reader.gap()) return texts;
      if (reader.gap()) texts.push_back("<gap>");
      for (const RecordView& record : records) texts.emplace_back(base::as_text(record.payload));
    }
  }

  test_support::ScratchDirectory directory_;
  PosixFs fs_;
  test_support::FakeClock clock_;
  test_support::SeededRandom random_{1};
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, base::Log::to_stderr()};
  JournalOptions options_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalTest, WhatWasCommittedIsReadFromTheRingAndAfterReopeningFromTheFiles) {
  open();
  for (int i = 0; i < 100; ++i) {
    append("event " + std::to_string(i));
    journal_->commit_step();
  }
  const auto texts = read_all(*journal_->reader(kEvents, Lsn{}));
  ASSERT_EQ(texts.size(), 100U);
  EXPECT_EQ(texts.front(), "event 0");
  EXPECT_EQ(journal_->stats().file_reads, 0U);

  open();
  EXPECT_EQ(journal_->recovered().standing.events, 100U);
  EXPECT_EQ(journal_->recovered().segments, 1U);
  EXPECT_EQ(read_all(*journal_->reader(kEvents, Lsn{})), texts);
  EXPECT_GT(journal_->stats().file_reads, 0U);
}

TEST_F(JournalTest, SegmentsFollowEachOtherAndReadersDoNotNotice) {
  options_.ring_bytes = 64 << 10;
  open();
  const std::string text(10'000, 'x');
  for (int i = 0; i < 200; ++i) {
    append(text + std::to_string(i));
    journal_->commit_step();
    journal_->housekeeping_step();
  }
  EXPECT_GE(journal_->stats().segments, 7U);
  const auto texts = read_all(*journal_->reader(kEvents, Lsn{}));
  ASSERT_EQ(texts.size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(texts[i], text + std::to_string(i));
  open();
  EXPECT_EQ(journal_->recovered().standing.events, 200U);
  EXPECT_EQ(read_all(*journal_->reader(kEvents, Lsn{})).size(), 200U);
}

TEST_F(JournalTest, TrapsWaitForCompanyAndInformsDoNot) {
  open();
  append("trap", RecordType::event, false);
  const auto due = journal_->commit_step();
  EXPECT_EQ(due, clock_.boot() + 5ms);
  EXPECT_EQ(journal_->stats().queued_events, 1U);
  append("inform");
  journal_->commit_step();
  EXPECT_EQ(journal_->stats().queued_events, 0U);
  EXPECT_EQ(read_all(*journal_->reader(kEvents, Lsn{})),
            (std::vector<std::string>{"trap", "inform"}));
  append("second trap", RecordType::event, false);
  journal_->commit_step();
  EXPECT_EQ(journal_->stats().queued_events, 1U);
  clock_.advance(5ms);
  journal_->commit_step();
  EXPECT_EQ(journal_->stats().queued_events, 0U);
}

TEST_F(JournalTest, ASecondGatewayIsRefusedWithWhatToDo) {
  open();
  std::string message;
  const auto second = Journal::open(options_, fs_, clock_, random_, log_, message);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), OpenError::locked);
  EXPECT_THAT(message, testing::HasSubstr("another gateway"));
}

}  // namespace
}  // namespace trapline::gateway::journal
