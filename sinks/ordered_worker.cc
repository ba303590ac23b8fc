#include "sinks/ordered_worker.h"

#include <algorithm>

namespace trapline::sinks {
namespace {

// Behind a cursor that was saved a moment ago there are at most a window of events and what was
// answered since. An id that is not among so many is not ahead.
constexpr std::uint64_t kLookAheadWindows = 2;

}  // namespace

OrderedWorker::OrderedWorker(const SinkWorkerOptions& options, Sink& sink, OutcomeSource& source,
                             const base::Clock& clock, base::Random& random)
    : SinkWorker(options, sink, source, clock, random), window_(options.window_events) {
  publish();
}

std::uint64_t OrderedWorker::in_hand() const { return window_.size() + (gap_ ? gap_->events : 0); }

// Looks ahead for the event that the destination holds already; when it is there, goes on behind
// it, else where the cursor stands.
void OrderedWorker::resume() {
  const std::optional<std::string> id = sink_.last_id();
  if (!id) return;
  const std::uint64_t most = kLookAheadWindows * options_.window_events;
  std::uint64_t skipped = 0;
  for (std::uint64_t events = 0; events < most;) {
    std::uint64_t lsn = 0;
    const OutcomeSource::Next next = source_.next(event_, lsn);
    if (next == OutcomeSource::Next::end) break;
    if (next == OutcomeSource::Next::gap) {
      skipped += source_.gap_events();
      continue;
    }
    ++events;
    if (event_.id != *id) continue;
    cursor_.delivered += events;
    cursor_.skipped += skipped;
    cursor_.low_water_lsn = lsn;
    return;
  }
  source_.rewind(cursor_);
}

// Gives the sink up to a batch of events. True when there may be more.
bool OrderedWorker::hand_over_batch(base::BootTime /*now*/) {
  for (std::uint32_t i = 0; i < options_.batch_events && !window_.full(); ++i) {
    std::uint64_t lsn = 0;
    switch (source_.next(event_, lsn)) {
      case OutcomeSource::Next::end: since_present_ = 0; return false;
      case OutcomeSource::Next::gap: meet_gap(); break;
      case OutcomeSource::Next::event:
        ++since_present_;
        ++handed_over_;
        sink_.take(event_, window_.add(lsn), *this);
        if (retry_asked()) return true;
        break;
    }
  }
  return true;
}

void OrderedWorker::meet_gap() {
  const std::uint64_t before = gap_ ? gap_->events : 0;
  gap_ = PendingGap{window_.last_sequence(), before + source_.gap_events(), source_.position_lsn()};
  if (window_.empty()) credit_gap();
}

void OrderedWorker::credit_gap() {
  cursor_.skipped += gap_->events;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, gap_->end_lsn);
  gap_.reset();
}

void OrderedWorker::after_tick() {
  if (!options_.skip_when_behind_events) return;
  if (since_present_ <= *options_.skip_when_behind_events || !window_.empty()) return;
  cursor_.skipped += source_.skip_to_present();
  since_present_ = 0;
}

void OrderedWorker::delivered_through(Sequence last) {
  const DeliveryWindow::Answered answered = window_.answer_through(last);
  if (answered.events == 0) return;
  cursor_.delivered += answered.events;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, answered.last_lsn);
  if (gap_ && last >= gap_->behind) credit_gap();
  note_delivery();
}

// With nothing in hand, what was read past is done with, whoever it was for.
void OrderedWorker::update_cursor() {
  if (!window_.empty()) return;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, source_.position_lsn());
}

void OrderedWorker::forget_in_hand() {
  window_.clear();
  gap_.reset();
  source_.rewind(cursor_);
}

}  // namespace trapline::sinks
