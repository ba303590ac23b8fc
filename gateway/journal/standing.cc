#include "gateway/journal/standing.h"

#include <algorithm>
#include <cassert>

#include "gateway/journal/outcome_record.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kSinksAt = 22;  // in an OUTCOME, see outcome_record.h
constexpr std::size_t kFlagsAt = 23;
constexpr std::size_t kFixedOutcomeBytes = 24;
constexpr unsigned kSyntheticFlag = 1;
constexpr std::uint8_t kCheckpointFormat = 1;
constexpr std::size_t kMaxBeyond = 1'024;
// A sink in a CHECKPOINT, without its name and the LSNs beyond: its totals, and two lengths.
constexpr std::size_t kSinkBytes = 5 * sizeof(std::uint64_t) + 3;
// What an EVENT that waits takes, LSNs, segments and offsets being below 2^28 apart.
constexpr std::size_t kMaxWaitingBytes = 12;

template <class T>
void put(std::vector<std::byte>& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  store(out.data() + at, value);
}

void put_varint(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

// Reads numbers one after the other; once something is missing, everything reads as zero and `good`
// is false.
class Source {
 public:
  explicit Source(base::Bytes in) : in_(in) {}

  template <class T>
  T number() {
    const base::Bytes octets = take(sizeof(T));
    return good_ ? load<T>(octets.data()) : T{};
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && good_; shift += 7) {
      const auto octet = number<std::uint8_t>();
      value |= static_cast<std::uint64_t>(octet & 0x7fU) << shift;
      if (octet < 0x80) return value;
    }
    good_ = false;
    return 0;
  }
  base::Bytes take(std::size_t size) {
    if (size > in_.size()) good_ = false;
    if (!good_) return {};
    const base::Bytes taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  base::Bytes in_;
  bool good_ = true;
};

std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

// How many of the LSNs beyond find room in so many octets.
std::size_t fitting(const SinkStanding& cursor, std::size_t most_bytes) {
  std::size_t count = 0;
  Lsn before = cursor.low_water;
  for (const Lsn lsn : cursor.delivered_beyond) {
    const std::size_t bytes = varint_bytes(lsn.value - before.value);
    if (bytes > most_bytes || count == kMaxBeyond) break;
    most_bytes -= bytes;
    before = lsn;
    ++count;
  }
  return count;
}

// The cursor with no more than the first `count` LSNs beyond, as if the others had not been
// answered yet.
SinkStanding shortened(const SinkStanding& cursor, std::size_t count) {
  SinkStanding out = cursor;
  const std::uint64_t left_out = cursor.delivered_beyond.size() - count;
  const std::uint64_t delivered = std::min(left_out, cursor.delivered);
  out.delivered -= delivered;
  out.dead_lettered -= std::min(left_out - delivered, cursor.dead_lettered);
  out.delivered_beyond.resize(count);
  return out;
}

// name, low-water mark, totals, then the LSNs beyond it, each as the distance to the one before.
void put_cursor(std::string_view sink, const SinkStanding& cursor, std::vector<std::byte>& out) {
  put(out, static_cast<std::uint8_t>(std::min(sink.size(), kMaxSinkNameBytes)));
  const base::Bytes name = base::as_bytes(sink.substr(0, kMaxSinkNameBytes));
  out.insert(out.end(), name.begin(), name.end());
  put(out, cursor.low_water.value);
  put(out, cursor.delivered);
  put(out, cursor.dead_lettered);
  put(out, cursor.skipped);
  const std::size_t count = std::min(cursor.delivered_beyond.size(), kMaxBeyond);
  put(out, static_cast<std::uint16_t>(count));
  Lsn before = cursor.low_water;
  for (const Lsn lsn : std::span(cursor.delivered_beyond).first(count)) {
    put_varint(out, lsn.value - before.value);
    before = lsn;
  }
}

// Reads what put_cursor wrote; `cursor.routed` is left alone.
bool read_cursor(Source& in, std::string_view& sink, SinkStanding& cursor) {
  sink = base::as_text(in.take(in.number<std::uint8_t>()));
  cursor.low_water = Lsn{in.number<std::uint64_t>()};
  cursor.delivered = in.number<std::uint64_t>();
  cursor.dead_lettered = in.number<std::uint64_t>();
  cursor.skipped = in.number<std::uint64_t>();
  cursor.delivered_beyond.clear();
  const auto count = in.number<std::uint16_t>();
  if (count > kMaxBeyond) return false;
  Lsn before = cursor.low_water;
  for (std::size_t i = 0; i < count && in.good(); ++i) {
    before = Lsn{before.value + in.varint()};
    cursor.delivered_beyond.push_back(before);
  }
  return in.good() && !sink.empty();
}

std::size_t waiting_bytes(const std::map<Lsn, RecordRef>& waiting) {
  if (waiting.empty()) return 0;
  std::size_t bytes = sizeof(std::uint16_t);
  Lsn before;
  for (const auto& [lsn, ref] : waiting) {
    bytes += varint_bytes(lsn.value - before.value) + varint_bytes(ref.segment.value) +
             varint_bytes(ref.offset);
    before = lsn;
  }
  return bytes;
}

// How many, then each as the distance of its LSN to the one before, segment and offset.
void put_waiting(const std::map<Lsn, RecordRef>& waiting, std::vector<std::byte>& out) {
  assert(waiting.size() <= kMostWaiting);
  put(out, static_cast<std::uint16_t>(waiting.size()));
  Lsn before;
  for (const auto& [lsn, ref] : waiting) {
    put_varint(out, lsn.value - before.value);
    put_varint(out, ref.segment.value);
    put_varint(out, ref.offset);
    before = lsn;
  }
}

void read_waiting(Source& in, std::map<Lsn, RecordRef>& waiting) {
  Lsn before;
  for (auto left = in.number<std::uint16_t>(); left != 0 && in.good(); --left) {
    RecordRef ref;
    ref.lsn = Lsn{before.value + in.varint()};
    ref.segment = SegmentNumber{in.varint()};
    ref.offset = static_cast<std::uint32_t>(in.varint());
    before = ref.lsn;
    if (in.good()) waiting.emplace(ref.lsn, ref);
  }
}

}  // namespace

