// Tells readers how far the log is durable, and wakes those for whom there is something.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

// For each number of a RecordType, the last LSN of that type; 0: none.
inline constexpr std::size_t kTypeNumbers = static_cast<std::size_t>(RecordType::answer) + 1;
using LsnByType = std::array<Lsn, kTypeNumbers>;

// One reader's place to sleep. Its members are the hub's.
struct ReaderSeat {
  std::condition_variable woken;
  RecordMask mask = 0;
  bool interrupted = false;  // ends the next wait; guarded by the hub's mutex
};

// One writer (the committer), any number of readers. A commit costs the committer two stores and a
// load when nobody waits.
class ReaderHub {
 public:
  explicit ReaderHub(const base::Clock& clock) : clock_(clock) {}

  // The log's state at start: everything up to `last` is durable, of types unknown.
  void start(Lsn last);
  // New records are durable: `last_of_type` has the last LSN of each type in the commit, 0 for
  // none. Committer.
  void advance(Lsn last, const LsnByType& last_of_type);
  // Wakes the readers that wait for one of `types`. Committer, once per commit.
  void notify(RecordMask types);

  [[nodiscard]] Lsn durable() const { return Lsn{durable_.load(std::memory_order_acquire)}; }
  // True when no record of `mask` lies behind `position`, as far as `durable`, read before, went.
  [[nodiscard]] bool nothing_behind(Lsn position, RecordMask mask) const;

  // Waits until a record of the seat's mask behind `position` is durable, `deadline`, or an
  // interrupt.
  void wait(ReaderSeat& seat, Lsn position, base::BootTime deadline);
  // Ends the seat's wait, now or the next one. Any thread.
  void interrupt(ReaderSeat& seat);
  // Ends all waits, from now on. Any thread.
  void interrupt_all();
  [[nodiscard]] bool interrupted() const { return all_interrupted_.load(); }

 private:
  const base::Clock& clock_;
  std::atomic<std::uint64_t> durable_{0};
  std::array<std::atomic<std::uint64_t>, kTypeNumbers> last_of_type_{};
  std::atomic<bool> all_interrupted_{false};
  std::atomic<std::uint32_t> waiting_count_{0};

  std::mutex mutex_;
  std::vector<ReaderSeat*> waiting_;  // guarded by mutex_
};

}  // namespace trapline::gateway::journal
