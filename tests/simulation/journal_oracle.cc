#include "tests/simulation/journal_oracle.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>

#include "gateway/journal/outcome_record.h"

namespace trapline::simulation {

using gateway::journal::InformDigest;
using gateway::journal::Journal;
using gateway::journal::Lsn;
using gateway::journal::Outcome;
using gateway::journal::OutcomeScratch;
using gateway::journal::RecordMask;
using gateway::journal::RecordType;
using gateway::journal::RecordView;
using gateway::journal::Recovered;
using gateway::journal::SinkStanding;
using gateway::journal::Standing;

namespace {

constexpr RecordMask kEverything = ~RecordMask{0};
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kLeastEventBytes = 88;
constexpr std::chrono::seconds kDuplicateWindow{150};

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 31;
  value *= 0x9e37'79b9'7f4a'7c15;
  return value ^ value >> 29;
}

std::byte octet_of(std::uint64_t id, std::size_t at) {
  return static_cast<std::byte>(mix(id + at / 8) >> (at % 8 * 8));
}

std::uint64_t hash_of(base::Bytes bytes) {
  return std::hash<std::string_view>()(base::as_text(bytes));
}

std::string numbered(std::string_view what, std::uint64_t number) {
  return std::string(what) + " " + std::to_string(number);
}

}  // namespace

std::vector<std::byte> event_payload(std::uint64_t id, std::size_t size) {
  std::vector<std::byte> payload(std::max(size, kIdBytes));
  std::memcpy(payload.data(), &id, kIdBytes);
  for (std::size_t at = kIdBytes; at < payload.size(); ++at) payload[at] = octet_of(id, at);
  return payload;
}

std::uint64_t checked_event_id(base::Bytes payload) {
  if (payload.size() < kIdBytes) return 0;
  std::uint64_t id = 0;
  std::memcpy(&id, payload.data(), kIdBytes);
  for (std::size_t at = kIdBytes; at < payload.size(); ++at) {
    if (payload[at] != octet_of(id, at)) return 0;
  }
  return id;
}

void JournalOracle::acknowledged(std::uint64_t id, Lsn lsn) {
  if (!acknowledged_.emplace(id, lsn.value).second) {
    trouble_ = numbered("acknowledged twice: event", id);
  }
}

void JournalOracle::wrote_cursor(base::Bytes payload, std::string sink, SinkStanding standing) {
  cursors_[std::string(base::as_text(payload))] = {std::move(sink), std::move(standing)};
}

void JournalOracle::saw(const RecordView& record) {
  if (std::string wrong = check_record(record); !wrong.empty()) trouble_ = std::move(wrong);
}

std::string JournalOracle::check_record(const RecordView& record) {
  const std::uint64_t lsn = record.ref.lsn.value;
  const Seen now{record.epoch.value, hash_of(record.payload)};
  const auto [before, first_time] = seen_.emplace(lsn, now);
  if (!first_time && (before->second.epoch != now.epoch || before->second.hash != now.hash)) {
    return numbered("a record that was shown has changed: LSN", lsn);
  }
  if (record.type == RecordType::event && checked_event_id(record.payload) == 0) {
    return numbered("an altered payload at LSN", lsn);
  }
  return {};
}

void JournalOracle::account(const RecordView& record, Books& books) {
  if (record.type == RecordType::event) ++books.events;
  if (record.type == RecordType::outcome) {
    OutcomeScratch scratch;
    Outcome outcome;
    if (!decode_outcome(record.payload, scratch, outcome)) {
      trouble_ = "an OUTCOME cannot be read";
      return;
    }
    ++books.decided;
    books.router = std::max(books.router, outcome.event.lsn);
    for (const std::string_view sink : outcome.sinks) ++books.sinks[std::string(sink)].routed;
  }
  if (record.type == RecordType::cursor) {
    const auto said = cursors_.find(std::string(base::as_text(record.payload)));
    if (said == cursors_.end()) {
      trouble_ = "a CURSOR nobody wrote";
      return;
    }
    SinkStanding& sink = books.sinks[said->second.first];
    const std::uint64_t routed = sink.routed;
    sink = said->second.second;
    sink.routed = routed;
  }
}

std::string JournalOracle::compare(const Books& books, const Standing& standing) {
  if (standing.events != books.events) return numbered("events ought to be", books.events);
  if (standing.decided != books.decided) return numbered("decided ought to be", books.decided);
  if (standing.router != books.router) return numbered("router ought to be", books.router.value);
  for (const auto& [name, sink] : books.sinks) {
    const auto found = standing.sinks.find(name);
    if (found == standing.sinks.end()) return "a sink is missing: " + name;
    const SinkStanding& said = found->second;
    if (said.routed != sink.routed) return numbered("routed ought to be", sink.routed);
    if (said.delivered != sink.delivered) return numbered("delivered ought to be", sink.delivered);
    if (sink.delivered != 0 && said.low_water != sink.low_water) {
      return numbered("low water ought to be", sink.low_water.value);
    }
    if (said.delivered_beyond != sink.delivered_beyond) return "delivered beyond differs";
  }
  return {};
}

// What a start tells the duplicate table about: every inform of the last 150 seconds.
std::string JournalOracle::check_informs(const Recovered& recovered) const {
  std::set<InformDigest> known;
  for (const auto& inform : recovered.informs) known.insert(inform.digest);
  for (const InformDigest& digest : recent_) {
    if (!known.contains(digest)) return numbered("an inform was forgotten: digest", digest.low);
  }
  return {};
}

std::string JournalOracle::judge(Journal& journal, bool pruned, base::WallTime now) {
  if (!trouble_.empty()) return trouble_;
  const Standing standing = journal.standing();
  const auto reader = journal.reader(kEverything, Lsn{});
  Books books;
  Lsn expected{1};
  Lsn first;
  found_.clear();
  recent_.clear();
  while (true) {
    const auto records = reader->next(1 << 16);
    if (reader->gap() && (!pruned || first.value != 0)) {
      return numbered("a gap at LSN", reader->gap()->first.value);
    }
    if (records.empty() && !reader->gap()) break;
    for (const RecordView& record : records) {
      if (first.value == 0) {
        first = record.ref.lsn;
        if (pruned) expected = first;
      }
      if (record.ref.lsn != expected) return numbered("LSNs jump to", record.ref.lsn.value);
      expected = expected.next();
      if (std::string wrong = check_record(record); !wrong.empty()) return wrong;
      account(record, books);
      if (record.type != RecordType::event) continue;
      if (record.received >= now - kDuplicateWindow && record.payload.size() >= kLeastEventBytes) {
        recent_.push_back(gateway::journal::event_digest(record.payload));
      }
      const std::uint64_t id = checked_event_id(record.payload);
      if (!found_.emplace(id, record.ref.lsn.value).second) return numbered("twice: event", id);
    }
  }
  if (expected != journal.durable().next()) return numbered("reading ended at", expected.value);
  for (const auto& [id, lsn] : acknowledged_) {
    if (pruned && lsn < first.value && lsn <= standing.router.value) continue;
    const auto there = found_.find(id);
    if (there == found_.end()) return numbered("acknowledged and missing: event", id);
    if (there->second != lsn) return numbered("acknowledged under another LSN: event", id);
  }
  if (!trouble_.empty()) return trouble_;
  if (std::string wrong = check_informs(journal.recovered()); !wrong.empty()) return wrong;
  return pruned ? std::string{} : compare(books, standing);
}

}  // namespace trapline::simulation