bool SinkTally::count(base::Bytes payload) {
  if (list_.empty() || payload.size() < kSinksAt + list_.size()) return false;
  if (std::memcmp(payload.data() + kSinksAt, list_.data(), list_.size()) != 0) return false;
  for (std::uint64_t* const routed : routed_) ++*routed;
  return true;
}

void SinkTally::remember(base::Bytes list, std::vector<std::uint64_t*> routed) {
  list_.assign(list.begin(), list.end());
  routed_ = std::move(routed);
}

void Standing::apply(const RecordView& record) {
  switch (record.type) {
    case RecordType::event: ++events; break;
    case RecordType::timer:
    case RecordType::answer:
    case RecordType::engines: break;
    case RecordType::letter: break;
    case RecordType::outcome: apply_outcome(record); break;
    case RecordType::cursor: apply_cursor(record.payload); break;
    case RecordType::checkpoint: {
      Standing said;
      if (decode(record.payload, said)) *this = std::move(said);
      break;
    }
  }
  last = record.ref.lsn;
}

void Standing::apply_outcome(const RecordView& record) {
  const base::Bytes payload = record.payload;
  if (payload.size() < kFixedOutcomeBytes) return;
  if (const std::uint64_t gone = outcome_lost_events(payload); gone != 0) {
    lost += gone;
    waiting.erase(outcome_event(payload).lsn);
    router = std::max(router, outcome_event(payload).lsn);
    return;
  }
  if (outcome_is_closing(payload) || outcome_is_waiting(payload)) {
    const RecordRef event = outcome_event(payload);
    router = std::max(router, event.lsn);
    if (outcome_is_waiting(payload)) waiting.emplace(event.lsn, event);
    return;
  }
  if (!tally_.count(payload)) {
    const base::Bytes list = outcome_sinks(payload);
    if (list.empty()) return;
    std::vector<std::uint64_t*> routed;
    base::Bytes names = list.subspan(kFixedOutcomeBytes - kSinksAt);
    while (!names.empty()) {
      const auto size = load<std::uint8_t>(names.data());
      const std::string name(base::as_text(names.subspan(1, size)));
      names = names.subspan(1U + size);
      const auto [sink, added] = sinks.try_emplace(name);
      if (added) sink->second.low_water = Lsn{record.ref.lsn.value - 1};
      ++sink->second.routed;
      routed.push_back(&sink->second.routed);
    }
    tally_.remember(list, std::move(routed));
  }
  ++decided;
  if ((load<std::uint8_t>(payload.data() + kFlagsAt) & kSyntheticFlag) != 0) {
    ++synthetic;
  } else {
    const Lsn event = outcome_event(payload).lsn;
    if (!waiting.empty()) waiting.erase(event);
    router = std::max(router, event);
  }
}

