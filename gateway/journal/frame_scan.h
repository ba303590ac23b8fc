// Finds where an unsealed segment ends: which frames are whole, what is damage, what is a torn
// tail.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/journal/file_window.h"
#include "gateway/journal/record_walk.h"
#include "gateway/journal/segment_format.h"

namespace trapline::gateway::journal {

// Octets [begin, end) of a segment.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A frame that was found whole.
struct WholeFrame {
  ByteRange range;
  Lsn first;
  Lsn last;
};

// What a scan found. Plain value.
struct FrameScan {
  std::uint64_t data_end = kDataOffset;  // behind the last whole frame
  Lsn last;  // its last record; the one before the first when there is no frame
  std::optional<WholeFrame> last_frame;
  std::vector<ByteRange> damaged;  // between whole frames (or between the last one and a footer)
  std::optional<SegmentFooter> footer;
  std::uint64_t torn_bytes = 0;  // that were written behind data_end
};

// The frame at `offset` when it is whole: its own CRC and that of each of its records hold, and
// LSNs follow each other.
[[nodiscard]] std::optional<WholeFrame> read_frame(FileWindow& window, const WalkBounds& bounds,
                                                   std::uint64_t offset);

// Scans from `from`, the offset of a frame, to whole.end, the file's size. A bad frame with a whole
// frame (or a footer) behind it is damage; with none, the tail is torn: a commit that was never
// acknowledged. Frames from whole.limit on are a superseded tail and not looked at. Reads
// everything; cannot fail.
[[nodiscard]] FrameScan scan_frames(FileWindow& window, const WalkBounds& whole,
                                    std::uint64_t from = kDataOffset);

}  // namespace trapline::gateway::journal
