// Positions in the log.
#pragma once

#include <compare>
#include <cstdint>

#include "base/clock.h"

namespace trapline::gateway::journal {

// Log sequence number: counts records from 1, without a gap. 0 is before the first.
struct Lsn {
  std::uint64_t value = 0;
  friend auto operator<=>(Lsn, Lsn) = default;
  [[nodiscard]] constexpr Lsn next() const { return Lsn{value + 1}; }
};

// Counts segments from 1; part of their file name.
struct SegmentNumber {
  std::uint64_t value = 0;
  friend auto operator<=>(SegmentNumber, SegmentNumber) = default;
};

// Random per segment: seeds its checksums and is part of the ids of the events it holds.
struct Epoch {
  std::uint32_t value = 0;
  friend auto operator<=>(Epoch, Epoch) = default;
};

using base::RuleTime;

// Where a record lies: enough to find it in the ring (by LSN) or in its file.
struct RecordRef {
  Lsn lsn;
  SegmentNumber segment;
  std::uint32_t offset = 0;  // of the record's header, from the segment's first byte
  friend bool operator==(const RecordRef&, const RecordRef&) = default;
};

}  // namespace trapline::gateway::journal
