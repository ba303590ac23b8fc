// SinkWorker: drives one sink from one source; owns the position, the retries and the cursor.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/random.h"
#include "sinks/delivery_window.h"
#include "sinks/outcome_source.h"
#include "sinks/retry_policy.h"
#include "sinks/sink.h"

namespace trapline::sinks {

// The bounds of one worker.
struct SinkWorkerOptions {
  std::uint32_t batch_events = 512;         // taken between two ticks
  std::uint32_t window_events = 1'048'576;  // given and not answered; when full, none is taken
  std::chrono::milliseconds save_every{1'000};
  // For sinks that may skip, like a terminal: so many events behind each other without having come
  // to the present, and the worker goes there at once. Nothing: never.
  std::optional<std::uint64_t> skip_when_behind_events = std::nullopt;
  // Where failures and recoveries are told, under `name`; null: nowhere. Outlives the worker.
  base::Log* log = nullptr;
  std::string name = {};
};

enum class SinkState : std::uint8_t {
  starting,  // not opened yet
  running,
  waiting,  // for the next attempt, after a failure
};
// The name `status` shows, e.g. "waiting".
[[nodiscard]] std::string_view name_of(SinkState state);

// What a worker has done so far. For the ledger: routed = delivered + skipped + what is to come.
struct SinkFigures {
  SinkState state = SinkState::starting;
  std::uint64_t delivered = 0;     // ever, as the cursor counts
  std::uint64_t skipped = 0;       // ever, as the cursor counts
  std::uint64_t handed_over = 0;   // by this process, repeats included
  std::uint64_t in_hand = 0;       // given to the sink and not answered, or lost behind those
  std::uint64_t position_lsn = 0;  // read up to here
  std::uint64_t retries = 0;       // by this process
  std::uint64_t low_water_lsn = 0;
  std::uint64_t saved_lsn = 0;  // the low-water mark last put on record
  std::string last_error;       // of the last failure; empty when there was none
};

// Reads events from a source, gives them to a sink, and goes back when the sink says so. Bounded:
// one window of positions, no queue of events. After a restart it goes on behind the last event
// that the destination is known to hold.
//
// `step`, `run` and `drain` belong to one thread at a time; `request_reopen` and `figures` to any.
class SinkWorker final : private Answers {
 public:
  // How long nothing is to be done, and whether a new event ends that.
  struct Rest {
    base::BootTime until;
    bool events_end_it = false;
  };

  // Everything referred to must outlive the worker. Opens nothing yet.
  SinkWorker(const SinkWorkerOptions& options, Sink& sink, OutcomeSource& source,
             const base::Clock& clock, base::Random& random);

  // One bounded round: opens the sink when that is due, hands over a batch, lets the sink work,
  // saves the cursor when that is due. Never blocks on anything but the sink and the source's
  // files.
  Rest step(base::BootTime now);
  // Steps until `stop` is requested, resting in between. Then call `drain`.
  void run(const std::stop_token& stop);
  // The orderly end: hands over what there is, until there is no more or `deadline` (boot time) has
  // come, has the sink finish, and saves the cursor. A sink that is failing is left alone: its
  // events stay in the journal.
  void drain(base::BootTime deadline);

  // Has the sink close and open its files anew, soon. Any thread.
  void request_reopen();
  // Any thread.
  [[nodiscard]] SinkFigures figures() const;

 private:
  // Events that retention took away behind one that is not answered yet. They count as skipped once
  // it is; going back forgets them, for they will be reported again.
  struct PendingGap {
    Sequence behind;
    std::uint64_t events;
    std::uint64_t end_lsn;
  };
  struct Retry {
    std::chrono::milliseconds at_least;
    std::string reason;
  };

  void delivered_through(Sequence last) override;
  void retry(std::chrono::milliseconds at_least, std::string_view reason) override;

  bool ensure_open(base::BootTime now);
  void resume();
  bool hand_over_batch();
  void meet_gap();
  void credit_gap();
  void skip_if_behind();
  void go_back_if_asked(base::BootTime now);
  void wait_after(std::chrono::nanoseconds at_least, std::string reason, base::BootTime now);
  void tell_failure(std::string_view reason, std::chrono::milliseconds wait);
  void tell_recovery();
  void note_position();
  void save_if_due(base::BootTime now);
  void save();
  [[nodiscard]] bool worth_saving() const;
  [[nodiscard]] Rest rest_of(base::BootTime now, bool more) const;
  void pause(base::BootTime until);
  void wake();
  void publish();

  const SinkWorkerOptions options_;
  Sink& sink_;
  OutcomeSource& source_;
  const base::Clock& clock_;

  // The worker's thread only.
  RetryPolicy retry_policy_;
  DeliveryWindow window_;
  SinkCursor cursor_;
  SinkCursor saved_;
  SinkState state_ = SinkState::starting;
  bool resumed_ = false;
  std::optional<PendingGap> gap_;
  std::optional<Retry> retry_;
  base::BootTime retry_at_{};
  bool failing_ = false;  // since the last answer
  base::BootTime save_due_{};
  std::uint64_t since_present_ = 0;  // events taken since the source had no more
  std::uint64_t handed_over_ = 0;
  std::uint64_t retries_ = 0;
  rules::RoutedTrap event_;

  // Any thread.
  std::atomic<bool> reopen_wanted_ = false;
  base::Guarded<SinkFigures> figures_;
  std::mutex mutex_;
  std::condition_variable woken_changed_;
  bool woken_ = false;  // guarded by mutex_
};

}  // namespace trapline::sinks
