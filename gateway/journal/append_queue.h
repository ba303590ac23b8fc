// What waits for the committer: batches in two lanes, each with room of its own.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "gateway/journal/append_batch.h"
#include "gateway/journal/fifo.h"
#include "gateway/journal/journal.h"

namespace trapline::gateway::journal {

// What the queue holds right now.
struct QueueFigures {
  std::uint64_t bytes = 0;   // appended and not yet durable
  std::uint64_t events = 0;  // EVENT records of those
};

// Any thread appends; one thread (the committer) takes. A batch takes up room from `append` until
// `done`.
class AppendQueue {
 public:
  AppendQueue(const JournalOptions& options, const base::Clock& clock);

  // See Journal::wait_for_room. Does not wait while the disk is not well.
  [[nodiscard]] bool wait_for_room(Lane lane, std::size_t bytes, base::BootTime deadline);
  // See Journal::append. Wakes the committer only when it has reason to act earlier than it meant
  // to.
  void append(Lane lane, std::unique_ptr<AppendBatch> batch);

  // --- the committer's side
  // ---------------------------------------------------------------------------- When the next
  // commit is due, from what is there: now or earlier when it is; BootTime::max() when nothing is
  // there. With `reserved_only`, reception's lane is not looked at.
  [[nodiscard]] base::BootTime due(bool reserved_only);
  // Moves the batches of the next commit into `out`: at most about `commit_bytes`, at least one.
  // Each lane gets half while both have something.
  void take(bool reserved_only, std::vector<std::unique_ptr<AppendBatch>>& out);
  // What `take` has handed out since the last call is durable: frees its room.
  void done();
  // Lets wait_for_room wait (or not).
  void set_writable(bool writable);
  // Makes everything due at once, for the end.
  void drain();
  // Sleeps until `until`, or an append that changes it, `poke`, or `stop`.
  void wait_for_work(base::BootTime until, const std::stop_token& stop);
  // Ends wait_for_work. Any thread.
  void poke();

  // For status and for draining. Any thread.
  [[nodiscard]] QueueFigures figures() const;
  [[nodiscard]] bool empty() const;

 private:
  struct LaneQueue {
    Fifo<std::unique_ptr<AppendBatch>> batches;
    std::uint64_t waiting_bytes = 0;  // of `batches`
    std::uint64_t held_bytes = 0;     // those, and what is being committed
    std::uint64_t capacity_bytes = 0;
    std::size_t urgent = 0;
    base::BootTime oldest{};  // when the first of `batches` came
  };

  [[nodiscard]] LaneQueue& of(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  void take_from(LaneQueue& lane, std::size_t up_to, std::size_t up_to_batches, std::size_t& taken,
                 std::vector<std::unique_ptr<AppendBatch>>& out);
  [[nodiscard]] bool idle() const;
  [[nodiscard]] base::BootTime due_in(const LaneQueue& lane) const;

  const base::Clock& clock_;
  const std::chrono::nanoseconds trap_commit_;
  const std::size_t commit_bytes_;
  const std::size_t full_enough_bytes_;

  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable room_;
  // All below guarded by mutex_.
  std::array<LaneQueue, 2> lanes_;
  std::uint64_t events_ = 0;        // held
  std::uint64_t events_taken_ = 0;  // of those, being committed
  std::size_t room_waiters_ = 0;
  bool writable_ = true;
  bool draining_ = false;
  bool reserved_only_ = false;  // as the committer last asked
  bool wake_ = false;           // something changed since the committer last looked
  bool sleeping_ = false;       // the committer sleeps
};

}  // namespace trapline::gateway::journal
