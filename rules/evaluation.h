// Evaluation: what became of one record, and what is to be done to the state for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/draft.h"
#include "rules/kept_event.h"
#include "rules/rule_engine.h"

namespace trapline::rules {

// Reused from record to record: `clear` keeps the memory. One thread at a time.
class Evaluation {
 public:
  // Valid until the next call of the engine with this Evaluation, or `clear`.
  [[nodiscard]] std::span<const Decision> decisions() const { return decisions_; }
  // As for a new record.
  void clear();

 private:
  friend class RuleEngine;
  friend class RulePass;
  friend class StatefulActions;

  // The memory of one decision.
  struct Slot {
    std::string id;
    Draft draft;
    std::vector<Tag> tags;
    std::vector<std::string_view> rules;
    std::vector<std::string> causes;
    std::vector<std::string_view> cause_views;
    std::vector<std::string_view> sinks;
    std::string raise_id;
    std::shared_ptr<const KeptEvent> kept;
  };
  enum class Action : std::uint8_t { dedup, limit, threshold, absent };
  // What a matched rule does to its table.
  struct Effect {
    Action action = Action::dedup;
    std::uint32_t rule = 0;
    bool suppressed = false;
    std::string key;
    std::shared_ptr<KeptEvent> kept;  // when the table is to keep, or to emit, the event
  };
  enum class ProblemAction : std::uint8_t { none, raise, repeat, clear, hold, cancel_hold };
  // What one rule did to an event, for its figures.
  struct Count {
    std::uint32_t rule = 0;
    std::uint32_t missing = 0;
    bool matched = false;
    bool when_error = false;
    bool action_error = false;
  };

  [[nodiscard]] Slot& new_slot();
  [[nodiscard]] Effect& new_effect();
  // Takes back an evaluation that was not applied.
  void drop_pending();

  std::vector<Decision> decisions_;
  std::vector<std::unique_ptr<Slot>> slots_;  // the first slot_count_ are in use
  std::size_t slot_count_ = 0;
  std::size_t synthetic_count_ = 0;
  std::shared_ptr<const RuleSet> rule_set_;

  // Of an event evaluated and not applied yet.
  bool pending_ = false;
  std::vector<Effect> effects_;  // the first effect_count_ are in use
  std::size_t effect_count_ = 0;
  std::vector<Count> counts_;
  ProblemAction problem_action_ = ProblemAction::none;
  std::string problem_key_;
  std::string record_id_;
  std::int64_t inner_time_ = 0;
  base::RuleTime time_;
  std::int64_t hold_ns_ = 0;
  std::shared_ptr<KeptEvent> held_;
};

}  // namespace trapline::rules
