// The router: reads EVENTs in order, decides, and puts each decision on record as an OUTCOME.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "gateway/answer_seeker.h"
#include "gateway/decider.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/poison.h"
#include "gateway/rule_state_store.h"
#include "sinks/problem_board.h"

namespace trapline::gateway {

// What the router has done, as of one position: read EVENTs (from where it went on at start) up to
// `position`.
struct RouterFigures {
  journal::Lsn position;
  std::uint64_t read = 0;
  std::uint64_t lost =
      0;  // EVENTs it could not read: damage or missing files, counted by the journal's totals
};

// What the router goes by.
struct RouterRules {
  std::shared_ptr<const rules::RuleSet> rules;  // null: every event goes to every sink
  RuleStateStore* store = nullptr;       // null: the state of the rules dies with the process
  sinks::ForwardGuard* guard = nullptr;  // null: nothing is forwarded
  const PoisonList* poison = nullptr;    // null: whatever comes is looked at
  sinks::ProblemBoard* board = nullptr;  // where it puts up what is raised when asked; may be null
  AnswerSeeker* seeker = nullptr;        // null: devices are not asked
  std::chrono::nanoseconds enrichment_budget = std::chrono::seconds(2);
};

// Reads EVENTs, TIMERs and ANSWERs, has them decided, and appends the OUTCOMEs. When a timer of the
// rules is due and no event comes, it appends a TIMER and acts when it reads it back; what a device
// answers it appends as an ANSWER, likewise: all that moves the rules stands in the log.
//
// After a start the state of the rules is the last one saved, brought up to date by the records
// since; what was decided then stands and is not decided again.
//
// One thread calls step, run and save_state; the rest may be called by any.
class Router {
 public:
  // Goes on behind the last EVENT that has an OUTCOME. `sinks` are the names decisions carry.
  // Everything outlives it.
  Router(journal::Journal& journal, std::vector<std::string> sinks, const base::Clock& clock,
         base::Log& log, const RouterRules& rules = {});

  // Decides what is there now, at most one batch. True when it did anything.
  bool step();
  // Steps and waits until `stop` is requested.
  void run(std::stop_token stop);
  // Saves the state of the rules, if there is one.
  void save_state();
  // Ends a wait of `run`, now or next.
  void interrupt() { reader_->interrupt(); }
  // Goes on under other rules from the next batch on; what is received from now on meets them.
  void exchange(std::shared_ptr<const rules::RuleSet> rules);
  [[nodiscard]] RouterFigures figures() const;
  // What is raised now. Waits for the batch under way.
  [[nodiscard]] std::vector<rules::Problem> problems() const;
  // What the rules have done. Waits likewise, but not for long: nothing while the router brings
  // their state up to date after a start.
  [[nodiscard]] std::optional<RuleReport> rule_report() const;

  // Called before each batch, on the router's thread: tests slow the router down with it.
  std::function<void()> before_batch;

 private:
  // Puts decisions into the batch that is being filled.
  class Appender final : public OutcomeTaker {
   public:
    explicit Appender(Router& router) : router_(router) {}
    void take(const journal::Outcome& outcome, const journal::RecordView& about) override {
      router_.append(outcome, about.received);
    }

   private:
    Router& router_;
  };

  void show_problems();
  void restore_state();
  [[nodiscard]] SavedRuleState present_state() const;
  void catch_up(journal::Lsn from);
  void take_new_rules();
  void decide(const journal::RecordView& record);
  void have_decided(const journal::RecordView& record, OutcomeTaker& taker);
  void append_timer();
  void exchange_answers();
  void restore_waiting();
  void save_first_state();
  void save_if_due();
  void report_gap(const journal::Gap& gap);
  void compare_totals(const journal::Standing& checkpoint, const journal::RecordRef& at);
  void append(const journal::Outcome& outcome, base::WallTime received);
  void hand_over();
  void hand_over_if_large();
  [[nodiscard]] base::BootTime wake_at() const;

  journal::Journal& journal_;
  const base::Clock& clock_;
  base::Log& log_;
  RuleStateStore* const store_;
  const PoisonList* const poison_;
  sinks::ProblemBoard* const board_;
  AnswerSeeker* const seeker_;
  const std::unique_ptr<journal::Reader> reader_;
  const std::uint64_t events_before_;  // EVENTs decided or given up before this start

  // The router's thread only.
  Appender appender_{*this};
  std::unique_ptr<journal::AppendBatch> batch_;
  RouterFigures working_;
  bool restored_ = false;
  bool timer_pending_ = false;  // appended and not read back
  journal::Lsn applied_;        // the restored state knows of everything up to here
  journal::Lsn decided_;        // the last EVENT or TIMER decided
  journal::Lsn saved_;          // `decided_` as last saved
  std::uint64_t since_saved_ = 0;
  base::BootTime save_due_{};

  // Any thread.
  mutable std::timed_mutex decider_mutex_;
  Decider decider_;  // guarded by decider_mutex_; only the router's thread changes it
  base::Guarded<std::optional<std::shared_ptr<const rules::RuleSet>>> new_rules_;
  base::Guarded<RouterFigures> figures_;
};

}  // namespace trapline::gateway
