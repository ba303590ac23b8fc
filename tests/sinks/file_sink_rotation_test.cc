#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zstd.h>

#include "sinks/file_rotation.h"
#include "sinks/file_sink.h"
#include "sinks/file_sink_compression.h"
#include "tests/sinks/memory_files.h"
#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPath = "/log/events.jsonl";
const std::string kFirstRolled = "/log/events.jsonl.20260101-000000";

std::string decompressed(const std::string& frame) {
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  // A streamed frame does not say how long it is: the tests know it to be short.
  std::string text(size == ZSTD_CONTENTSIZE_UNKNOWN ? (4U << 20) : size, '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), frame.data(), frame.size());
  EXPECT_FALSE(ZSTD_isError(got)) << ZSTD_getErrorName(got);
  text.resize(ZSTD_isError(got) ? 0 : got);
  return text;
}

class FileSinkRotation : public testing::Test {
 protected:
  FileSinkRotation() { files_.set_now(clock_.wall()); }

  void make_open(RotateOptions rotate) {
    sink_.emplace(FileSinkOptions{.path = kPath, .format = EventFormat::json, .rotate = rotate},
                  files_, clock_, protocol::mib::MibIndex::built_in());
    std::string reason;
    EXPECT_TRUE(sink_->open(reason)) << reason;
  }
  void take(int events = 1) {
    for (int i = 0; i < events; ++i) {
      rules::RoutedTrap event = template_.event;
      const std::string id = "gw-1-" + std::to_string(++sequence_);
      event.id = id;
      sink_->take(event, sequence_, answers_);
    }
  }
  void tick() { sink_->tick(clock_.boot(), answers_); }
  void advance(std::chrono::nanoseconds time) {
    clock_.advance(time);
    files_.set_now(clock_.wall());
  }
  static long lines_in(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  }
  std::size_t line_bytes() {
    take();
    sink_->drain(clock_.boot(), answers_);
    return files_.content(kPath).size();
  }

  test_support::FakeClock clock_;
  MemoryFiles files_;
  RecordedAnswers answers_;
  std::optional<FileSink> sink_;
  TestEvent template_{link_down(), ""};
  Sequence sequence_ = 0;
};

TEST_F(FileSinkRotation, BySizeNoFileExceedsTheLimitAndNoLineIsSplit) {
  make_open({});
  const std::size_t line = line_bytes();
  files_.put(kPath, "");
  make_open({.bytes = 5 * line});
  take(8);
  tick();
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, kFirstRolled}));
  EXPECT_EQ(lines_in(files_.content(kFirstRolled)), 5);
  EXPECT_EQ(lines_in(files_.content(kPath)), 3);
  EXPECT_EQ(answers_.through, sequence_ - 3) << "what is rolled is synced";
  EXPECT_EQ(files_.on_disk(kFirstRolled), files_.content(kFirstRolled));
}

TEST_F(FileSinkRotation, ALineLongerThanTheLimitHasAFileOfItsOwn) {
  make_open({.bytes = 1});
  take(3);
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, kFirstRolled, kFirstRolled + ".1"}));
  for (const std::string& name : files_.names()) EXPECT_EQ(lines_in(files_.content(name)), 1);
  EXPECT_EQ(answers_.through, 3U);
}

TEST_F(FileSinkRotation, ByTheHourAndByTheDay) {
  make_open({.every = RotateEvery::hour});
  take();
  tick();
  advance(59min);
  take();
  tick();
  EXPECT_EQ(files_.names().size(), 1U);
  advance(2min);
  tick();
  EXPECT_EQ(files_.names().size(), 1U) << "a quiet file is rolled by the next event";
  take();
  tick();
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, "/log/events.jsonl.20260101-010100"}));
  EXPECT_EQ(lines_in(files_.content(kPath)), 1);
  make_open({.every = RotateEvery::day});
  advance(23h);
  take();
  tick();
  EXPECT_TRUE(files_.exists("/log/events.jsonl.20260102-000100"));
}

TEST_F(FileSinkRotation, AFileOfYesterdayIsRolledAfterARestart) {
  make_open({.every = RotateEvery::day});
  take();
  sink_->drain(clock_.boot(), answers_);
  advance(24h);
  make_open({.every = RotateEvery::day});
  take();
  tick();
  EXPECT_TRUE(files_.exists("/log/events.jsonl.20260102-000000"));
}

TEST_F(FileSinkRotation, AClockThatStepsBackRollsNothing) {
  make_open({.every = RotateEvery::hour});
  advance(2h);
  take();
  tick();
  clock_.step_wall(-90min);
  take();
  tick();
  EXPECT_EQ(files_.names().size(), 1U);
}

TEST_F(FileSinkRotation, TheNewestAreKept) {
  make_open({.bytes = 1, .keep = 2});
  for (int i = 0; i < 5; ++i) {
    take();
    advance(1s);
  }
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, "/log/events.jsonl.20260101-000003",
                                                      "/log/events.jsonl.20260101-000004"}));
}

TEST_F(FileSinkRotation, OtherFilesBesideItAreNotTouched) {
  const std::string others[] = {"/log/events.jsonl.bak", "/log/events.jsonl.20260101",
                                "/log/events.jsonl.20250101-000000.x", "/log/other"};
  for (const std::string& other : others) files_.put(other, "mine");
  make_open({.bytes = 1, .keep = 1});
  take(4);
  sink_->drain(clock_.boot(), answers_);
  for (const std::string& other : others) EXPECT_TRUE(files_.exists(other)) << other;
}

