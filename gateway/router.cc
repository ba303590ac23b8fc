#include "gateway/router.h"

#include <algorithm>
#include <thread>

#include "gateway/journal/crash_point.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kBatchBytes = 256 * 1024;
// A batch of OUTCOMEs that has grown beyond this is handed over, however much is still to decide.
constexpr std::size_t kHandOverBytes = 512 * 1024;
constexpr std::chrono::milliseconds kWait{200};
constexpr std::chrono::milliseconds kRefusedWait{20};
// How much a start may have to go through again.
constexpr std::chrono::seconds kSaveEvery{60};
constexpr std::chrono::milliseconds kReportWait{500};
constexpr int kMostRefused = 50;               // times kWait, until what cannot be read is given up
constexpr std::chrono::seconds kSaveAgain{1};  // after a failure
constexpr std::uint64_t kSaveRecords = 2'000'000;

std::uint64_t events_decided(const journal::Standing& standing) {
  return standing.decided - standing.synthetic + standing.lost;
}

}  // namespace

Router::Router(journal::Journal& journal, std::vector<std::string> sinks, const base::Clock& clock,
               base::Log& log, const RouterRules& rules)
    : journal_(journal),
      clock_(clock),
      log_(log),
      store_(rules.store),
      poison_(rules.poison),
      board_(rules.board),
      seeker_(rules.seeker),
      reader_(journal.reader(Decider::wanted(), journal.recovered().standing.router)),
      events_before_(events_decided(journal.recovered().standing)),
      decided_(journal.recovered().standing.router),
      decider_(rules.rules, std::move(sinks)) {
  if (rules.guard != nullptr) decider_.watch_for_loops(*rules.guard);
  if (poison_ != nullptr) decider_.watch_for_poison(*poison_);
  decider_.set_budget(rules.enrichment_budget);
  decider_.set_most_waiting(journal.most_waiting());
  working_.position = decided_;
  // They were read in an earlier run, and are decided in this one.
  working_.read = journal.recovered().standing.waiting.size();
  figures_.with([&](RouterFigures& figures) { figures = working_; });
}

bool Router::step() {
  if (board_ != nullptr && board_->wanted()) show_problems();
  if (!journal_.wait_for_room(journal::Lane::reserved, kBatchBytes, clock_.boot() + kWait)) {
    return false;
  }
  if (before_batch) before_batch();
  const std::lock_guard lock(decider_mutex_);
  if (!restored_) {
    restore_state();
    restore_waiting();
    save_first_state();
  }
  const auto records = reader_->next(kBatchBytes);
  // Behind the reading: what comes in after `exchange` is decided by what it brought.
  take_new_rules();
  if (reader_->gap()) report_gap(*reader_->gap());
  if (!batch_) batch_ = journal_.new_batch();
  for (const journal::RecordView& record : records) decide(record);
  exchange_answers();
  TRAPLINE_CRASH_POINT("outcome-before-commit");
  const bool moved = working_.position != reader_->position();
  if (!moved) append_timer();
  hand_over();
  working_.position = reader_->position();
  figures_.with([&](RouterFigures& figures) { figures = working_; });
  save_if_due();
  return moved;
}

void Router::decide(const journal::RecordView& record) {
  if (record.ref.lsn > applied_) {
    have_decided(record, appender_);
  }
  switch (record.type) {
    case journal::RecordType::event: ++working_.read; break;
    case journal::RecordType::timer: timer_pending_ = false; break;
    case journal::RecordType::answer: break;
    default: {
      journal::Standing checkpoint;
      if (journal::Standing::decode(record.payload, checkpoint)) {
        compare_totals(checkpoint, record.ref);
      }
      return;
    }
  }
  decided_ = record.ref.lsn;
  ++since_saved_;
  hand_over_if_large();
}

void Router::hand_over_if_large() {
  if (batch_->bytes().size() <= kHandOverBytes) return;
  hand_over();
  batch_ = journal_.new_batch();
}

// What has ended the process too often goes by unseen.
void Router::have_decided(const journal::RecordView& record, OutcomeTaker& taker) {
  const bool is_checkpoint = record.type == journal::RecordType::checkpoint;
  if (poison_ != nullptr && !is_checkpoint && poison_->at_router(record.ref.lsn)) {
    return decider_.pass_undecided(record, taker);
  }
  const Handling handling("router", {}, record.ref.lsn);
  decider_.decide(record, journal_.node_of(record.ref.segment), taker);
}

