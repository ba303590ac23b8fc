// The segment being written, and the sealing of one that is full.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gateway/journal/fs.h"
#include "gateway/journal/segment_format.h"
#include "gateway/journal/segment_table.h"

namespace trapline::gateway::journal {

// A segment open for appending. Committer's thread, until it is handed to the housekeeper to be
// sealed.
//
// After a failed `append` nothing more may be written: the object is only good for asking what is
// durable in it.
class Segment {
 public:
  // Takes over a file that holds a header and nothing else.
  Segment(std::unique_ptr<File> file, SegmentHeader header, std::uint64_t segment_bytes);

  // Writes a frame's pieces behind the last one and makes them durable. Does not move `end_bytes`.
  [[nodiscard]] FsResult<void> append(std::span<const base::Bytes> pieces);
  // Takes the durable frame's records into account: each in turn, then its size.
  void count(const RecordView& record);
  void advance(std::size_t frame_bytes);

  [[nodiscard]] const SegmentHeader& header() const { return header_; }
  // Where the next frame goes.
  [[nodiscard]] std::uint64_t end_bytes() const { return end_bytes_; }
  // Octets that are left of those allocated.
  [[nodiscard]] std::uint64_t room_bytes() const {
    return segment_bytes_ > end_bytes_ ? segment_bytes_ - end_bytes_ : 0;
  }
  [[nodiscard]] bool empty() const { return totals_.records == 0; }
  // True once a write failed.
  [[nodiscard]] bool broken() const { return broken_; }
  // What the table says of it.
  [[nodiscard]] SegmentInfo info() const;
  // Writes footer and trailer behind the frames, cuts the file there, makes it durable. Informs
  // received before `oldest` are left out. On failure the segment stays as good as it was.
  [[nodiscard]] FsResult<SegmentInfo> seal(base::WallTime oldest);

 private:
  const std::unique_ptr<File> file_;
  const SegmentHeader header_;
  const std::uint64_t segment_bytes_;
  std::uint64_t end_bytes_;
  bool broken_ = false;
  SegmentTotals totals_;
  std::vector<RecoveredInform> informs_;
};

// Writes a segment's last words at footer.offset and cuts the file behind them. Returns the file's
// size.
[[nodiscard]] FsResult<std::uint64_t> write_footer(File& file, const SegmentFooter& footer,
                                                   std::span<const RecoveredInform> informs);

}  // namespace trapline::gateway::journal