TEST_F(FileSinkRotation, ARenameThatFailsIsRetriedAndLosesNothing) {
  make_open({.bytes = 1});
  take();
  files_.fail_next(FileOperation::rename, std::errc::permission_denied);
  take();
  ASSERT_EQ(answers_.reasons.size(), 1U);
  EXPECT_EQ(answers_.reasons[0], "cannot rename /log/events.jsonl: Permission denied");
  EXPECT_EQ(answers_.through, 1U);
  std::string reason;
  ASSERT_TRUE(sink_->open(reason));
  sequence_ = 1;
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(lines_in(files_.content(kPath)), 1);
  EXPECT_EQ(lines_in(files_.content(kFirstRolled)), 1);
}

TEST_F(FileSinkRotation, KilledAfterRollingTheIdIsInTheRolledFile) {
  make_open({.bytes = 1});
  take(2);
  sink_->drain(clock_.boot(), answers_);
  ASSERT_TRUE(files_.rename(kPath, kFirstRolled + ".1"));
  make_open({.bytes = 1});
  EXPECT_EQ(files_.content(kPath), "");
  EXPECT_EQ(sink_->last_id(), "gw-1-2");
}

TEST_F(FileSinkRotation, RolledFilesAreCompressedOnceTheNextHasSomething) {
  make_open({.bytes = 1, .compress = true});
  take(2);
  sink_->wait_for_compression();
  const std::string rolled = files_.content(kFirstRolled);
  EXPECT_EQ(lines_in(rolled), 1) << "the active file is empty: its id is still wanted";
  sink_->drain(clock_.boot(), answers_);
  sink_->wait_for_compression();
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, kFirstRolled + ".zst"}));
  EXPECT_EQ(decompressed(files_.content(kFirstRolled + ".zst")), rolled);
  EXPECT_EQ(files_.on_disk(kFirstRolled + ".zst"), files_.content(kFirstRolled + ".zst"));
}

TEST_F(FileSinkRotation, CompressedFilesCountAmongThoseKept) {
  make_open({.bytes = 1, .keep = 2, .compress = true});
  for (int i = 0; i < 6; ++i) {
    take();
    sink_->drain(clock_.boot(), answers_);
    sink_->wait_for_compression();
    advance(1s);
  }
  EXPECT_EQ(files_.names(),
            (std::vector<std::string>{kPath, "/log/events.jsonl.20260101-000004.zst",
                                      "/log/events.jsonl.20260101-000005.zst"}));
}

TEST_F(FileSinkRotation, WhatAKilledProcessLeftUncompressedIsCompressed) {
  files_.put(kFirstRolled, "old\n");
  files_.put(kFirstRolled + ".zst.part", "half");
  make_open({.compress = true});
  take();
  sink_->drain(clock_.boot(), answers_);
  sink_->wait_for_compression();
  EXPECT_EQ(files_.names(), (std::vector<std::string>{kPath, kFirstRolled + ".zst"}));
}

TEST(CompressFile, LargeFilesStreamThrough) {
  MemoryFiles files;
  std::string text;
  for (std::uint64_t i = 0; text.size() < (3U << 20); ++i) text += std::to_string(i * 7'919) + "\n";
  files.put("/f", text);
  ASSERT_TRUE(compress_file(files, "/f", std::stop_token()));
  EXPECT_EQ(files.names(), (std::vector<std::string>{"/f.zst"}));
  EXPECT_EQ(decompressed(files.content("/f.zst")), text);
}

TEST(CompressFile, WhateverFailsTheOriginalStays) {
  for (const FileOperation operation :
       {FileOperation::open, FileOperation::read, FileOperation::append, FileOperation::sync,
        FileOperation::rename}) {
    MemoryFiles files;
    files.put("/f", "some text\n");
    files.fail_next(operation, std::errc::io_error);
    EXPECT_FALSE(compress_file(files, "/f", std::stop_token()));
    EXPECT_EQ(files.content("/f"), "some text\n");
    EXPECT_FALSE(files.exists("/f.zst"));
  }
}

TEST(CompressFile, StopsWhenAsked) {
  MemoryFiles files;
  files.put("/f", "some text\n");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(compress_file(files, "/f", stop.get_token()));
  EXPECT_EQ(files.names(), (std::vector<std::string>{"/f"}));
}

TEST(RolledFiles, AreInTheOrderOfTheirTimes) {
  MemoryFiles files;
  for (const char* const name :
       {"/d/a.20260101-000000.10", "/d/a.20260101-000000.9.zst", "/d/a.20260101-000000",
        "/d/a.20251231-235959.99", "/d/a", "/d/b.20260101-000000"}) {
    files.put(name, "");
  }
  const auto rolled = RolledFiles(files, "/d/a").list();
  ASSERT_TRUE(rolled);
  EXPECT_EQ(*rolled,
            (std::vector<std::string>{"/d/a.20251231-235959.99", "/d/a.20260101-000000",
                                      "/d/a.20260101-000000.9.zst", "/d/a.20260101-000000.10"}));
}

}  // namespace
}  // namespace trapline::sinks