// Whether or not the journal has room: what is raised stays so.
void Router::show_problems() {
  const std::lock_guard lock(decider_mutex_);
  if (restored_) board_->publish([this] { return decider_.problems(); });
}

void Router::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (step()) continue;
    if (journal_.writable()) {
      reader_->wait(wake_at());
    } else {
      // There is much to read and nowhere to put it.
      std::this_thread::sleep_for(kRefusedWait);
    }
  }
}

// A timer of the rules may be due before anything else happens.
base::BootTime Router::wake_at() const {
  const base::BootTime usual = clock_.boot() + kWait;
  const auto due = decider_.next_due();
  if (!due || timer_pending_) return usual;
  const auto left = due->since_epoch_ns - journal_.rule_time().since_epoch_ns;
  return std::min(usual, clock_.boot() + std::chrono::nanoseconds(std::max(left, std::int64_t{0})));
}

// What is wished for goes to who can ask; what was answered goes on record.
void Router::exchange_answers() {
  if (seeker_ == nullptr) return;
  if (auto wishes = decider_.take_wishes(); !wishes.empty()) seeker_->seek(std::move(wishes));
  seeker_->take_answers([this](const journal::Answer& answer) {
    const auto payload =
        batch_->add(journal::RecordType::answer, journal::answer_bytes(answer), clock_.wall());
    journal::encode_answer(answer, payload);
  });
}

// Everything was read, and a timer is due.
void Router::append_timer() {
  const auto due = decider_.next_due();
  if (timer_pending_ || !due || *due > journal_.rule_time()) return;
  const auto payload = batch_->add(journal::RecordType::timer, sizeof(std::int64_t), clock_.wall());
  journal::store(payload.data(), due->since_epoch_ns);
  timer_pending_ = true;
}

void Router::exchange(std::shared_ptr<const rules::RuleSet> rules) {
  new_rules_.with([&](auto& waiting) { waiting = std::move(rules); });
  interrupt();
}

void Router::take_new_rules() {
  std::optional<std::shared_ptr<const rules::RuleSet>> rules;
  new_rules_.with([&](auto& waiting) { rules.swap(waiting); });
  if (!rules) return;
  TRAPLINE_CRASH_POINT("reload-swap");
  decider_.exchange(std::move(*rules));
  // A start must not go through what was decided under other rules.
  if (store_ != nullptr && decider_.has_rules() && saved_ <= journal_.standing().router) {
    if (store_->save_now(present_state())) saved_ = decided_;
  }
}

void Router::restore_state() {
  restored_ = true;
  save_due_ = clock_.boot() + kSaveEvery;
  if (store_ == nullptr) return;
  if (!decider_.has_rules()) return store_->forget();
  const auto saved = store_->newest(decided_);
  if (saved && !decider_.restore(saved->octets)) {
    log_.write(base::LogLevel::warning, "rules.state_damaged",
               "the saved state of the rules is damaged: they start afresh");
  }
  if (saved) {
    applied_ = saved->position;
    decider_.hold_back(journal_.recovered().standing.waiting);
    catch_up(saved->position);
  }
}

// The first state is saved before any record is decided, so that whatever is can be gone through
// again. While the disk refuses, events go on all the same, and it is tried again soon.
void Router::save_first_state() {
  if (store_ == nullptr || !decider_.has_rules()) return;
  if (store_->save_now(present_state())) {
    saved_ = decided_;
  } else {
    save_due_ = clock_.boot() + kSaveAgain;
  }
}

// The log says which events wait. Those that nobody remembers wait again; what of them cannot be
// read any more is lost.
void Router::restore_waiting() {
  const auto& waiting = journal_.recovered().standing.waiting;
  decider_.settle_waiting(waiting);
  batch_ = journal_.new_batch();
  for (const auto& [lsn, ref] : waiting) {
    if (decider_.is_waiting(lsn)) continue;
    std::optional<journal::RecordView> record = reader_->fetch(ref);
    for (int refused = 0; !record && reader_->fetch_refused() && refused < kMostRefused;
         ++refused) {
      reader_->wait(clock_.boot() + kWait);
      record = reader_->fetch(ref);
    }
    if (record) {
      decider_.resume_waiting(*record, journal_.node_of(ref.segment), appender_);
      hand_over_if_large();
      continue;
    }
    journal::Outcome loss;
    loss.event = ref;
    loss.lost_events = 1;
    ++working_.lost;
    --working_.read;
    append(loss, {});
  }
  decider_.ask_again(journal_.rule_time());
  if (waiting.empty()) return;
  log_.write(base::LogLevel::info, "rules.waiting_resumed",
             "events that waited for answers of devices wait again", {{"events", waiting.size()}});
}

