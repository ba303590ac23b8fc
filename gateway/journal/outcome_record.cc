#include "gateway/journal/outcome_record.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>

#include "gateway/journal/answer_record.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kFixedBytes = 24;
constexpr std::size_t kSinksAt = 22;
constexpr std::size_t kFieldHeaderBytes = 4;
constexpr std::uint8_t kSyntheticFlag = 1;
constexpr std::uint8_t kLostFlag = 2;
constexpr std::uint8_t kClosingFlag = 4;
constexpr std::uint8_t kAgainFlag = 8;
constexpr std::uint8_t kWaitingFlag = 16;
constexpr std::size_t kFlagsAt = 23;

// Optional fields. Numbers never change meaning.
enum class Field : std::uint8_t {
  key = 1,
  summary = 2,
  rule = 3,
  tag_name = 4,
  tag_value = 5,
  flags = 6,      // u32
  synthetic = 7,  // u8 kind, i64 rule time at which it was made
  count = 8,      // u64, i64 rule time of the first
  raise_id = 9,
  cause = 10,
  id = 11,
  kept_event = 12,
  label_name = 13,
  label_value = 14,
  enriched = 15,  // u8 length, enrichment, then as write_answered() does
};
constexpr std::size_t kMostFieldBytes = 0xff'ffff;

// Writes or, with `out` null, only measures.
class Writer {
 public:
  explicit Writer(std::byte* out) : out_(out) {}

