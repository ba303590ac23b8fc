// A journal on a simulated disk, for tests of one matter each.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/segment_format.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::gateway::journal {

inline constexpr RecordMask kEventsOnly = mask_of(RecordType::event);
inline constexpr RecordMask kOutcomesOnly = mask_of(RecordType::outcome);
inline constexpr RecordMask kAllRecords = ~RecordMask{0};

// Runs a piece of a test when its batch is durable.
class CallWhenDurable final : public DurableAction {
 public:
  explicit CallWhenDurable(std::function<void(Lsn)> call) : call_(std::move(call)) {}
  void durable(Lsn first) override { call_(first); }

 private:
  const std::function<void(Lsn)> call_;
};

// Small segments, a clock that stands still, no threads. Lines of the log are kept.
class SimJournalTest : public testing::Test {
 protected:
  SimJournalTest() {
    options_.directory = "/data/journal";
    options_.default_node = "n1";
    options_.segment_bytes = 64 << 10;
    options_.max_bytes = 64 << 20;
    options_.ring_bytes = 1 << 20;
  }

  // Opens the journal (again); the test fails if that fails.
  void open() {
    journal_.reset();
    std::string message;
    auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    ASSERT_TRUE(opened) << message;
    journal_ = std::move(*opened);
  }

  // Appends one record whose payload is `text`.
  void append(std::string_view text, RecordType type = RecordType::event,
              Lane lane = Lane::reception) {
    auto batch = journal_->new_batch();
    const auto payload = batch->add(type, text.size(), clock_.wall());
    std::copy_n(base::as_bytes(text).data(), text.size(), payload.data());
    batch->urgent = true;
    journal_->append(lane, std::move(batch));
  }
  // Appends and commits one EVENT.
  void commit(std::string_view text) {
    append(text);
    journal_->commit_step();
  }
  // Appends an EVENT that sets `acknowledged` when it is durable.
  void append_acknowledged(std::string_view text, bool& acknowledged) {
    auto batch = journal_->new_batch();
    const auto payload = batch->add(RecordType::event, text.size(), clock_.wall());
    std::copy_n(base::as_bytes(text).data(), text.size(), payload.data());
    batch->urgent = true;
    batch->action =
        std::make_unique<CallWhenDurable>([&acknowledged](Lsn) { acknowledged = true; });
    journal_->append(Lane::reception, std::move(batch));
  }
  // Commits an OUTCOME that sends the EVENT to the sinks.
  void decide(const RecordRef& event, std::vector<std::string_view> sinks) {
    Outcome outcome;
    outcome.event = event;
    outcome.sinks = sinks;
    auto batch = journal_->new_batch();
    encode_outcome(outcome, batch->add(RecordType::outcome, outcome_bytes(outcome), clock_.wall()));
    batch->urgent = true;
    journal_->append(Lane::reserved, std::move(batch));
    journal_->commit_step();
  }
  // Commits a CURSOR.
  void answer(std::string_view sink, const SinkStanding& cursor) {
    std::vector<std::byte> payload;
    encode_cursor(sink, cursor, payload);
    append(base::as_text(payload), RecordType::cursor, Lane::reserved);
    journal_->commit_step();
  }

  // Everything a reader gives from where it stands, as text; a gap as "gap A-B".
  static std::vector<std::string> rest_of(Reader& reader, std::size_t max_bytes = 1 << 16) {
    std::vector<std::string> texts;
    while (true) {
      const auto records = reader.next(max_bytes);
      if (const auto& gap = reader.gap()) {
        texts.push_back("gap " + std::to_string(gap->first.value) + "-" +
                        std::to_string(gap->last.value));
      } else if (records.empty()) {
        return texts;
      }
      for (const RecordView& record : records) texts.emplace_back(base::as_text(record.payload));
    }
  }
  std::vector<std::string> all_events() { return rest_of(*journal_->reader(kEventsOnly, Lsn{})); }

  // The path of a segment's file.
  [[nodiscard]] std::string path_of(std::uint64_t number) const {
    return options_.directory + "/" + segment_file_name(SegmentNumber{number});
  }

  test_support::SimFs fs_{1};
  test_support::FakeClock clock_;
  test_support::SeededRandom random_{1};
  std::vector<std::string> lines_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::info, clock_,
                 [this](std::string_view line) { lines_.emplace_back(line); }};
  JournalOptions options_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace trapline::gateway::journal
