#include "gateway/journal_outcomes.h"

#include <algorithm>

#include "gateway/journal/crash_point.h"
#include "gateway/journal/event_record.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kBatchBytes = 256 * 1024;
// CHECKPOINTs too: their totals tell what is missing.
constexpr journal::RecordMask kWanted = journal::mask_of(journal::RecordType::outcome) |
                                        journal::mask_of(journal::RecordType::checkpoint);

constexpr std::string_view kPoisonReason =
    "the process has died three times while it handled this event for this sink";

journal::SinkStanding recovered_standing(const journal::Journal& journal, const std::string& sink) {
  const auto& sinks = journal.recovered().standing.sinks;
  const auto found = sinks.find(sink);
  return found == sinks.end() ? journal::SinkStanding{} : found->second;
}

bool is_decision(base::Bytes payload) {
  return journal::outcome_lost_events(payload) == 0 && !journal::outcome_is_closing(payload) &&
         !journal::outcome_is_waiting(payload);
}

}  // namespace

JournalOutcomes::JournalOutcomes(journal::Journal& journal, std::string sink)
    : journal_(journal),
      sink_(std::move(sink)),
      everything_(false),
      reader_(journal.reader(kWanted, recovered_standing(journal, sink_).low_water)),
      position_(recovered_standing(journal, sink_).low_water),
      batch_end_(position_) {
  const auto standing = recovered_standing(journal, sink_);
  routed_seen_ = standing.delivered + standing.dead_lettered + standing.skipped -
                 standing.delivered_beyond.size();
}

JournalOutcomes::JournalOutcomes(journal::Journal& journal)
    : journal_(journal),
      everything_(true),
      reader_(journal.reader(kWanted, journal.durable())),
      position_(journal.durable()),
      batch_end_(position_),
      routed_seen_(journal.standing().decided) {}

sinks::OutcomeSource::Next JournalOutcomes::next(rules::RoutedTrap& event,
                                                 std::uint64_t& outcome_lsn) {
  gap_events_ = 0;
  handles_nothing();
  while (true) {
    if (next_in_batch_ == batch_.size()) {
      position_ = batch_end_;
      if (!fill()) return Next::end;
      continue;
    }
    const journal::RecordView& record = batch_[next_in_batch_++];
    position_ = record.ref.lsn;
    if (record.type == journal::RecordType::checkpoint) {
      if (count_missing(record)) return Next::gap;
      continue;
    }
    if (!is_for_us(record.payload) || !is_decision(record.payload)) continue;
    ++routed_seen_;
    if (poison_ != nullptr && poison_->at_sink(sink_, record.ref.lsn)) {
      if (!set_aside(record)) return comes_again(record);
      gap_events_ = 1;
      return Next::gap;
    }
    // Until the next call: the sink takes it meanwhile.
    if (!everything_) handles("sink", sink_, record.ref.lsn);
    if (load(record, event)) {
      outcome_lsn = record.ref.lsn.value;
      return Next::event;
    }
    handles_nothing();
    if (reader_->fetch_refused()) return comes_again(record);
    // The decision is there and its event is not: retention or damage took it.
    gap_events_ = 1;
    return Next::gap;
  }
}

// It is there and cannot be dealt with now.
sinks::OutcomeSource::Next JournalOutcomes::comes_again(const journal::RecordView& record) {
  --routed_seen_;
  --next_in_batch_;
  position_ = journal::Lsn{record.ref.lsn.value - 1};
  return Next::end;
}

// Writes a dead letter without looking into the notification, unless that was done already. False
// when it has to be tried again.
bool JournalOutcomes::set_aside(const journal::RecordView& record) {
  if (aside_.contains(record.ref.lsn.value)) return true;
  journal::Outcome outcome;
  if (!journal::decode_outcome(record.payload, outcome_scratch_, outcome)) return true;
  const auto origin =
      outcome.synthetic ? journal::kept_record(outcome.kept_event) : reader_->fetch(outcome.event);
  if (!origin) return !reader_->fetch_refused();
  rules::RoutedTrap event;
  event.id =
      outcome.synthetic ? outcome.id : ids_.of(*origin, journal_.node_of(origin->ref.segment));
  current_ = {record, *origin};
  letters_->add(event, kPoisonReason, kDeathsUntilPoison);
  std::string problem;
  if (!letters_->commit(problem)) return false;
  aside_.insert(record.ref.lsn.value);
  return true;
}

