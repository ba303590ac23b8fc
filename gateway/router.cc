#include "gateway/router.h"

#include <thread>

#include "gateway/journal/crash_point.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::chrono::milliseconds kWait{200};
constexpr std::chrono::milliseconds kRefusedWait{20};
// CHECKPOINTs too: their totals tell how many EVENTs there should have been.
constexpr journal::RecordMask kWanted = journal::mask_of(journal::RecordType::event) |
                                        journal::mask_of(journal::RecordType::checkpoint);

std::uint64_t events_decided(const journal::Standing& standing) {
  return standing.decided - standing.synthetic + standing.lost;
}

}  // namespace

Router::Router(journal::Journal& journal, std::vector<std::string> sinks, const base::Clock& clock,
               base::Log& log)
    : journal_(journal),
      clock_(clock),
      log_(log),
      sinks_(std::move(sinks)),
      sink_names_(sinks_.begin(), sinks_.end()),
      reader_(journal.reader(kWanted, journal.recovered().standing.router)),
      events_before_(events_decided(journal.recovered().standing)) {
  working_.position = journal.recovered().standing.router;
  figures_.with([&](RouterFigures& figures) { figures = working_; });
}

bool Router::step() {
  if (!journal_.wait_for_room(journal::Lane::reserved, kBatchBytes, clock_.boot() + kWait)) {
    return false;
  }
  if (before_batch) before_batch();
  const auto records = reader_->next(kBatchBytes);
  if (reader_->gap()) report_gap(*reader_->gap());
  batch_ = journal_.new_batch();
  for (const journal::RecordView& record : records) {
    if (record.type == journal::RecordType::event) {
      decide(record);
      ++working_.read;
    } else if (journal::Standing checkpoint;
               journal::Standing::decode(record.payload, checkpoint)) {
      compare_totals(checkpoint, record.ref);
    }
  }
  TRAPLINE_CRASH_POINT("outcome-before-commit");
  if (!batch_->empty()) journal_.append(journal::Lane::reserved, std::move(batch_));
  const bool moved = working_.position != reader_->position();
  working_.position = reader_->position();
  figures_.with([&](RouterFigures& figures) { figures = working_; });
  return moved;
}

void Router::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (step()) continue;
    if (journal_.writable()) {
      reader_->wait(clock_.boot() + kWait);
    } else {
      // There is much to read and nowhere to put it.
      std::this_thread::sleep_for(kRefusedWait);
    }
  }
}

RouterFigures Router::figures() const {
  return figures_.with([](const RouterFigures& figures) { return figures; });
}

void Router::decide(const journal::RecordView& event) {
  journal::Outcome outcome;
  outcome.event = event.ref;
  outcome.sinks = sink_names_;
  append(outcome, event.received);
}

void Router::report_gap(const journal::Gap& gap) {
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

}  // namespace trapline::gateway
