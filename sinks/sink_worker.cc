#include "sinks/sink_worker.h"

#include <algorithm>
#include <utility>

namespace trapline::sinks {
namespace {

// A low-water mark that moved by less, with nothing delivered, is not worth a record: the record
// itself would move it.
constexpr std::uint64_t kLsnsWorthSaving = 4'096;

constexpr std::chrono::hours kLongestPause{1};
constexpr std::chrono::minutes kShortenedQuiet{5};

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
      cursor_(source.cursor()),
      retry_policy_(random),
      saved_(cursor_) {
  sink_.on_answers([this] { wake(); });
}

SinkWorker::~SinkWorker() { sink_.on_answers({}); }

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
  const bool more = hand_over_batch(now);
  if (!retry_) sink_.tick(now, *this);
  go_back_if_asked(now);
  if (state_ == SinkState::running) after_tick();
  update_cursor();
  save_if_due(now);
  publish();
  return rest_of(now, more);
}

SinkWorker::Rest SinkWorker::rest_of(base::BootTime now, bool more) const {
  if (state_ == SinkState::waiting) return {retry_at_, false};
  base::BootTime until = std::min(sink_.next_tick(), next_hand_over());
  if (worth_saving()) until = std::min(until, save_due_);
  if (full()) return {until, false};
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

void SinkWorker::retry(std::chrono::milliseconds at_least, std::string_view reason) {
  if (!retry_) retry_ = Retry{at_least, std::string(reason)};
}

void SinkWorker::warn(std::string_view words) {
  if (options_.log == nullptr) return;
  options_.log->write(base::LogLevel::warning, "sink.warned",
                      "the destination took what it was given, and has something to say",
                      {{"sink", options_.name}, {"words", words}});
}

void SinkWorker::go_back_if_asked(base::BootTime now) {
  if (!retry_) return;
  Retry asked = std::move(*retry_);
  retry_.reset();
  forget_in_hand();
  wait_after(asked.at_least, std::move(asked.reason), now);
}

void SinkWorker::wait_after(std::chrono::nanoseconds at_least, std::string reason,
                            base::BootTime now) {
  state_ = SinkState::waiting;
  retry_at_ = now + retry_policy_.next(at_least);
  note_failure(std::move(reason), retry_at_ - now);
}

void SinkWorker::note_failure(std::string reason, std::chrono::nanoseconds wait) {
  ++retries_;
  failing_ = true;
  if (options_.log != nullptr) {
    const auto retry_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    options_.log->write(base::LogLevel::warning, "sink.failed",
                        "cannot deliver: events stay in the journal until it works",
                        {{"sink", options_.name}, {"reason", reason}, {"retry_ms", retry_ms}});
  }
  figures_.with([&](SinkFigures& figures) {
    figures.last_error = std::move(reason);
    figures.last_error_at = clock_.wall();
  });
}

void SinkWorker::note_delivery() {
  retry_policy_.reset();
  if (!std::exchange(failing_, false) || options_.log == nullptr) return;
  options_.log->write(base::LogLevel::info, "sink.recovered", "delivers again",
                      {{"sink", options_.name}});
}

bool SinkWorker::worth_saving() const {
  return cursor_.delivered != saved_.delivered || cursor_.dead_lettered != saved_.dead_lettered ||
         cursor_.skipped != saved_.skipped ||
         cursor_.low_water_lsn - saved_.low_water_lsn >= kLsnsWorthSaving;
}

void SinkWorker::save_if_due(base::BootTime now) {
  if (!worth_saving() || now < save_due_) return;
  save();
  save_due_ = now + options_.save_every;
}

void SinkWorker::save() {
  tell_shortened();
  source_.save(cursor_);
  saved_ = cursor_;
}

// Said again only after cursors have been whole for a while: it may change with each.
void SinkWorker::tell_shortened() {
  if (cursor_.answered_beyond.size() <= kMaxAnsweredBeyond) return;
  const base::BootTime now = clock_.boot();
  const bool known = shortened_at_ && now - *shortened_at_ < kShortenedQuiet;
  shortened_at_ = now;
  if (known || options_.log == nullptr) return;
  options_.log->write(base::LogLevel::info, "sink.cursor_shortened",
                      "more was delivered ahead of the first event that is not than a cursor can "
                      "name: after a crash the rest would come again, with the same ids",
                      {{"sink", options_.name}, {"ahead", cursor_.answered_beyond.size()}});
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
    if (full()) sink_.drain(deadline, *this);
    if (!retry_) more = hand_over_batch(clock_.boot());
    if (!retry_) sink_.tick(clock_.boot(), *this);
    go_back_if_asked(clock_.boot());
    update_cursor();
    save_if_due(clock_.boot());  // who has no time left to the end keeps what was done by then
  }
  if (state_ == SinkState::running) sink_.drain(deadline, *this);
  go_back_if_asked(clock_.boot());
  settle_rest();
  update_cursor();
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
  const bool waiting = state_ == SinkState::running && partly_waiting();
  figures_.with([&](SinkFigures& figures) {
    figures.state = waiting ? SinkState::waiting : state_;
    figures.delivered = cursor_.delivered;
    figures.dead_lettered = cursor_.dead_lettered;
    figures.skipped = cursor_.skipped;
    figures.handed_over = handed_over_;
    figures.in_hand = in_hand();
    figures.position_lsn = position_lsn();
    figures.retries = retries_;
    figures.low_water_lsn = cursor_.low_water_lsn;
    figures.saved_lsn = saved_.low_water_lsn;
  });
}

SinkFigures SinkWorker::figures() const {
  return figures_.with([](const SinkFigures& figures) { return figures; });
}

}  // namespace trapline::sinks
