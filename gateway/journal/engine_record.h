// ENGINES payload: what is known of remote engines of SNMPv3 (boots, times), so that an old
// authenticated trap cannot be replayed at us after a restart (RFC 3414 §2.3).
//
//   0 u8 what: 0 known, 1 to be forgotten, then per engine: u8 id bytes, id, i32 boots, i32 time,
//   i64 seen (wall, ns since 1970)
//
// Between two of them, authenticated v3 EVENTs say the same, one engine each.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/journal/append_batch.h"

namespace trapline::gateway::journal {

// One remote engine: its latest boots and time, and when they were received. Plain value; `id` (at
// most 255 octets) views whatever it was read from.
struct RecordedEngine {
  base::Bytes id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  base::WallTime seen{};
};

// Who keeps the remote engines in memory.
class EngineKeeper {
 public:
  virtual ~EngineKeeper() = default;
  // What the log says, in its order: while the journal is opened, by that thread.
  virtual void restore(const RecordedEngine& engine) = 0;
  virtual void forget(base::Bytes engine_id) = 0;
  // Adds ENGINES records of everything known, at the start of a segment: at most `room_bytes` of
  // them, of those heard of last when that is not enough for all. The committer's thread.
  virtual void record(AppendBatch& batch, std::size_t room_bytes) const = 0;
};

// Octets of the log that an engine takes at most.
[[nodiscard]] std::size_t most_engine_bytes(base::Bytes engine_id);

// Puts engines into ENGINES records, as many as they need.
class EngineRecordWriter {
 public:
  // Adds records to `batch`, which outlives it, stamped `now`; never more than `room_bytes` of
  // them.
  EngineRecordWriter(AppendBatch& batch, base::WallTime now, std::size_t room_bytes)
      : batch_(batch), now_(now), room_bytes_(room_bytes) {}

  // One more engine; false when there is no room for it.
  bool add(const RecordedEngine& engine);
  // Ends the last record.
  void finish();

 private:
  AppendBatch& batch_;
  const base::WallTime now_;
  std::size_t room_bytes_;
  std::vector<std::byte> payload_;
};

// Adds the record that has one engine forgotten.
void add_forgotten_engine(AppendBatch& batch, base::Bytes engine_id, base::WallTime now);

// Calls `use(engine, forget)` for every engine of an ENGINES payload; stops where it is damaged.
void for_each_engine(base::Bytes payload,
                     const std::function<void(const RecordedEngine&, bool forget)>& use);

}  // namespace trapline::gateway::journal
