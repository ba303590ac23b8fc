// Readers of the log: from the ring while they keep up, from the files when they have fallen
// behind, by the same calls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "gateway/journal/record.h"
#include "gateway/journal/standing.h"

namespace trapline::gateway::journal {

// Records that could not be read: retention removed them, a file is missing, or they are damaged.
struct Gap {
  Lsn first;
  Lsn last;
  // The standing just behind the gap, when a CHECKPOINT was found there: totals for counting what
  // was lost.
  std::optional<Standing> behind;
};

// One position in the log. Used by one thread, except `interrupt`. Must not outlive its Journal.
class Reader {
 public:
  virtual ~Reader() = default;

  // Durable records of the wanted types behind the position, at most about `max_bytes` of them,
  // possibly none; moves the position behind them. Views are valid until the next call of `next`.
  // Does not wait. While the disk cannot read what is there, there are none for about a second of
  // calls; what cannot be read then is a gap.
  [[nodiscard]] virtual std::span<const RecordView> next(std::size_t max_bytes) = 0;
  // The gap that lies directly before the records of the last `next`, if there is one.
  [[nodiscard]] virtual const std::optional<Gap>& gap() const = 0;
  // The LSN up to which everything was read (or is lost).
  [[nodiscard]] virtual Lsn position() const = 0;
  // Moves the position to just behind `after`.
  virtual void seek(Lsn after) = 0;
  // Waits until something behind the position is durable, or `deadline`, or `interrupt`.
  virtual void wait(base::BootTime deadline) = 0;
  // Ends a `wait` now, or the next one. Any thread.
  virtual void interrupt() = 0;

  // Fetches one record by reference, e.g. the EVENT of an OUTCOME. Nothing when it is gone or
  // damaged. The view is valid until the next call of `fetch`. Cheap for references in rising
  // order, from ring and files alike.
  [[nodiscard]] virtual std::optional<RecordView> fetch(const RecordRef& ref) = 0;
  // True when the last `fetch` found nothing because a file could not be opened or read now:
  // neither gone nor, as far as is known, damaged, so ask again later.
  [[nodiscard]] virtual bool fetch_refused() const = 0;
};

}  // namespace trapline::gateway::journal
