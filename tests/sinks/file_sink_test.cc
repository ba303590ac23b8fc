#include "sinks/file_sink.h"

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sinks/event_json.h"
#include "tests/sinks/memory_files.h"
#include "tests/sinks/recorded_answers.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPath = "/log/events.jsonl";

class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() { files_.set_now(clock_.wall()); }

  FileSink& make(FileSinkOptions options) {
    sink_.emplace(std::move(options), files_, clock_, protocol::mib::MibIndex::built_in());
    return *sink_;
  }
  FileSink& make_open(FileSinkOptions options = {.path = kPath, .format = {}, .rotate = {}}) {
    make(std::move(options));
    EXPECT_TRUE(open());
    return *sink_;
  }
  bool open() {
    reason_.clear();
    return sink_->open(reason_);
  }
  // Gives the sink the next event, whose id ends in its number.
  void take() {
    ++number_;
    const std::string id = "gw-1-" + std::to_string(number_);
    rules::RoutedTrap event = template_.event;
    event.id = id;
    sink_->take(event, ++sequence_, answers_);
  }
  void tick() { sink_->tick(clock_.boot(), answers_); }
  void tick_after(std::chrono::nanoseconds time) {
    clock_.advance(time);
    files_.set_now(clock_.wall());
    tick();
  }
  // The numbers of the events in a file, in order. Every line must be a whole one.
  std::vector<int> numbers_in(const std::string& text) {
    std::vector<int> numbers;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const auto event = nlohmann::json::parse(line, nullptr, false);
      EXPECT_FALSE(event.is_discarded()) << line;
      if (event.is_discarded()) break;
      numbers.push_back(std::stoi(event.at("id").get<std::string>().substr(5)));
    }
    return numbers;
  }
  std::vector<int> numbers() { return numbers_in(files_.content(kPath)); }
  // One line of the file, with its newline.
  std::string line(int number) {
    rules::RoutedTrap event = template_.event;
    const std::string id = "gw-1-" + std::to_string(number);
    event.id = id;
    std::string out;
    append_event_json(event, protocol::mib::MibIndex::built_in(), out);
    return out + "\n";
  }

  test_support::FakeClock clock_;
  MemoryFiles files_;
  RecordedAnswers answers_;
  std::optional<FileSink> sink_;
  std::string reason_;
  TestEvent template_{link_down(), ""};
  int number_ = 0;
  Sequence sequence_ = 0;
};

TEST_F(FileSinkTest, WritesOncePerTickAndDeliversAfterTheSync) {
  make_open();
  for (int i = 0; i < 10; ++i) take();
  EXPECT_EQ(files_.content(kPath), "");
  tick();
  EXPECT_EQ(files_.count(FileOperation::append), 1);
  EXPECT_EQ(numbers().size(), 10U);
  EXPECT_EQ(answers_.through, 0U);
  EXPECT_EQ(sink_->next_tick(), clock_.boot() + 1s);
  tick_after(999ms);
  EXPECT_EQ(answers_.through, 0U);
  tick_after(1ms);
  EXPECT_EQ(answers_.through, 10U);
  EXPECT_EQ(files_.on_disk(kPath), files_.content(kPath));
  EXPECT_EQ(sink_->next_tick(), base::BootTime::max());
}

TEST_F(FileSinkTest, WhatComesAfterTheFirstUnsyncedLineDoesNotPutTheSyncOff) {
  make_open();
  take();
  tick();
  for (int i = 0; i < 10; ++i) {
    take();
    tick_after(100ms);
  }
  EXPECT_EQ(answers_.through, 11U);
}

TEST_F(FileSinkTest, WithoutAnIntervalEachTickSyncs) {
  make_open({.path = kPath, .format = {}, .rotate = {}, .fsync = 0ms});
  take();
  tick();
  EXPECT_EQ(answers_.through, 1U);
}

TEST_F(FileSinkTest, DrainSyncsAtOnce) {
  make_open();
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(answers_.through, 1U);
  EXPECT_EQ(files_.on_disk(kPath), files_.content(kPath));
}