// The effects of what was decided after the state was saved.
void Router::catch_up(journal::Lsn from) {
  if (from >= decided_) return;
  const auto past = journal_.reader(Decider::wanted(), from);
  NoOutcomes nobody;
  std::uint64_t records = 0;
  int refused = 0;
  while (past->position() < decided_) {
    const journal::Lsn before = past->position();
    const auto batch = past->next(kBatchBytes);
    if (past->position() == before) {
      if (++refused > kMostRefused) break;
      past->wait(clock_.boot() + kWait);
      continue;
    }
    if (past->gap()) report_gap(*past->gap());
    for (const journal::RecordView& record : batch) {
      if (record.ref.lsn > decided_) break;
      have_decided(record, nobody);
      (void)decider_.take_wishes();  // most of them have been answered
      ++records;
    }
  }
  if (past->position() < decided_) {
    log_.write(base::LogLevel::error, "rules.state_incomplete",
               "part of the journal cannot be read: what rules remember of it is missing",
               {{"after_lsn", past->position().value}, {"up_to_lsn", decided_.value}});
  }
  log_.write(base::LogLevel::info, "rules.state_restored",
             "the state of the rules is that from before the stop", {{"records", records}});
}

void Router::save_if_due() {
  if (store_ == nullptr || decided_ == saved_) return;
  if (clock_.boot() < save_due_ && since_saved_ < kSaveRecords) return;
  if (store_->idle()) save_state();
}

SavedRuleState Router::present_state() const {
  SavedRuleState state{std::max(working_.position, decided_), decided_, {}};
  decider_.save(state.octets);
  return state;
}

void Router::save_state() {
  if (store_ == nullptr || !decider_.has_rules() || !restored_) return;
  // At most one is ahead of the log: the one before it can be used whatever happens.
  if (saved_ > journal_.standing().router) {
    save_due_ = clock_.boot();
    return;
  }
  store_->save(present_state());
  saved_ = decided_;
  since_saved_ = 0;
  save_due_ = clock_.boot() + kSaveEvery;
}

RouterFigures Router::figures() const {
  return figures_.with([](const RouterFigures& figures) { return figures; });
}

std::vector<rules::Problem> Router::problems() const {
  const std::lock_guard lock(decider_mutex_);
  return decider_.problems();
}

std::optional<RuleReport> Router::rule_report() const {
  const std::unique_lock lock(decider_mutex_, kReportWait);
  return lock ? decider_.report() : std::nullopt;
}

void Router::report_gap(const journal::Gap& gap) {
  timer_pending_ = false;  // it may stand there; a second one does no harm
  decider_.forget_asked();
  log_.write(base::LogLevel::error, "router.gap",
             "part of the journal cannot be read: its events are lost",
             {{"first_lsn", gap.first.value}, {"last_lsn", gap.last.value}});
}

// What the journal counted and nobody can read any more is put on record, so that the books of the
// next start balance too.
void Router::compare_totals(const journal::Standing& checkpoint, const journal::RecordRef& at) {
  const std::uint64_t counted = events_before_ + working_.read + working_.lost;
  if (checkpoint.events <= counted) return;
  journal::Outcome loss;
  loss.event = at;
  loss.lost_events = checkpoint.events - counted;
  working_.lost += loss.lost_events;
  append(loss, {});
}

void Router::append(const journal::Outcome& outcome, base::WallTime received) {
  const auto payload =
      batch_->add(journal::RecordType::outcome, journal::outcome_bytes(outcome), received);
  journal::encode_outcome(outcome, payload);
}

void Router::hand_over() {
  if (!batch_->empty()) journal_.append(journal::Lane::reserved, std::move(batch_));
  batch_.reset();
}

}  // namespace trapline::gateway
