// The delivery contract: what a destination must do with the events it is given.
//
// A SinkWorker owns the position in the log, the retries and the cursor; a Sink owns its
// connection, file or socket, and nothing else. All members of one Sink are called by its worker's
// thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

// Counts the events a worker hands to its sink, from 1; the order of delivery.
using Sequence = std::uint64_t;

// Where a sink puts its answers: each event is answered exactly once, in any later call or the same
// one. A sink that can't tell events apart (a file, a stream) uses the first two and is driven by
// an OrderedWorker; one whose destination answers each event is driven by a LaneWorker and uses
// them all.
class Answers {
 public:
  virtual ~Answers() = default;
  // Everything in hand up to and including `last` is at the destination, as safely as the
  // destination can tell.
  virtual void delivered_through(Sequence last) = 0;
  // The destination fails, whatever the event. Nothing that is in hand has arrived. The worker
  // forgets what it handed over since, waits (with growing, jittered delays, at least `at_least`),
  // calls `open` again and hands it over anew.
  virtual void retry(std::chrono::milliseconds at_least, std::string_view reason) = 0;

  // This event is at the destination. Others may still be on their way.
  virtual void delivered(Sequence event) = 0;
  // The destination will never take this event: it becomes a dead letter. The rest goes on.
  virtual void rejected(Sequence event, std::string_view reason) = 0;
  // This event has not arrived, and nothing of its lane that was handed over after it: the lane
  // waits (as above) and gets it anew. The other lanes go on.
  virtual void retry_lane(Sequence event, std::chrono::milliseconds at_least,
                          std::string_view reason) = 0;
  // The destination has taken what it was given, and says something about it.
  virtual void warn([[maybe_unused]] std::string_view words) {}
  // The destination works, though no event was delivered.
  virtual void works() {}
};

// One destination. Add one in six steps: see README.md.
class Sink {
 public:
  virtual ~Sink() = default;

  // Makes the destination ready. Called before the first event and again after each `retry`.
  // Returns false and sets `reason` when it is not reachable now: the worker waits and calls again.
  virtual bool open(std::string& reason) = 0;
  // The id of the last event that the destination is known to hold, when it can tell. Asked once,
  // after the first `open`: the worker goes on behind it, so that a killed process repeats nothing.
  [[nodiscard]] virtual std::optional<std::string> last_id() { return std::nullopt; }
  // Whether the destination is told of the event at all. A LaneWorker does not hand over the others
  // and counts them as delivered.
  [[nodiscard]] virtual bool wants([[maybe_unused]] const rules::RoutedTrap& event) { return true; }
  // Takes the next event. `event` is valid during the call only.
  virtual void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) = 0;
  // Called whenever the events at hand have been taken, and at `next_tick`: writes out what is
  // gathered and does what is due (fsync, rotation, answers from the network).
  virtual void tick(base::BootTime now, Answers& answers) = 0;
  // When `tick` must be called even if no event comes; BootTime::max() for never.
  [[nodiscard]] virtual base::BootTime next_tick() const = 0;
  // Answers everything it can by `deadline`, because the gateway stops: writes and syncs regardless
  // of intervals, and gives up what is still on its way then.
  virtual void drain(base::BootTime deadline, Answers& answers) = 0;
  // Closes and opens files anew (SIGUSR1, after logrotate has moved them).
  virtual void reopen() {}
  // What to call, from any thread, when `tick` is wanted at once because answers have come in. The
  // worker says it before the first `open`, and takes it back (an empty function) before it dies.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): it is handed over
  virtual void on_answers(std::function<void()> /*wake*/) {}
};

}  // namespace trapline::sinks
