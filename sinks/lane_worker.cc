#include "sinks/lane_worker.h"

#include <algorithm>
#include <utility>

#include "sinks/lane.h"

namespace trapline::sinks {
namespace {

// Entries kept, settled or not. Behind so many the reading waits for the first to be settled.
constexpr std::size_t kEntries = 8'192;

}  // namespace

LaneWorker::LaneWorker(const SinkWorkerOptions& options, const LaneOptions& lanes, Sink& sink,
                       OutcomeSource& source, DeadLetters& dead_letters, const base::Clock& clock,
                       base::Random& random)
    : SinkWorker(options, sink, source, clock, random),
      lane_options_(lanes),
      too_old_reason_("not delivered within max_age_secs (" +
                      std::to_string(lanes.max_age.count()) + ")"),
      dead_letters_(dead_letters),
      lanes_(lanes.lanes, Lane(random)),
      rate_limit_(lanes.per_sec, lanes.burst),
      window_(cursor_.answered_beyond),
      furthest_lsn_(source.position_lsn()) {
  publish();
}

void LaneWorker::delivered(Sequence event) {
  LaneEntry* entry = window_.in_hand(event);
  if (entry == nullptr) return;
  lanes_[entry->lane].retry_policy.reset();
  ++cursor_.delivered;
  settled(entry->lsn);
  note_delivery();
}

void LaneWorker::delivered_through(Sequence last) {
  for (const Sequence sequence : window_.in_hand_through(last)) delivered(sequence);
}

void LaneWorker::rejected(Sequence event, std::string_view reason) {
  LaneEntry* entry = window_.in_hand(event);
  if (entry == nullptr) return;
  window_.reject(*entry, reason);
  go_back_wanted_ = true;
}

void LaneWorker::retry_lane(Sequence event, std::chrono::milliseconds at_least,
                            std::string_view reason) {
  const LaneEntry* entry = window_.in_hand(event);
  if (entry == nullptr) return;
  Lane& lane = lanes_[entry->lane];
  window_.take_back_lane(entry->lane, event);
  const auto wait = lane.retry_policy.next(at_least);
  lane.blocked = true;
  lane.until = clock_.boot() + wait;
  note_failure(std::string(reason), wait);
}

void LaneWorker::forget_in_hand() {
  window_.take_back_all();
  go_back_wanted_ = true;
}

// A lane that was blocked has left events behind the present position: they are read first.
void LaneWorker::unblock_lanes(base::BootTime now) {
  for (Lane& lane : lanes_) {
    if (!lane.blocked || now < lane.until) continue;
    lane.blocked = false;
    go_back_wanted_ = true;
  }
}

void LaneWorker::go_back() {
  go_back_wanted_ = false;
  held_ = false;
  update_cursor();
  source_.rewind(cursor_);
}

bool LaneWorker::hand_over_batch(base::BootTime now) {
  if (token_at_ && now < *token_at_ && !settling_) return false;
  token_at_.reset();
  unblock_lanes(now);
  if (go_back_wanted_) go_back();
  Read read = Read::went_on;
  for (std::uint32_t i = 0; i < options_.batch_events && read == Read::went_on; ++i) {
    if (!settling_ && (full() || held_)) break;
    read = read_one(now);
  }
  commit_letters();
  return !token_at_ && (go_back_wanted_ || (read == Read::went_on && !held_));
}

LaneWorker::Read LaneWorker::read_one(base::BootTime now) {
  const std::uint64_t before = source_.position_lsn();
  std::uint64_t lsn = 0;
  switch (source_.next(event_, lsn)) {
    case OutcomeSource::Next::end:
      furthest_lsn_ = std::max(furthest_lsn_, source_.position_lsn());
      return Read::ended;
    case OutcomeSource::Next::gap: return meet_gap(before);
    case OutcomeSource::Next::event: break;
  }
  furthest_lsn_ = std::max(furthest_lsn_, lsn);
  // Going over known ground, it may have been settled and let go of since the start of the pass.
  if (lsn <= cursor_.low_water_lsn) return Read::went_on;
  return judge(window_.at(lsn, lane_of(event_.message.agent, lane_options_.lanes)), now);
}

// What to do with the event just read.
LaneWorker::Read LaneWorker::judge(LaneEntry& entry, base::BootTime now) {
  const bool furthest = entry.lsn == furthest_lsn_;
  if (entry.state == EntryState::rejected) {
    add_letter(entry, entry.reason);
  } else if (entry.state == EntryState::waiting && too_old(entry)) {
    add_letter(entry, too_old_reason_);
  } else if (entry.state == EntryState::waiting && !settling_ && !lanes_[entry.lane].blocked) {
    if (const Read read = hand_over(entry, now); read != Read::went_on) return read;
  }
  if (!furthest || window_.size() < most_entries()) return Read::went_on;
  held_ = true;
  return Read::stopped;
}

// Gives the sink the event just read, unless something forbids that for now.
LaneWorker::Read LaneWorker::hand_over(LaneEntry& entry, base::BootTime now) {
  if (beyond_reach(entry)) {
    held_ = true;
    return Read::stopped;
  }
  if (!sink_.wants(event_)) {
    ++cursor_.delivered;
    settled(entry.lsn);
    return Read::went_on;
  }
  if (const base::BootTime allowed = rate_limit_.next(now); allowed > now) {
    token_at_ = allowed;
    go_back_wanted_ = true;
    return Read::stopped;
  }
  rate_limit_.take(now);
  ++handed_over_;
  window_.hand_over(entry, ++last_sequence_);
  sink_.take(event_, last_sequence_, *this);
  return retry_asked() ? Read::stopped : Read::went_on;
}

// Only what was tried, or can't be tried because the destination fails, can be too old: a gateway
// that comes back after a day delivers what it has.
bool LaneWorker::too_old(const LaneEntry& entry) const {
  return (entry.attempts != 0 || failing_) &&
         clock_.wall() - event_.message.received_at > lane_options_.max_age;
}

std::size_t LaneWorker::most_entries() const {
  return std::max<std::size_t>(kEntries, 2UL * lane_options_.reach);
}

// Whether nothing is left of what was read, and more would be too far ahead: what is not read need
// not be read again.
bool LaneWorker::at_reach() const {
  return window_.in_hand_count() != 0 && window_.unsettled() == window_.in_hand_count() &&
         window_.settled_beyond_count() + window_.in_hand_count() >= lane_options_.reach;
}

// Whether this event would be too far ahead of the first that is not settled.
bool LaneWorker::beyond_reach(const LaneEntry& entry) const {
  return window_.settled_beyond_count() + window_.in_hand_count() >= lane_options_.reach &&
         entry.lsn != window_.first_lsn();
}

// Retention took events away. It is crossed with everything before it settled and nothing at the
// sink, so that what was lost can be told from what had been delivered.
LaneWorker::Read LaneWorker::meet_gap(std::uint64_t before) {
  commit_letters();
  const std::uint64_t end = source_.position_lsn();
  const std::uint64_t events = source_.gap_events();
  update_cursor();
  const bool first = window_.size() == 0 || window_.first_lsn() > before;
  if (!first || window_.in_hand_count() != 0) {
    held_ = true;
    return Read::stopped;
  }
  cursor_.skipped += events - std::min(events, window_.forget_through(end));
  furthest_lsn_ = std::max(furthest_lsn_, end);
  return Read::went_on;
}

void LaneWorker::add_letter(const LaneEntry& entry, std::string_view reason) {
  dead_letters_.add(event_, reason, entry.attempts);
  letters_.push_back(entry.lsn);
}

void LaneWorker::commit_letters() {
  if (letters_.empty()) return;
  std::string problem;
  const bool safe = dead_letters_.commit(problem);
  for (const std::uint64_t lsn : std::exchange(letters_, {})) {
    if (!safe) continue;
    ++cursor_.dead_lettered;
    settled(lsn);
  }
  if (!safe) retry({}, "cannot keep a dead letter: " + problem);
}

void LaneWorker::settled(std::uint64_t lsn) {
  window_.settle(lsn);
  if (held_) go_back_wanted_ = true;
}

void LaneWorker::after_tick() {
  if (at_reach()) advance();
}

bool LaneWorker::full() const {
  return window_.in_hand_count() >= options_.window_events || at_reach();
}

base::BootTime LaneWorker::next_hand_over() const {
  if (token_at_) return *token_at_;
  if (go_back_wanted_) return {};
  base::BootTime next = base::BootTime::max();
  for (const Lane& lane : lanes_) {
    if (lane.blocked) next = std::min(next, lane.until);
  }
  return next;
}

bool LaneWorker::partly_waiting() const { return std::ranges::any_of(lanes_, &Lane::blocked); }

// What was rejected in the last moment becomes a dead letter while there is time.
void LaneWorker::settle_rest() {
  if (window_.rejected_count() == 0) return;
  settling_ = true;
  go_back_wanted_ = true;
  hand_over_batch(clock_.boot());
}

// Lets go of what is settled up to the first that is not.
void LaneWorker::advance() {
  window_.advance(furthest_lsn_);
  cursor_.low_water_lsn = std::max(cursor_.low_water_lsn, window_.low_water(furthest_lsn_));
}

void LaneWorker::update_cursor() {
  advance();
  cursor_.answered_beyond = window_.settled_beyond();
}

}  // namespace trapline::sinks
