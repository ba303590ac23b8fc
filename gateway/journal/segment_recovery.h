// Recovery of one segment file: what it is, where it ends, what is damaged, and sealing it if
// nobody did.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/journal/frame_scan.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/segment_format.h"
#include "gateway/journal/segment_table.h"

namespace trapline::gateway::journal {

// A segment file whose header (or footer) could be read.
struct FoundSegment {
  SegmentHeader header;
  std::uint64_t file_bytes = 0;
  std::optional<SegmentFooter> footer;  // nothing: unsealed
  std::uint64_t read_bytes = 0;         // to learn this
};

// Reads a file's header and footer, and nothing else. Nothing when neither is intact, or when the
// file does not bear the number it was made with.
[[nodiscard]] std::optional<FoundSegment> identify_segment(File& file, SegmentNumber number);

// What reading an unsealed segment through has shown.
struct ScannedSegment {
  SegmentInfo info;
  FrameScan scan;
  std::vector<RecoveredInform> informs;
  std::uint64_t read_bytes = 0;
};

// Finds the segment's end and takes its records into account. Records from `limit` on are
// superseded. With `successor`, a later segment begins at `limit`: everything below it was durable,
// and a bad frame at the end is damage, not a torn tail.
[[nodiscard]] ScannedSegment scan_segment(File& file, const FoundSegment& found, Lsn limit,
                                          bool successor);

// Seals a scanned segment where it ends. Its last frame is written once more first: after a failed
// sync the system shows octets that never reached the disk, and counts them as clean.
[[nodiscard]] FsResult<void> seal_scanned(File& file, const FoundSegment& found,
                                          ScannedSegment& scanned);

// What the table says of a sealed segment, cut at `limit`.
[[nodiscard]] SegmentInfo sealed_info(const FoundSegment& found, Lsn limit);

}  // namespace trapline::gateway::journal
