// Looking at a journal's files from outside: for `trapline journal ls|dump|verify`.
//
// Takes no lock and writes nothing, so it may run beside the gateway: what is being written at that
// moment shows as a tail that is not complete yet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/journal/fs.h"
#include "gateway/journal/record.h"
#include "gateway/journal/segment_format.h"

namespace trapline::gateway::journal {

// One segment file, as its header and footer (or its records, while it is not sealed) describe it.
struct SegmentSummary {
  std::string file;  // name within the directory
  SegmentNumber number;
  bool readable = true;  // false: no intact header; nothing below is known
  std::string node;
  Epoch epoch;
  Lsn first;
  Lsn last;  // the one before `first` when it is empty
  bool sealed = false;
  std::uint64_t file_bytes = 0;
  std::uint64_t data_end = 0;  // of its frames
  SegmentTotals totals;
};

// All segments in order. Reads headers and footers, and unsealed segments whole.
[[nodiscard]] FsResult<std::vector<SegmentSummary>> list_segments(Fs& fs,
                                                                  const std::string& directory);

// Is shown each record in turn; false ends the visit. The views are valid during the call.
using RecordVisitor = std::function<bool(const SegmentSummary&, const RecordView&)>;
// Visits every intact record behind `after`, in order of LSN, once each.
[[nodiscard]] FsResult<void> visit_records(Fs& fs, const std::string& directory, Lsn after,
                                           const RecordVisitor& visit);

// What is wrong in one place.
struct Finding {
  std::string file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string what;
};

// The result of a verification. A torn tail of the newest segment is normal and no finding.
struct Verification {
  std::uint64_t segments = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;            // read and checked
  std::uint64_t missing_records = 0;  // LSNs that ought to be there
  std::uint64_t torn_bytes = 0;       // at the end of unsealed segments
  std::vector<Finding> findings;
};
// Checks every CRC of every frame and record, the order of LSNs, and footers against what they sum
// up.
[[nodiscard]] FsResult<Verification> verify_journal(Fs& fs, const std::string& directory);

}  // namespace trapline::gateway::journal
