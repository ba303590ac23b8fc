#include "sinks/sink_worker.h"

#include <algorithm>
#include <utility>

namespace trapline::sinks {
namespace {

// Behind a cursor that was saved a moment ago there are at most a window of events and what was
// answered since. An id that is not among so many is not ahead.
constexpr std::uint64_t kLookAheadWindows = 2;

// A low-water mark that moved by less, with nothing delivered, is not worth a record: the record
// itself would move it.
constexpr std::uint64_t kLsnsWorthSaving = 4'096;

constexpr std::chrono::hours kLongestPause{1};

}  // namespace

std::string_view name_of(SinkState state) {
  switch (state) {
    case SinkState::starting: return "starting";
    case SinkState::running: return "running";
    case SinkState::waiting: return "waiting";
  }
  return "unknown";
}

SinkWorker::SinkWorker(const SinkWorkerOptions& options, Sink& sink, OutcomeSource& source,
                       const base::Clock& clock, base::Random& random)
    : options_(options),
      sink_(sink),
      source_(source),
      clock_(clock),
      retry_policy_(random),
      window_(options.window_events),
      cursor_(source.cursor()),
      saved_(cursor_) {
  publish();
}

SinkWorker::Rest SinkWorker::step(base::BootTime now) {
  if (!ensure_open(now)) {
    save_if_due(now);
    publish();
    return {retry_at_, false};
  }
  if (reopen_wanted_.exchange(false)) {
    sink_.reopen();
    save_due_ = now;  // the last id moves away with the old file: the cursor must know
  }
  const bool more = hand_over_batch();
  if (!retry_) sink_.tick(now, *this);
  go_back_if_asked(now);
  skip_if_behind();
  note_position();
  save_if_due(now);
  publish();
  return rest_of(now, more);
}

SinkWorker::Rest SinkWorker::rest_of(base::BootTime now, bool more) const {
  if (state_ == SinkState::waiting) return {retry_at_, false};
  base::BootTime until = sink_.next_tick();
  if (worth_saving()) until = std::min(until, save_due_);
  if (window_.full()) return {until, false};
  return {more ? now : until, true};
}

// Opens the sink if that is due. True when it is open.
bool SinkWorker::ensure_open(base::BootTime now) {
  if (state_ == SinkState::running) return true;
  if (state_ == SinkState::waiting && now < retry_at_) return false;
  std::string reason;
  if (!sink_.open(reason)) {
    wait_after({}, std::move(reason), now);
    return false;
  }
  state_ = SinkState::running;
  if (!std::exchange(resumed_, true)) resume();
  return true;
}

// Looks ahead for the event that the destination holds already; when it is there, goes on behind
// it, else where the cursor stands.
void SinkWorker::resume() {
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
bool SinkWorker::hand_over_batch() {
  for (std::uint32_t i = 0; i < options_.batch_events && !window_.full(); ++i) {
    std::uint64_t lsn = 0;
    switch (source_.next(event_, lsn)) {
      case OutcomeSource::Next::end: since_present_ = 0; return false;
      case OutcomeSource::Next::gap: meet_gap(); break;
      case OutcomeSource::Next::event:
        ++since_present_;
        ++handed_over_;
        sink_.take(event_, window_.add(lsn), *this);
        if (retry_) return true;
        break;
    }
  }
  return true;
}

void SinkWorker::meet_gap() {
  const std::uint64_t before = gap_ ? gap_->events : 0;
  gap_ = PendingGap{window_.last_sequence(), before + source_.gap_events(), source_.position_lsn()};
  if (window_.empty()) credit_gap();
}

void SinkWorker::credit_gap() {
  cursor_.skipped += gap_->events;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, gap_->end_lsn);
  gap_.reset();
}

void SinkWorker::skip_if_behind() {
  if (!options_.skip_when_behind_events || state_ != SinkState::running) return;
  if (since_present_ <= *options_.skip_when_behind_events || !window_.empty()) return;
  cursor_.skipped += source_.skip_to_present();
  since_present_ = 0;
}

void SinkWorker::delivered_through(Sequence last) {
  const DeliveryWindow::Answered answered = window_.answer_through(last);
  if (answered.events == 0) return;
  tell_recovery();
  cursor_.delivered += answered.events;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, answered.last_lsn);
  if (gap_ && last >= gap_->behind) credit_gap();
  retry_policy_.reset();
}

void SinkWorker::retry(std::chrono::milliseconds at_least, std::string_view reason) {
  if (!retry_) retry_ = Retry{at_least, std::string(reason)};
}

