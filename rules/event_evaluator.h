// EventEvaluator: one event through the rules, without changing anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/evaluation.h"
#include "rules/rule_memory.h"
#include "rules/rule_trace.h"

namespace trapline::rules {

// Made for one event. Reads the state; what is to become of it goes into the Evaluation as effects.
class EventEvaluator {
 public:
  // All referred to outlives it. `trace` may be null.
  EventEvaluator(RuleMemory& memory, const Event& event, Evaluation& out,
                 std::vector<RuleTrace>* trace);

  // Adds the decision about the event, and the effects.
  void run();

 private:
  void meet_all(const Candidates& candidates);
  // Whether rules go on after one.
  [[nodiscard]] bool meet(std::uint32_t number);
  void act(std::uint32_t number, const CompiledRule& rule);
  void enrich(const CompiledRule& rule);
  void begin_synthetic();
  void finish_synthetic(DecisionSlot& slot, Decision& decision);
  void dedup(std::uint32_t number, const CompiledRule& rule);
  void limit(std::uint32_t number, const CompiledRule& rule);
  void suppress(StateEffect::Kind kind, std::uint32_t number);
  void count(StateEffect::Kind kind, std::uint32_t number, const Window& window);
  [[nodiscard]] bool changes_problem() const;
  void pass_after_all();
  void settle_state(DecisionSlot& slot, Decision& decision);
  void settle_raise(DecisionSlot& slot, Decision& decision);
  void settle_clear(DecisionSlot& slot, Decision& decision);
  void repeat(const Problem& problem, DecisionSlot& slot, Decision& decision);
  StateEffect& problem_effect(StateEffect::Kind kind, std::uint32_t number = 0);
  void copy_draft(StateEffect& effect) const;
  void tell(std::uint32_t number, bool matched, std::string why);
  void tell_strangers();

  RuleMemory& memory_;
  const RuleSet& rules_;
  const Event& event_;
  Evaluation& out_;
  std::vector<RuleTrace>* const trace_;
  Draft& draft_;
  const Subject subject_;
  VerdictFlags flags_;
  RuleFigures figures_;                      // of the rule that is met
  const CompiledRule* raised_by_ = nullptr;  // set `state: raise` last
  std::uint32_t raised_by_number_ = 0;
};

}  // namespace trapline::rules
