// Decisions that a command offers to a sink, as its worker sees them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/journal/outcome_record.h"
#include "gateway/journal/record.h"
#include "protocol/decode.h"
#include "sinks/outcome_source.h"

namespace trapline::gateway {

// A queue that keeps what was offered until the worker's cursor is behind it. LSNs count what was
// offered, from 1. One thread, but for `interrupt`.
class OfferedOutcomes final : public sinks::OutcomeSource {
 public:
  // Takes a decision and the EVENT it is about, copied; false when it cannot be read.
  [[nodiscard]] bool offer(const journal::Outcome& outcome, const journal::RecordView& event,
                           std::string_view id);
  // How many were offered.
  [[nodiscard]] std::uint64_t offered() const { return first_ + kept_.size() - 1; }
  // Octets of what is kept.
  [[nodiscard]] std::size_t kept_bytes() const { return kept_bytes_; }

  Next next(rules::RoutedTrap& event, std::uint64_t& outcome_lsn) override;
  [[nodiscard]] std::uint64_t gap_events() const override { return 0; }
  [[nodiscard]] std::uint64_t position_lsn() const override { return position_; }
  void rewind(const sinks::SinkCursor& cursor) override { position_ = cursor.low_water_lsn; }
  std::uint64_t skip_to_present() override { return 0; }
  void wait(base::BootTime deadline) override;
  void interrupt() override;
  [[nodiscard]] sinks::SinkCursor cursor() const override { return cursor_; }
  void save(const sinks::SinkCursor& cursor) override;

 private:
  struct Offered {
    std::vector<std::byte> outcome;
    std::vector<std::byte> event;  // as encode_kept_event gives it
  };

  std::deque<Offered> kept_;
  std::uint64_t first_ = 1;  // the LSN of the first kept
  std::uint64_t position_ = 0;
  std::size_t kept_bytes_ = 0;
  sinks::SinkCursor cursor_;
  journal::OutcomeScratch outcome_scratch_;
  protocol::DecodeScratch decode_scratch_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool interrupted_ = false;  // guarded by mutex_
};

}  // namespace trapline::gateway
