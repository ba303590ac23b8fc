#include "gateway/commands/offered_outcomes.h"

#include <algorithm>

#include "gateway/journal/event_record.h"

namespace trapline::gateway {

bool OfferedOutcomes::offer(const journal::Outcome& outcome, const journal::RecordView& event,
                            std::string_view id) {
  protocol::TrapMessage message;
  if (!journal::decode_event(event, decode_scratch_, message)) return false;
  journal::Outcome copy = outcome;
  copy.id = id;
  copy.kept_event = {};
  Offered& offered = kept_.emplace_back();
  offered.outcome.resize(journal::outcome_bytes(copy));
  journal::encode_outcome(copy, offered.outcome);
  journal::encode_kept_event(event, offered.event);
  kept_bytes_ += offered.outcome.size() + offered.event.size();
  return true;
}

sinks::OutcomeSource::Next OfferedOutcomes::next(rules::RoutedTrap& event,
                                                 std::uint64_t& outcome_lsn) {
  if (position_ == offered()) return Next::end;
  const Offered& offered = kept_[position_ + 1 - first_];
  outcome_lsn = ++position_;
  journal::Outcome outcome;
  const auto record = journal::kept_record(offered.event);
  // Both were read when they were offered.
  (void)journal::decode_outcome(offered.outcome, outcome_scratch_, outcome);
  if (record) (void)journal::decode_event(*record, decode_scratch_, event.message);
  event.verdict = outcome.verdict;
  event.id = outcome.id;
  return Next::event;
}

void OfferedOutcomes::wait(base::BootTime deadline) {
  const auto left = deadline - base::SystemClock().boot();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, left, [this] { return interrupted_; });
  interrupted_ = false;
}

void OfferedOutcomes::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  changed_.notify_all();
}

void OfferedOutcomes::save(const sinks::SinkCursor& cursor) {
  cursor_ = cursor;
  for (; !kept_.empty() && first_ <= cursor.low_water_lsn; ++first_) {
    kept_bytes_ -= kept_.front().outcome.size() + kept_.front().event.size();
    kept_.pop_front();
  }
}

}  // namespace trapline::gateway