  void raw(const void* data, std::size_t size) {
    if (out_ != nullptr && size != 0) std::memcpy(out_ + size_, data, size);
    size_ += size;
  }
  template <class T>
  void number(T value) {
    raw(&value, sizeof value);
  }
  void field(Field id, std::string_view text) {
    const std::size_t size = std::min(text.size(), kMostFieldBytes);
    begin_field(id, size);
    raw(text.data(), size);
  }
  void begin_field(Field id, std::size_t size) {
    number(static_cast<std::uint8_t>(id));
    number(static_cast<std::uint8_t>(size >> 16));
    number(static_cast<std::uint16_t>(size));
  }
  void answered(const rules::AnsweredMember& member) {
    const std::size_t size = answered_bytes(member);
    if (out_ != nullptr) write_answered(member, {out_ + size_, size});
    size_ += size;
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::byte* out_;
  std::size_t size_ = 0;
};

void write_numbers(const rules::Verdict& verdict, Writer& out) {
  if (verdict.flags.bits() != 0) {
    out.begin_field(Field::flags, 4);
    out.number(verdict.flags.bits());
  }
  if (verdict.synthetic != rules::Synthetic::none) {
    out.begin_field(Field::synthetic, 9);
    out.number(static_cast<std::uint8_t>(verdict.synthetic));
    out.number(verdict.made.since_epoch_ns);
  }
  if (verdict.count != 0) {
    out.begin_field(Field::count, 16);
    out.number(verdict.count);
    out.number(verdict.first_time.since_epoch_ns);
  }
}

void write_enriched(const rules::EnrichedValue& value, Writer& out) {
  const rules::AnsweredMember member{value.member, value.varbind};
  out.begin_field(Field::enriched, 1 + value.enrichment.size() + answered_bytes(member));
  out.number(static_cast<std::uint8_t>(value.enrichment.size()));
  out.raw(value.enrichment.data(), value.enrichment.size());
  out.answered(member);
}

void write(const Outcome& outcome, Writer& out) {
  const rules::Verdict& verdict = outcome.verdict;
  assert(outcome.sinks.size() <= kMaxSinks);
  out.number(outcome.event.lsn.value);
  out.number(outcome.event.segment.value);
  out.number(outcome.event.offset);
  out.number(static_cast<std::uint8_t>(verdict.severity));
  out.number(static_cast<std::uint8_t>(verdict.state));
  out.number(static_cast<std::uint8_t>(outcome.sinks.size()));
  out.number(static_cast<std::uint8_t>(
      (outcome.synthetic ? kSyntheticFlag : 0) | (outcome.lost_events != 0 ? kLostFlag : 0) |
      (outcome.closing ? kClosingFlag : 0) | (outcome.again ? kAgainFlag : 0) |
      (outcome.waiting ? kWaitingFlag : 0)));
  for (const std::string_view sink : outcome.sinks) {
    assert(sink.size() <= kMaxSinkNameBytes);
    out.number(static_cast<std::uint8_t>(sink.size()));
    out.raw(sink.data(), sink.size());
  }
  // A lost record names no sink: its count stands right behind the fixed part.
  if (outcome.lost_events != 0) out.number(outcome.lost_events);
  if (!verdict.key.empty()) out.field(Field::key, verdict.key);
  if (!verdict.summary.empty()) out.field(Field::summary, verdict.summary);
  for (const std::string_view rule : verdict.rules) out.field(Field::rule, rule);
  for (const rules::Tag& tag : verdict.tags) {
    out.field(Field::tag_name, tag.name);
    out.field(Field::tag_value, tag.value);
  }
  write_numbers(verdict, out);
  for (const rules::EnrichedValue& value : verdict.enrichment) write_enriched(value, out);
  if (!verdict.raise_id.empty()) out.field(Field::raise_id, verdict.raise_id);
  for (const rules::Tag& label : verdict.labels) {
    out.field(Field::label_name, label.name);
    out.field(Field::label_value, label.value);
  }
  for (const std::string_view cause : verdict.causes) out.field(Field::cause, cause);
  if (!outcome.id.empty()) out.field(Field::id, outcome.id);
  if (!outcome.kept_event.empty()) out.field(Field::kept_event, base::as_text(outcome.kept_event));
}

template <class T>
T get(base::Bytes in, std::size_t at) {
  T value;
  std::memcpy(&value, in.data() + at, sizeof value);
  return value;
}

// Reads the sinks' names; returns the offset behind them, or 0 when they do not fit.
std::size_t read_sinks(base::Bytes in, std::vector<std::string_view>* names) {
  if (in.size() < kFixedBytes) return 0;
  std::size_t at = kFixedBytes;
  for (auto left = get<std::uint8_t>(in, kSinksAt); left != 0; --left) {
    if (at == in.size()) return 0;
    const auto size = get<std::uint8_t>(in, at++);
    if (size > in.size() - at) return 0;
    if (names != nullptr) names->push_back(base::as_text(in.subspan(at, size)));
    at += size;
  }
  return at;
}

// The fields that are numbers; false when one is shorter than it must be, or says what cannot be.
bool read_number(Field id, base::Bytes in, rules::Verdict& verdict) {
  switch (id) {
    case Field::flags:
      if (in.size() < 4) return false;
      verdict.flags = rules::VerdictFlags(get<std::uint32_t>(in, 0));
      break;
    case Field::synthetic: {
      if (in.size() < 9) return false;
      const auto kind = get<std::uint8_t>(in, 0);
      if (kind > static_cast<std::uint8_t>(rules::kLastSynthetic)) return false;
      verdict.synthetic = static_cast<rules::Synthetic>(kind);
      verdict.made.since_epoch_ns = get<std::int64_t>(in, 1);
      break;
    }
    case Field::count:
      if (in.size() < 16) return false;
      verdict.count = get<std::uint64_t>(in, 0);
      verdict.first_time.since_epoch_ns = get<std::int64_t>(in, 8);
      break;
    default: break;
  }
  return true;
}

bool read_enriched(base::Bytes in, OutcomeScratch& scratch) {
  if (in.empty()) return false;
  const auto size = get<std::uint8_t>(in, 0);
  if (in.size() < 1U + size) return false;
  base::Bytes rest = in.subspan(1U + size);
  rules::AnsweredMember member;
  if (!read_answered(rest, member)) return false;
  scratch.enrichment.push_back({base::as_text(in.subspan(1, size)), member.name, member.varbind});
  return true;
}

bool read_field(Field id, base::Bytes octets, OutcomeScratch& scratch, Outcome& outcome) {
  const std::string_view text = base::as_text(octets);
  switch (id) {
    case Field::key: outcome.verdict.key = text; break;
    case Field::summary: outcome.verdict.summary = text; break;
    case Field::rule: scratch.rules.push_back(text); break;
    case Field::tag_name: scratch.tags.push_back({text, {}}); break;
    case Field::tag_value:
      if (!scratch.tags.empty()) scratch.tags.back().value = text;
      break;
    case Field::raise_id: outcome.verdict.raise_id = text; break;
    case Field::label_name: scratch.labels.push_back({text, {}}); break;
    case Field::label_value:
      if (!scratch.labels.empty()) scratch.labels.back().value = text;
      break;
    case Field::cause: scratch.causes.push_back(text); break;
    case Field::id: outcome.id = text; break;
    case Field::kept_event: outcome.kept_event = octets; break;
    case Field::enriched: return read_enriched(octets, scratch);
    case Field::flags:
    case Field::synthetic:
    case Field::count: return read_number(id, octets, outcome.verdict);
  }
  return true;
}

bool read_fields(base::Bytes in, OutcomeScratch& scratch, Outcome& outcome) {
  while (!in.empty()) {
    if (in.size() < kFieldHeaderBytes) return false;
    const std::size_t size =
        std::size_t{get<std::uint8_t>(in, 1)} << 16 | get<std::uint16_t>(in, 2);
    if (size > in.size() - kFieldHeaderBytes) return false;
    const auto id = static_cast<Field>(get<std::uint8_t>(in, 0));
    if (!read_field(id, in.subspan(kFieldHeaderBytes, size), scratch, outcome)) return false;
    in = in.subspan(kFieldHeaderBytes + size);
  }
  return true;
}

}  // namespace

