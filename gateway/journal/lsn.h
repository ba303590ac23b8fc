// Positions in the log, and the clock of the rules.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

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

// The clock of the rules: the boot-time clock anchored to the wall clock at start, as nanoseconds
// since 1970, stamped by the committer and never going backwards within a journal.
struct RuleTime {
  std::int64_t since_epoch_ns = 0;
  friend auto operator<=>(RuleTime, RuleTime) = default;
};

// Where a record lies: enough to find it in the ring (by LSN) or in its file.
struct RecordRef {
  Lsn lsn;
  SegmentNumber segment;
  std::uint32_t offset = 0;  // of the record's header, from the segment's first byte
  friend bool operator==(const RecordRef&, const RecordRef&) = default;
};

}  // namespace trapline::gateway::journal