TEST_F(FileSinkTest, MuchIsWrittenBeforeTheTick) {
  make_open();
  for (int i = 0; i < 1'000; ++i) take();
  EXPECT_GT(files_.content(kPath).size(), 500'000U);
  tick();
  EXPECT_EQ(numbers().size(), 1'000U);
}

TEST_F(FileSinkTest, TellsTheLastIdAndContinuesBehindIt) {
  files_.put(kPath, line(1) + line(2));
  make_open();
  EXPECT_EQ(sink_->last_id(), "gw-1-2");
  number_ = 2;
  take();
  tick();
  EXPECT_EQ(numbers(), (std::vector<int>{1, 2, 3}));
}

TEST_F(FileSinkTest, KilledAtAnyByteTheLastWholeLineCounts) {
  const std::string whole = line(1) + line(2) + line(3);
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    files_.put(kPath, whole.substr(0, length));
    make_open();
    const std::size_t lines = length / line(1).size();
    EXPECT_EQ(numbers().size(), lines);
    if (lines == 0) {
      EXPECT_EQ(sink_->last_id(), std::nullopt);
    } else {
      EXPECT_EQ(sink_->last_id(), "gw-1-" + std::to_string(lines));
    }
  }
}

TEST_F(FileSinkTest, WhatPowerLossLeftOfZerosIsCutOff) {
  const std::string zeros(100'000, '\0');
  files_.put(kPath, line(1) + line(2) + "{\"schema\":1" + zeros + "}\n" + zeros);
  make_open();
  EXPECT_EQ(sink_->last_id(), "gw-1-2");
  EXPECT_EQ(numbers(), (std::vector<int>{1, 2}));
  files_.put(kPath, zeros);
  make_open();
  EXPECT_EQ(files_.content(kPath), "");
  EXPECT_EQ(sink_->last_id(), std::nullopt);
}

TEST_F(FileSinkTest, AFileThatIsNotOursIsLeftAlone) {
  for (const char* const content : {"root:x:0:0:", "{ \"a\": 1 }", "[1]\n", "{\"schemA\":"}) {
    files_.put(kPath, content);
    make({.path = kPath, .format = {}, .rotate = {}});
    EXPECT_FALSE(open());
    EXPECT_EQ(files_.content(kPath), content);
    EXPECT_NE(reason_.find("was not written by this sink"), std::string::npos) << reason_;
  }
}

TEST_F(FileSinkTest, AMissingDirectoryIsNamed) {
  make({.path = kPath, .format = {}, .rotate = {}});
  files_.fail_next(FileOperation::open, std::errc::no_such_file_or_directory);
  EXPECT_FALSE(open());
  EXPECT_EQ(reason_, "cannot open /log/events.jsonl: the directory /log is missing");
  EXPECT_TRUE(open());
}

TEST_F(FileSinkTest, AFailedWriteIsCutOffAndRetried) {
  make_open();
  take();
  sink_->drain(clock_.boot(), answers_);
  take();
  files_.fail_next(FileOperation::append, std::errc::no_space_on_device);
  tick();
  ASSERT_EQ(answers_.reasons.size(), 1U);
  EXPECT_EQ(answers_.reasons[0], "cannot write to /log/events.jsonl: No space left on device");
  EXPECT_EQ(answers_.through, 1U);
  EXPECT_EQ(numbers(), (std::vector<int>{1}));
  ASSERT_TRUE(open());
  number_ = 1;
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(numbers(), (std::vector<int>{1, 2}));
  EXPECT_EQ(answers_.through, sequence_);
}

TEST_F(FileSinkTest, AfterAFailedSyncNothingUnsyncedIsBelieved) {
  make_open();
  take();
  sink_->drain(clock_.boot(), answers_);
  take();
  take();
  tick();
  files_.fail_next(FileOperation::sync, std::errc::io_error);
  tick_after(1s);
  EXPECT_EQ(answers_.reasons.size(), 1U);
  EXPECT_EQ(answers_.through, 1U);
  ASSERT_TRUE(open());
  number_ = 1;
  take();
  take();
  sink_->drain(clock_.boot(), answers_);
  files_.lose_power();
  EXPECT_EQ(numbers_in(files_.content(kPath)), (std::vector<int>{1, 2, 3}));
}

TEST_F(FileSinkTest, ACutThatFailsIsTriedAgainWhenOpening) {
  make_open();
  take();
  tick();
  files_.fail_next(FileOperation::sync, std::errc::io_error);
  bool broken = true;
  files_.set_fault([&](FileOperation operation, const std::string&) -> std::optional<std::errc> {
    if (broken && operation == FileOperation::truncate) return std::errc::io_error;
    return std::nullopt;
  });
  tick_after(1s);
  EXPECT_EQ(numbers().size(), 1U);
  EXPECT_FALSE(open());
  broken = false;
  ASSERT_TRUE(open());
  EXPECT_EQ(numbers().size(), 0U);
}

TEST_F(FileSinkTest, LinesThatCouldNotBeSyncedWhenOpeningGiveNoId) {
  files_.put(kPath, line(1));
  make({.path = kPath, .format = {}, .rotate = {}});
  files_.fail_next(FileOperation::sync, std::errc::io_error);
  EXPECT_FALSE(open());
  ASSERT_TRUE(open());
  EXPECT_EQ(sink_->last_id(), std::nullopt);
}

TEST_F(FileSinkTest, AFullDiskEndsInWholeLinesAndGoesOnWhenThereIsRoom) {
  make_open();
  take();
  sink_->drain(clock_.boot(), answers_);
  files_.set_room(line(2).size() + 10);
  take();
  take();
  tick();
  EXPECT_EQ(answers_.reasons.size(), 1U);
  EXPECT_EQ(numbers(), (std::vector<int>{1}));
  files_.set_room(1'000'000);
  ASSERT_TRUE(open());
  number_ = 1;
  take();
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(numbers(), (std::vector<int>{1, 2, 3}));
}

TEST_F(FileSinkTest, ReopenSyncsTheOldFileAndGoesOnInTheNew) {
  make_open();
  take();
  ASSERT_TRUE(files_.rename(kPath, "/log/moved"));
  take();
  sink_->reopen();
  tick();
  EXPECT_EQ(answers_.through, 2U);
  EXPECT_EQ(numbers_in(files_.on_disk("/log/moved")), (std::vector<int>{1, 2}));
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(numbers(), (std::vector<int>{3}));
  EXPECT_TRUE(answers_.reasons.empty());
}

TEST_F(FileSinkTest, WithoutReopenAMovedFileGoesOnGrowing) {
  make_open();
  ASSERT_TRUE(files_.rename(kPath, "/log/moved"));
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_FALSE(files_.exists(kPath));
  EXPECT_EQ(numbers_in(files_.content("/log/moved")), (std::vector<int>{1}));
}

TEST_F(FileSinkTest, AReopenThatFailsIsRetried) {
  make_open();
  take();
  sink_->reopen();
  files_.fail_next(FileOperation::open, std::errc::permission_denied);
  tick();
  EXPECT_EQ(answers_.through, 1U);
  ASSERT_EQ(answers_.reasons.size(), 1U);
  EXPECT_EQ(answers_.reasons[0], "cannot open /log/events.jsonl: Permission denied");
  tick();  // closed: nothing happens
  EXPECT_TRUE(open());
}

TEST_F(FileSinkTest, AFileEmptiedByCopytruncateIsAppendedTo) {
  make_open();
  take();
  take();
  sink_->drain(clock_.boot(), answers_);
  {
    const auto file = files_.open(kPath, FileMode::append);
    ASSERT_TRUE(file && (*file)->truncate(0));
  }
  take();
  files_.fail_next(FileOperation::append, std::errc::io_error);
  tick();
  ASSERT_TRUE(open());
  EXPECT_EQ(files_.content(kPath).find('\0'), std::string::npos);
  number_ = 2;
  take();
  sink_->drain(clock_.boot(), answers_);
  EXPECT_EQ(numbers(), (std::vector<int>{3}));
}

TEST_F(FileSinkTest, StandardOutputIsDeliveredWhenWritten) {
  make_open({.path = "-", .format = EventFormat::text, .rotate = {.bytes = 10}});
  take();
  take();
  tick();
  EXPECT_EQ(answers_.through, 2U);
  EXPECT_EQ(files_.count(FileOperation::sync), 0);
  EXPECT_EQ(sink_->last_id(), std::nullopt);
  EXPECT_TRUE(files_.output().ends_with("id=gw-1-2\n")) << files_.output();
  take();
  files_.fail_next(FileOperation::append, std::errc::timed_out);
  tick();
  ASSERT_EQ(answers_.reasons.size(), 1U);
  EXPECT_TRUE(open());
}

TEST_F(FileSinkTest, TextFilesResumeByTheIdAtTheEnd) {
  make_open({.path = kPath, .format = EventFormat::text, .rotate = {}});
  take();
  take();
  sink_->drain(clock_.boot(), answers_);
  const std::string whole = files_.content(kPath);
  files_.put(kPath, whole + whole.substr(0, 50));
  make_open({.path = kPath, .format = EventFormat::text, .rotate = {}});
  EXPECT_EQ(sink_->last_id(), "gw-1-2");
  EXPECT_EQ(files_.content(kPath), whole);
}

TEST_F(FileSinkTest, SnmptrapdFilesHaveNoIds) {
  make_open({.path = kPath, .format = EventFormat::snmptrapd, .rotate = {}});
  take();
  sink_->drain(clock_.boot(), answers_);
  const std::string whole = files_.content(kPath);
  EXPECT_TRUE(whole.ends_with("GigabitEthernet0/7\n"));
  files_.put(kPath, whole + "2026-01-01 00:0");
  make_open({.path = kPath, .format = EventFormat::snmptrapd, .rotate = {}});
  EXPECT_EQ(sink_->last_id(), std::nullopt);
  EXPECT_EQ(files_.content(kPath), whole);
}

TEST(FileSinkIds, AreReadFromLines) {
  EXPECT_EQ(id_in_line(EventFormat::json, R"({"schema":1,"id":"a-1-2","time":"x"})"), "a-1-2");
  EXPECT_EQ(id_in_line(EventFormat::json, R"({"schema":1,"id":"","time":"x"})"), std::nullopt);
  EXPECT_EQ(id_in_line(EventFormat::json, R"({"schema":1,"id":"a)"), std::nullopt);
  EXPECT_EQ(id_in_line(EventFormat::json, "something else"), std::nullopt);
  EXPECT_EQ(id_in_line(EventFormat::text, "t info a=\" id=b\" id=a-1-2"), "a-1-2");
  EXPECT_EQ(id_in_line(EventFormat::text, ""), std::nullopt);
}

}  // namespace
}  // namespace trapline::sinks
