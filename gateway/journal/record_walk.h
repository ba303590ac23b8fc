// Goes through the records of a segment one by one, over damage where there is some.
#pragma once

#include <cstdint>

#include "gateway/journal/file_window.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

// Where a walk goes: one segment's frames.
struct WalkBounds {
  SegmentNumber segment;
  Epoch epoch;
  Lsn first;              // of the first record
  Lsn limit;              // records from here on belong to a later segment, or are not durable
  std::uint64_t end = 0;  // of the frames, in the file
};

// Every record it hands out has been checked by its own CRC, and LSNs only rise. Between two
// records with an LSN missing lies damage: the walk looks for the next intact record itself, octet
// group by octet group, and accepts only LSNs that may stand there. One thread; window and bounds
// belong to the caller.
class RecordWalk {
 public:
  enum class Step : std::uint8_t {
    record,      // `record` is set; it views the window
    must_load,   // going on would invalidate earlier views
    unreadable,  // the file could not be read here
    end,         // nothing more up to the bounds' end
  };

  RecordWalk() = default;
  // Starts at the segment's first frame.
  RecordWalk(FileWindow& window, const WalkBounds& bounds);

  // The next record. With `may_load` false, views handed out since the last load stay valid. What
  // cannot be read is damage like any other, unless `stop_unreadable`: then the walk stays before
  // it.
  [[nodiscard]] Step next(bool may_load, RecordView& record, bool stop_unreadable = false);
  // Goes back to (or on to) a record: the next one read is that at `offset`, with at least this
  // LSN.
  void go_to(std::uint64_t offset, Lsn lsn);
  // Lets the walk go further in a segment that has grown.
  void extend(Lsn limit, std::uint64_t end);

  // The LSN that comes next if nothing is missing, and where it should stand.
  [[nodiscard]] Lsn expected() const { return expected_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  // Octets passed over because nothing in them was intact.
  [[nodiscard]] std::uint64_t damaged_bytes() const { return damaged_bytes_; }
  [[nodiscard]] const WalkBounds& bounds() const { return bounds_; }

 private:
  enum class Found : std::uint8_t { yes, no, must_load, beyond_limit };

  Found try_record(std::uint64_t offset, Lsn highest, bool may_load, RecordView& record);
  bool skip_frame_header();
  bool resynchronise(RecordView& record);
  Step accept(const RecordView& record);

  FileWindow* window_ = nullptr;
  WalkBounds bounds_;
  std::uint64_t offset_ = 0;
  Lsn expected_;
  std::uint64_t damaged_bytes_ = 0;
};

}  // namespace trapline::gateway::journal
