// Where a sink worker gets its events and leaves its position: the journal, seen from the sinks'
// side.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

inline constexpr std::size_t kMaxAnsweredBeyond = 1'024;

// How far a sink has got. LSNs are positions of OUTCOME records.
struct SinkCursor {
  std::uint64_t low_water_lsn = 0;  // everything decided up to here is answered
  std::uint64_t delivered = 0;      // events ever delivered
  std::uint64_t dead_lettered = 0;
  std::uint64_t skipped = 0;  // events lost to retention before this sink came to them
  // LSNs above the low-water mark that are answered already, and counted above; sorted. On record
  // are at most kMaxAnsweredBeyond: the others count as not answered there.
  std::vector<std::uint64_t> answered_beyond = {};
};

// The events routed to one sink, in the order they were decided. One worker's thread calls it,
// except where noted.
class OutcomeSource {
 public:
  enum class Next : std::uint8_t {
    event,  // `event` is set, valid until the next call
    gap,  // retention removed `gap_events` that this sink had not seen; reading goes on behind them
    end,  // nothing more for now
  };

  virtual ~OutcomeSource() = default;

  // The next event for this sink. Never blocks on anything but the journal's files.
  virtual Next next(rules::RoutedTrap& event, std::uint64_t& outcome_lsn) = 0;
  // Events lost in the gap that `next` just reported.
  [[nodiscard]] virtual std::uint64_t gap_events() const = 0;
  // The highest LSN read past, whether or not it was for this sink.
  [[nodiscard]] virtual std::uint64_t position_lsn() const = 0;
  // Goes back to just behind the cursor's low-water mark: the next event is the first one for this
  // sink with a higher LSN, answered beyond or not. The totals, less those answered beyond, say how
  // many came before it.
  virtual void rewind(const SinkCursor& cursor) = 0;
  // Goes to the present: events older than now are not delivered to this sink (they count as
  // skipped). Returns how many. Only for sinks that may skip, like a terminal.
  virtual std::uint64_t skip_to_present() = 0;
  // Blocks until there may be more, `deadline` has come, or `interrupt` was called.
  virtual void wait(base::BootTime deadline) = 0;
  // Ends a `wait` now, and the next one if none is under way. Any thread.
  virtual void interrupt() = 0;

  // The cursor as recovered at start.
  [[nodiscard]] virtual SinkCursor cursor() const = 0;
  // Puts the cursor on record (a CURSOR in the journal). Does not wait for it to be durable.
  virtual void save(const SinkCursor& cursor) = 0;
};

}  // namespace trapline::sinks