void SinkWorker::go_back_if_asked(base::BootTime now) {
  if (!retry_) return;
  Retry asked = std::move(*retry_);
  retry_.reset();
  window_.clear();
  gap_.reset();
  source_.rewind(cursor_);
  wait_after(asked.at_least, std::move(asked.reason), now);
}

void SinkWorker::wait_after(std::chrono::nanoseconds at_least, std::string reason,
                            base::BootTime now) {
  ++retries_;
  state_ = SinkState::waiting;
  retry_at_ = now + retry_policy_.next(at_least);
  tell_failure(reason, std::chrono::duration_cast<std::chrono::milliseconds>(retry_at_ - now));
  figures_.with([&](SinkFigures& figures) { figures.last_error = std::move(reason); });
}

void SinkWorker::tell_failure(std::string_view reason, std::chrono::milliseconds wait) {
  failing_ = true;
  if (options_.log == nullptr) return;
  options_.log->write(base::LogLevel::warning, "sink.failed",
                      "cannot deliver: events stay in the journal until it works",
                      {{"sink", options_.name}, {"reason", reason}, {"retry_ms", wait.count()}});
}

void SinkWorker::tell_recovery() {
  if (!std::exchange(failing_, false) || options_.log == nullptr) return;
  options_.log->write(base::LogLevel::info, "sink.recovered", "delivers again",
                      {{"sink", options_.name}});
}

// With nothing in hand, what was read past is done with, whoever it was for.
void SinkWorker::note_position() {
  if (!window_.empty() || state_ != SinkState::running) return;
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, source_.position_lsn());
}

bool SinkWorker::worth_saving() const {
  return cursor_.delivered != saved_.delivered || cursor_.skipped != saved_.skipped ||
         cursor_.low_water_lsn - saved_.low_water_lsn >= kLsnsWorthSaving;
}

void SinkWorker::save_if_due(base::BootTime now) {
  if (!worth_saving() || now < save_due_) return;
  save();
  save_due_ = now + options_.save_every;
}

void SinkWorker::save() {
  source_.save(cursor_);
  saved_ = cursor_;
}

void SinkWorker::run(const std::stop_token& stop) {
  const std::stop_callback end_rest(stop, [this] { wake(); });
  while (!stop.stop_requested()) {
    const base::BootTime now = clock_.boot();
    const Rest rest = step(now);
    if (rest.until <= now) continue;
    if (rest.events_end_it) {
      source_.wait(rest.until);
    } else {
      pause(rest.until);
    }
  }
}

void SinkWorker::drain(base::BootTime deadline) {
  if (state_ == SinkState::starting) ensure_open(clock_.boot());
  bool more = true;
  while (more && state_ == SinkState::running && clock_.boot() < deadline) {
    if (window_.full()) sink_.drain(*this);
    if (!retry_) more = hand_over_batch();
    if (!retry_) sink_.tick(clock_.boot(), *this);
    go_back_if_asked(clock_.boot());
  }
  if (state_ == SinkState::running) sink_.drain(*this);
  go_back_if_asked(clock_.boot());
  note_position();
  if (worth_saving()) save();
  publish();
}

void SinkWorker::request_reopen() {
  reopen_wanted_ = true;
  wake();
}

// Ends whichever rest the thread is in, or the next one.
void SinkWorker::wake() {
  source_.interrupt();
  const std::lock_guard lock(mutex_);
  woken_ = true;
  woken_changed_.notify_all();
}

void SinkWorker::pause(base::BootTime until) {
  const auto length = std::min<std::chrono::nanoseconds>(until - clock_.boot(), kLongestPause);
  std::unique_lock lock(mutex_);
  woken_changed_.wait_for(lock, length, [this] { return woken_; });
  woken_ = false;
}

void SinkWorker::publish() {
  figures_.with([this](SinkFigures& figures) {
    figures.state = state_;
    figures.delivered = cursor_.delivered;
    figures.skipped = cursor_.skipped;
    figures.handed_over = handed_over_;
    figures.in_hand = window_.size() + (gap_ ? gap_->events : 0);
    figures.position_lsn = source_.position_lsn();
    figures.retries = retries_;
    figures.low_water_lsn = cursor_.low_water_lsn;
    figures.saved_lsn = saved_.low_water_lsn;
  });
}

SinkFigures SinkWorker::figures() const {
  return figures_.with([](const SinkFigures& figures) { return figures; });
}

}  // namespace trapline::sinks
