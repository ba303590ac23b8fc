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
  bool unreadable = false;  // the disk refused to read part of it
};

// Finds the segment's end and takes its records into account. Records from `limit` on are
// superseded. With `successor`, a later segment begins at `limit`: everything below it was durable,
// and a bad frame at the end is damage, not a torn tail.
[[nodiscard]] ScannedSegment scan_segment(File& file, const FoundSegment& found, Lsn limit,
                                          bool successor);

// Makes the scanned segment's last frame durable by writing it once more: after a failed sync the
// system shows octets that never reached the disk, and counts them as clean.
[[nodiscard]] FsResult<void> settle_last_frame(File& file, const ScannedSegment& scanned);
// When even that fails: makes a copy of the segment as far as it was scanned, durable, and puts it
// in the segment's place. Returns the copy.
[[nodiscard]] FsResult<std::unique_ptr<File>> copy_segment(Fs& fs, const std::string& directory,
                                                           File& file,
                                                           const ScannedSegment& scanned);
// Seals a settled segment where it ends.
[[nodiscard]] FsResult<void> seal_scanned(File& file, const FoundSegment& found,
                                          ScannedSegment& scanned);

// What the table says of a sealed segment, cut at `limit`.
[[nodiscard]] SegmentInfo sealed_info(const FoundSegment& found, Lsn limit);

}  // namespace trapline::gateway::journal
