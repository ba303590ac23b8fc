#include "gateway/journal/engine_record.h"

#include <algorithm>

#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::uint8_t kKnown = 0;
constexpr std::uint8_t kForgotten = 1;
constexpr std::size_t kEntryBytes = 1 + 4 + 4 + 8;  // and the id
constexpr std::size_t kFullBytes = 64U << 10;

template <class T>
void put(std::vector<std::byte>& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  store(out.data() + at, value);
}

void put_engine(const RecordedEngine& engine, std::vector<std::byte>& out) {
  put(out, static_cast<std::uint8_t>(engine.id.size()));
  out.insert(out.end(), engine.id.begin(), engine.id.end());
  put(out, engine.boots);
  put(out, engine.time);
  put(out, std::int64_t{engine.seen.time_since_epoch().count()});
}

void add_record(AppendBatch& batch, base::Bytes payload, base::WallTime now) {
  const base::MutableBytes out = batch.add(RecordType::engines, payload.size(), now);
  std::copy(payload.begin(), payload.end(), out.begin());
}

}  // namespace

// A thousandth and more for the records around them.
std::size_t most_engine_bytes(base::Bytes engine_id) { return kEntryBytes + engine_id.size() + 1; }

bool EngineRecordWriter::add(const RecordedEngine& engine) {
  const std::size_t needed = kEntryBytes + engine.id.size();
  if (payload_.size() + needed > kFullBytes) finish();
  const std::size_t record = payload_.empty() ? kRecordHeaderBytes + 1 + 8 : 0;
  if (needed + record > room_bytes_) return false;
  room_bytes_ -= needed + record;
  if (payload_.empty()) put(payload_, kKnown);
  put_engine(engine, payload_);
  return true;
}

void EngineRecordWriter::finish() {
  if (!payload_.empty()) add_record(batch_, payload_, now_);
  payload_.clear();
}

void add_forgotten_engine(AppendBatch& batch, base::Bytes engine_id, base::WallTime now) {
  std::vector<std::byte> payload;
  put(payload, kForgotten);
  put_engine({engine_id, 0, 0, now}, payload);
  add_record(batch, payload, now);
}

void for_each_engine(base::Bytes payload,
                     const std::function<void(const RecordedEngine&, bool forget)>& use) {
  if (payload.empty()) return;
  const bool forget = load<std::uint8_t>(payload.data()) == kForgotten;
  payload = payload.subspan(1);
  while (!payload.empty()) {
    const std::size_t size = load<std::uint8_t>(payload.data());
    if (payload.size() < kEntryBytes + size) return;
    const std::byte* const numbers = payload.data() + 1 + size;
    const base::WallTime seen{std::chrono::nanoseconds(load<std::int64_t>(numbers + 8))};
    use({payload.subspan(1, size), load<std::int32_t>(numbers), load<std::int32_t>(numbers + 4),
         seen},
        forget);
    payload = payload.subspan(kEntryBytes + size);
  }
}

}  // namespace trapline::gateway::journal
