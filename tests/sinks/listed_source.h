// A source whose outcomes a test has listed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sinks/outcome_source.h"

namespace trapline::sinks {

// Hands out what was added, in order; LSNs count from 1 and every third record is for somebody
// else. Retention can take the oldest away. The cursor saved last survives a `restart`.
class ListedSource final : public OutcomeSource {
 public:
  // `event` is what every event looks like, but for its id; it must outlive the source.
  explicit ListedSource(const rules::RoutedTrap& event) : event_(event) {}

  // Adds events, with the ids "gw-1-<n>" counted from 1.
  void add(int events) {
    for (int i = 0; i < events; ++i) {
      if (records_.size() % 3 == 2) records_.emplace_back();
      records_.push_back("gw-1-" + std::to_string(++events_));
    }
  }
  // Adds records that are for other sinks.
  void add_foreign(int records) {
    records_.resize(records_.size() + static_cast<std::size_t>(records));
  }
  // Retention removes everything up to `lsn`.
  void remove_through(std::uint64_t lsn) { first_lsn_ = lsn + 1; }
  // A new process reads on from the saved cursor.
  void restart() { position_ = saved_.low_water_lsn; }
  // How many events there are up to `lsn`.
  [[nodiscard]] std::uint64_t events_through(std::uint64_t lsn) const { return count(1, lsn); }
  [[nodiscard]] int added() const { return events_; }

  Next next(rules::RoutedTrap& event, std::uint64_t& outcome_lsn) override {
    ++calls;
    if (position_ + 1 < first_lsn_) {
      gap_events_ = count(position_ + 1, first_lsn_ - 1);
      position_ = first_lsn_ - 1;
      return Next::gap;
    }
    while (position_ < records_.size()) {
      const std::string& id = records_[position_++];
      if (id.empty()) continue;
      event = event_;
      event.id = id;
      outcome_lsn = position_;
      return Next::event;
    }
    return Next::end;
  }
  [[nodiscard]] std::uint64_t gap_events() const override { return gap_events_; }
  [[nodiscard]] std::uint64_t position_lsn() const override { return position_; }
  void rewind(const SinkCursor& cursor) override { position_ = cursor.low_water_lsn; }
  std::uint64_t skip_to_present() override {
    const std::uint64_t skipped = count(position_ + 1, records_.size());
    position_ = records_.size();
    return skipped;
  }
  void wait(base::BootTime) override { ++waits; }
  void interrupt() override { ++interrupts; }
  [[nodiscard]] SinkCursor cursor() const override { return saved_; }
  // As the journal does: those beyond that a record cannot name count as not answered.
  void save(const SinkCursor& cursor) override {
    saved_ = cursor;
    EXPECT_EQ(cursor.delivered + cursor.dead_lettered + cursor.skipped,
              events_through(cursor.low_water_lsn) + cursor.answered_beyond.size());
    if (cursor.answered_beyond.size() > kMaxAnsweredBeyond) {
      saved_.answered_beyond.resize(kMaxAnsweredBeyond);
      saved_.delivered -= cursor.answered_beyond.size() - kMaxAnsweredBeyond;
    }
    ++saves;
  }

  int calls = 0;
  int waits = 0;
  int interrupts = 0;
  int saves = 0;

 private:
  [[nodiscard]] std::uint64_t count(std::uint64_t first, std::uint64_t last) const {
    std::uint64_t events = 0;
    for (std::uint64_t lsn = first; lsn <= last; ++lsn) events += records_[lsn - 1].empty() ? 0 : 1;
    return events;
  }

  const rules::RoutedTrap& event_;
  std::vector<std::string> records_;  // by LSN - 1; empty when not for this sink
  int events_ = 0;
  std::uint64_t first_lsn_ = 1;
  std::uint64_t position_ = 0;
  std::uint64_t gap_events_ = 0;
  SinkCursor saved_;
};

}  // namespace trapline::sinks
