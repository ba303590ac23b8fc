// Which segments there are, in order. What readers, committer and housekeeper know of each other's
// files.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "gateway/journal/segment_format.h"

namespace trapline::gateway::journal {

// One segment file. Plain value.
struct SegmentInfo {
  SegmentNumber number;
  Epoch epoch;
  Lsn first;
  Lsn end;                       // behind its last record; equal to `first` when it has none
  std::uint64_t data_end = 0;    // behind its last durable frame
  std::uint64_t file_bytes = 0;  // what it takes of the disk
  bool sealed = false;
  SegmentTotals totals;

  // True when record `lsn` is (or was) in it.
  [[nodiscard]] bool holds(Lsn lsn) const { return lsn >= first && lsn < end; }
};

// Thread-safe. Numbers and LSNs rise from front to back; the last one is the one being written.
class SegmentTable {
 public:
  // Appends a segment.
  void add(const SegmentInfo& info);
  // Replaces what is known of info.number; nothing when it is not there.
  void update(const SegmentInfo& info);
  // Forgets a segment.
  void remove(SegmentNumber number);

  // The segment that holds `lsn`; else the first one behind it; else none.
  [[nodiscard]] std::optional<SegmentInfo> at_or_behind(Lsn lsn) const;
  [[nodiscard]] std::optional<SegmentInfo> find(SegmentNumber number) const;
  [[nodiscard]] std::vector<SegmentInfo> all() const;
  // The sum of file_bytes, and how many there are.
  [[nodiscard]] std::uint64_t total_bytes() const;
  [[nodiscard]] std::size_t size() const;

 private:
  std::size_t position(SegmentNumber number) const;

  mutable std::mutex mutex_;
  std::vector<SegmentInfo> segments_;  // guarded by mutex_
};

}  // namespace trapline::gateway::journal
