// SinkWorker: drives one sink from one source; owns the position, the retries and the cursor. What
// the two kinds of worker share: OrderedWorker (ordered_worker.h) and LaneWorker (lane_worker.h).
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

// What a worker has done so far. For the ledger: routed = delivered + dead_lettered + skipped +
// what is to come.
struct SinkFigures {
  SinkState state = SinkState::starting;
  std::uint64_t delivered = 0;      // ever, as the cursor counts
  std::uint64_t dead_lettered = 0;  // ever, as the cursor counts
  std::uint64_t skipped = 0;        // ever, as the cursor counts
  std::uint64_t handed_over = 0;    // by this process, repeats included
  std::uint64_t in_hand = 0;        // given to the sink and not answered, or lost behind those
  std::uint64_t position_lsn = 0;   // read up to here
  std::uint64_t retries = 0;        // by this process
  std::uint64_t low_water_lsn = 0;
  std::uint64_t saved_lsn = 0;  // the low-water mark last put on record
  std::string last_error;       // of the last failure; empty when there was none
  base::WallTime last_error_at{};
};

// Reads events from a source, gives them to a sink, and goes back when the sink says so. Bounded:
// one window of positions, no queue of events.
//
// `step`, `run` and `drain` belong to one thread at a time; `request_reopen`, `wake` and `figures`
// to any.
class SinkWorker : protected Answers {
 public:
  // How long nothing is to be done, and whether a new event ends that.
  struct Rest {
    base::BootTime until;
    bool events_end_it = false;
  };

  SinkWorker(const SinkWorker&) = delete;
  SinkWorker& operator=(const SinkWorker&) = delete;
  ~SinkWorker() override;

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
  // Ends whichever rest the worker's thread is in, or the next one. Any thread.
  void wake();
  // Any thread.
  [[nodiscard]] SinkFigures figures() const;

 protected:
  // Everything referred to must outlive the worker. Opens nothing yet.
  SinkWorker(const SinkWorkerOptions& options, Sink& sink, OutcomeSource& source,
             const base::Clock& clock, base::Random& random);

  // Of Answers: the destination fails.
  void retry(std::chrono::milliseconds at_least, std::string_view reason) override;
  void warn(std::string_view words) override;
  void works() override { note_delivery(); }

  // After the first successful `open`.
  virtual void resume() {}
  // Gives the sink up to a batch of events. True when there may be more right now.
  virtual bool hand_over_batch(base::BootTime now) = 0;
  // Once the sink has worked, on a sink that is not failing.
  virtual void after_tick() {}
  // Everything handed over and not answered is to be handed over anew.
  virtual void forget_in_hand() = 0;
  // Whether no event can be handed over until one is answered.
  [[nodiscard]] virtual bool full() const = 0;
  // Events read and not settled.
  [[nodiscard]] virtual std::uint64_t in_hand() const = 0;
  // The furthest LSN read.
  [[nodiscard]] virtual std::uint64_t position_lsn() const = 0;
  // When hand_over_batch is wanted even if no event comes.
  [[nodiscard]] virtual base::BootTime next_hand_over() const { return base::BootTime::max(); }
  // Whether a part of the sink's events waits for its next attempt.
  [[nodiscard]] virtual bool partly_waiting() const { return false; }
  // Settles what can be without handing anything over; the last act of a drain.
  virtual void settle_rest() {}
  // Brings `cursor_` up to date with what was answered.
  virtual void update_cursor() = 0;

  // Shows `figures` what there is; constructors call it last.
  void publish();
  // Whether the sink has asked for a retry in this step.
  [[nodiscard]] bool retry_asked() const { return retry_.has_value(); }
  // Notes a failure: counts it, shows it, logs it.
  void note_failure(std::string reason, std::chrono::nanoseconds wait);
  // Notes that something was delivered.
  void note_delivery();

  const SinkWorkerOptions options_;
  Sink& sink_;
  OutcomeSource& source_;
  const base::Clock& clock_;
  SinkCursor cursor_;
  bool failing_ = false;  // since the last delivery
  std::uint64_t handed_over_ = 0;
  rules::RoutedTrap event_;

 private:
  struct Retry {
    std::chrono::milliseconds at_least;
    std::string reason;
  };

  bool ensure_open(base::BootTime now);
  void go_back_if_asked(base::BootTime now);
  void wait_after(std::chrono::nanoseconds at_least, std::string reason, base::BootTime now);
  void save_if_due(base::BootTime now);
  void save();
  void tell_shortened();
  [[nodiscard]] bool worth_saving() const;
  [[nodiscard]] Rest rest_of(base::BootTime now, bool more) const;
  void pause(base::BootTime until);

  // The worker's thread only.
  RetryPolicy retry_policy_;
  SinkCursor saved_;
  SinkState state_ = SinkState::starting;
  bool resumed_ = false;
  std::optional<Retry> retry_;
  base::BootTime retry_at_{};
  base::BootTime save_due_{};
  std::optional<base::BootTime> shortened_at_;  // when a cursor last could not name everything
  std::uint64_t retries_ = 0;

  // Any thread.
  std::atomic<bool> reopen_wanted_ = false;
  base::Guarded<SinkFigures> figures_;
  std::mutex mutex_;
  std::condition_variable woken_changed_;
  bool woken_ = false;  // guarded by mutex_
};

}  // namespace trapline::sinks