void Standing::apply_cursor(base::Bytes payload) {
  Source in(payload);
  std::string_view name;
  SinkStanding said;
  if (!read_cursor(in, name, said)) return;
  const auto [sink, added] = sinks.try_emplace(std::string(name));
  said.routed = added ? said.delivered + said.dead_lettered + said.skipped : sink->second.routed;
  sink->second = std::move(said);
}

std::uint64_t Standing::encode(std::vector<std::byte>& out, std::chrono::nanoseconds down,
                               std::size_t most_bytes) const {
  const std::size_t start = out.size();
  put(out, kCheckpointFormat);
  for (const std::uint64_t number :
       {last.value, router.value, events, synthetic, decided, lost, first_wanted.value}) {
    put(out, number);
  }
  put(out, static_cast<std::uint16_t>(std::min(sinks.size(), kMaxSinks)));
  std::size_t left = std::min(sinks.size(), kMaxSinks);
  std::size_t needed = out.size() - start + sizeof(std::int64_t) + waiting_bytes(waiting);
  for (const auto& [name, sink] : sinks) needed += kSinkBytes + name.size();
  std::size_t room = most_bytes - std::min(most_bytes, needed);
  std::uint64_t left_out = 0;
  for (const auto& [name, sink] : sinks) {
    if (left == 0) break;
    // What a sink does not need is for those after it.
    const std::size_t count = fitting(sink, room / left--);
    left_out += sink.delivered_beyond.size() - count;
    put(out, sink.routed);
    const std::size_t before = out.size();
    if (count == sink.delivered_beyond.size()) {
      put_cursor(name, sink, out);
    } else {
      put_cursor(name, shortened(sink, count), out);
    }
    const std::size_t fixed = kSinkBytes - sizeof sink.routed + name.size();
    room -= std::min(room, out.size() - before - fixed);
  }
  if (down == std::chrono::nanoseconds::zero() && waiting.empty()) return left_out;
  put(out, std::int64_t{down.count()});
  if (!waiting.empty()) put_waiting(waiting, out);
  return left_out;
}

bool Standing::decode(base::Bytes payload, Standing& standing, std::chrono::nanoseconds* down) {
  Source in(payload);
  if (in.number<std::uint8_t>() != kCheckpointFormat) return false;
  standing = {};
  standing.last = Lsn{in.number<std::uint64_t>()};
  standing.router = Lsn{in.number<std::uint64_t>()};
  standing.events = in.number<std::uint64_t>();
  standing.synthetic = in.number<std::uint64_t>();
  standing.decided = in.number<std::uint64_t>();
  standing.lost = in.number<std::uint64_t>();
  standing.first_wanted = SegmentNumber{in.number<std::uint64_t>()};
  const auto count = in.number<std::uint16_t>();
  for (std::size_t i = 0; i < count && in.good(); ++i) {
    SinkStanding sink;
    std::string_view name;
    sink.routed = in.number<std::uint64_t>();
    if (!read_cursor(in, name, sink)) return false;
    standing.sinks.insert_or_assign(std::string(name), std::move(sink));
  }
  if (!in.good()) return false;
  // What follows need not be there.
  const auto away = in.number<std::int64_t>();
  if (down != nullptr) *down = std::chrono::nanoseconds(away);
  read_waiting(in, standing.waiting);
  return true;
}

std::size_t most_waiting(std::size_t most_bytes) {
  return std::min(kMostWaiting, most_bytes / 2 / kMaxWaitingBytes);
}

void encode_cursor(std::string_view sink, const SinkStanding& cursor, std::vector<std::byte>& out) {
  if (cursor.delivered_beyond.size() > kMaxBeyond) {
    return put_cursor(sink, shortened(cursor, kMaxBeyond), out);
  }
  put_cursor(sink, cursor, out);
}

}  // namespace trapline::gateway::journal