// Reads the next batch; false when there is nothing more.
bool JournalOutcomes::fill() {
  const journal::Lsn before = reader_->position();
  batch_ = reader_->next(kBatchBytes);
  next_in_batch_ = 0;
  batch_end_ = reader_->position();
  return batch_end_ != before || !batch_.empty();
}

// A CHECKPOINT's totals say how many events were routed to us before it. What was not among the
// records, retention or damage took.
bool JournalOutcomes::count_missing(const journal::RecordView& record) {
  journal::Standing checkpoint;
  if (everything_ || !journal::Standing::decode(record.payload, checkpoint)) return false;
  const auto found = checkpoint.sinks.find(sink_);
  if (found == checkpoint.sinks.end() || found->second.routed <= routed_seen_) return false;
  gap_events_ = found->second.routed - routed_seen_;
  routed_seen_ = found->second.routed;
  return true;
}

bool JournalOutcomes::is_for_us(base::Bytes payload) {
  if (everything_) return true;
  const base::Bytes list = journal::outcome_sinks(payload);
  if (base::as_text(list) == known_list_) return known_answer_;
  if (!list.empty()) known_list_ = base::as_text(list);
  journal::Outcome outcome;
  known_answer_ =
      journal::decode_outcome(payload, outcome_scratch_, outcome) &&
      std::find(outcome.sinks.begin(), outcome.sinks.end(), sink_) != outcome.sinks.end();
  return known_answer_;
}

bool JournalOutcomes::load(const journal::RecordView& record, rules::RoutedTrap& event) {
  journal::Outcome outcome;
  if (!journal::decode_outcome(record.payload, outcome_scratch_, outcome)) return false;
  event.verdict = outcome.verdict;
  if (outcome.synthetic) {
    const auto kept = journal::kept_record(outcome.kept_event);
    if (!kept || !journal::decode_event(*kept, decode_scratch_, event.message)) return false;
    event.id = outcome.id;
    current_ = {record, *kept};
    return true;
  }
  const auto origin = reader_->fetch(outcome.event);
  if (!origin || !journal::decode_event(*origin, decode_scratch_, event.message)) return false;
  event.id = ids_.of(*origin, journal_.node_of(origin->ref.segment));
  current_ = {record, *origin};
  return true;
}

void JournalOutcomes::rewind(const sinks::SinkCursor& cursor) {
  move_to(journal::Lsn{cursor.low_water_lsn});
  routed_seen_ =
      cursor.delivered + cursor.dead_lettered + cursor.skipped - cursor.answered_beyond.size();
}

void JournalOutcomes::move_to(journal::Lsn position) {
  position_ = position;
  reader_->seek(position);
  batch_ = {};
  next_in_batch_ = 0;
  batch_end_ = position;
}

std::uint64_t JournalOutcomes::skip_to_present() {
  const journal::Standing present = journal_.standing();
  const std::uint64_t passed = present.decided - std::min(present.decided, routed_seen_);
  move_to(present.last);
  routed_seen_ = present.decided;
  return passed;
}

sinks::SinkCursor JournalOutcomes::cursor() const {
  if (everything_) return {journal_.durable().value, 0, 0, 0};
  const auto standing = recovered_standing(journal_, sink_);
  sinks::SinkCursor cursor{standing.low_water.value, standing.delivered, standing.dead_lettered,
                           standing.skipped};
  for (const journal::Lsn lsn : standing.delivered_beyond) {
    cursor.answered_beyond.push_back(lsn.value);
  }
  return cursor;
}

void JournalOutcomes::save(const sinks::SinkCursor& cursor) {
  if (everything_) return;
  TRAPLINE_CRASH_POINT("sink-accepted-before-cursor");
  journal::SinkStanding standing;
  standing.low_water = journal::Lsn{cursor.low_water_lsn};
  standing.delivered = cursor.delivered;
  standing.dead_lettered = cursor.dead_lettered;
  standing.skipped = cursor.skipped;
  for (const std::uint64_t lsn : cursor.answered_beyond) standing.delivered_beyond.push_back({lsn});
  std::vector<std::byte> payload;
  journal::encode_cursor(sink_, standing, payload);
  auto batch = journal_.new_batch();
  const auto room = batch->add(journal::RecordType::cursor, payload.size(), {});
  std::copy(payload.begin(), payload.end(), room.begin());
  journal_.append(journal::Lane::reserved, std::move(batch));
}

}  // namespace trapline::gateway