std::size_t outcome_bytes(const Outcome& outcome) {
  Writer measure(nullptr);
  write(outcome, measure);
  return measure.size();
}

void encode_outcome(const Outcome& outcome, base::MutableBytes out) {
  Writer writer(out.data());
  write(outcome, writer);
  assert(writer.size() == out.size());
}

bool decode_outcome(base::Bytes payload, OutcomeScratch& scratch, Outcome& outcome) {
  scratch.sinks.clear();
  scratch.rules.clear();
  scratch.tags.clear();
  scratch.causes.clear();
  scratch.labels.clear();
  scratch.enrichment.clear();
  const std::size_t behind_sinks = read_sinks(payload, &scratch.sinks);
  if (behind_sinks == 0) return false;
  const auto severity = get<std::uint8_t>(payload, 20);
  const auto state = get<std::uint8_t>(payload, 21);
  if (severity > static_cast<std::uint8_t>(rules::Severity::cleared)) return false;
  if (state > static_cast<std::uint8_t>(rules::State::clear)) return false;
  outcome.verdict = {};
  outcome.event = outcome_event(payload);
  outcome.verdict.severity = static_cast<rules::Severity>(severity);
  outcome.verdict.state = static_cast<rules::State>(state);
  outcome.synthetic = (get<std::uint8_t>(payload, kFlagsAt) & kSyntheticFlag) != 0;
  outcome.again = (get<std::uint8_t>(payload, kFlagsAt) & kAgainFlag) != 0;
  outcome.closing = outcome_is_closing(payload);
  outcome.waiting = outcome_is_waiting(payload);
  outcome.lost_events = outcome_lost_events(payload);
  if (outcome.lost_events != 0) return true;
  if (!read_fields(payload.subspan(behind_sinks), scratch, outcome)) return false;
  outcome.sinks = scratch.sinks;
  outcome.verdict.rules = scratch.rules;
  outcome.verdict.tags = scratch.tags;
  outcome.verdict.causes = scratch.causes;
  outcome.verdict.labels = scratch.labels;
  outcome.verdict.enrichment = scratch.enrichment;
  return true;
}

base::Bytes outcome_sinks(base::Bytes payload) {
  const std::size_t behind = read_sinks(payload, nullptr);
  return behind == 0 ? base::Bytes{} : payload.subspan(kSinksAt, behind - kSinksAt);
}

bool outcome_is_closing(base::Bytes payload) {
  return payload.size() >= kFixedBytes &&
         (get<std::uint8_t>(payload, kFlagsAt) & kClosingFlag) != 0;
}

bool outcome_is_waiting(base::Bytes payload) {
  return payload.size() >= kFixedBytes &&
         (get<std::uint8_t>(payload, kFlagsAt) & kWaitingFlag) != 0;
}

std::uint64_t outcome_lost_events(base::Bytes payload) {
  if (payload.size() < kFixedBytes + sizeof(std::uint64_t)) return 0;
  const bool lost = (get<std::uint8_t>(payload, kFlagsAt) & kLostFlag) != 0;
  return lost ? get<std::uint64_t>(payload, kFixedBytes) : 0;
}

RecordRef outcome_event(base::Bytes payload) {
  if (payload.size() < kFixedBytes) return {};
  return {Lsn{get<std::uint64_t>(payload, 0)}, SegmentNumber{get<std::uint64_t>(payload, 8)},
          get<std::uint32_t>(payload, 16)};
}

}  // namespace trapline::gateway::journal
