// Evaluation: what became of one record, and what it will do to the state.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "protocol/trap_message.h"
#include "rules/draft.h"
#include "rules/enrichment.h"
#include "rules/routed_trap.h"
#include "rules/rule_figures.h"

namespace trapline::rules {

// One event as the journal holds it. Views; plain value.
struct Event {
  std::string_view id;  // <node>-<epoch>-<LSN>
  protocol::TrapMessage message;
  base::RuleTime time;
  base::Bytes encoded;  // what EventCodec makes `message` of; state keeps copies of it
  // Of an event that nobody sent, and that meets the rules like one that was: device_unreachable or
  // device_reachable. Its id is made as those of synthetic events are.
  Synthetic made_by = Synthetic::none;
};

// What is to be put on record about one event: the one that was read, or a synthetic one. Views the
// Evaluation that holds it, and the RuleSet.
struct Decision {
  // Of a synthetic event (verdict.synthetic is not none): "<id of the record that led to it>-<n>",
  // n from 1, and the event it is made of. Empty for the event that was read.
  std::string_view id;
  base::Bytes encoded;
  Verdict verdict;
  std::span<const std::string_view> sinks;  // each once, in the order of the configuration
};

// A decision with the memory that it views. Reused.
struct DecisionSlot {
  std::string id;
  std::vector<std::byte> encoded;
  std::string key;
  std::string summary;
  std::vector<std::pair<std::string, std::string>> tag_texts;
  std::size_t tag_count = 0;  // of tag_texts in use
  std::vector<Tag> tags;
  std::vector<std::string> rule_texts;  // of rules that may be gone
  std::vector<std::string_view> rules;
  std::string raise_id;
  std::vector<std::pair<std::string, std::string>> label_texts;
  std::vector<Tag> labels;
  std::vector<std::string> cause_texts;
  std::vector<std::string_view> causes;
  std::vector<std::string_view> sinks;
  std::vector<EnrichedValue> enriched;
};

// One change of the state that an event brings about.
struct StateEffect {
  enum class Kind : std::uint8_t {
    dedup_begin,     // of rule `rule`, key `key`
    dedup_suppress,  //
    limit_pass,      // begins the window when there is none
    limit_suppress,  //
    threshold,       //
    absent,          //
    hold_begin,      // `key` is that of the problem
    hold_cancel,     //
    problem_raise,   //
    problem_repeat,  //
    problem_clear,   //
  };
  Kind kind = Kind::absent;
  std::uint32_t rule = 0;
  std::string key;
  // dedup_suppress, limit_suppress, hold_begin: the verdict as it stood.
  Severity severity = Severity::info;
  std::string problem_key;
  std::string summary;
  std::vector<std::pair<std::string, std::string>> tags;
  std::size_t rules = 0;  // how many of the matched rules by then
  // problem_raise, problem_repeat: what the problem is told by, and to whom.
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::string_view> sinks;
};

// Filled by RuleEngine; reused, so that a steady state allocates nothing. One thread. The decisions
// are valid until `clear`.
class Evaluation {
 public:
  // Ready for the next record.
  void clear();
  // In the order in which they are to be put on record.
  [[nodiscard]] std::span<const Decision> decisions() const { return decisions_; }
  // What must be asked before the event can be decided. While there is any, there is neither a
  // decision about it nor an effect: it is to be evaluated again.
  [[nodiscard]] std::span<const EnrichmentWish> wishes() const { return wishes_; }
  // Synthetic events made so far, counting those of an earlier attempt at the same event: ids go on
  // from there.
  [[nodiscard]] std::uint32_t synthetic_count() const { return synthetic_count_; }
  // Forgets the event and what its evaluation came to, but not what came due before it.
  void forget_event();
  void go_on_counting(std::uint32_t synthetic_count) { synthetic_count_ = synthetic_count; }

 private:
  friend class RuleEngine;
  friend class EventEvaluator;
  friend class SyntheticMaker;

  // A slot for the next decision, emptied, and the decision, to be filled from it.
  DecisionSlot& add_slot();
  Decision& add_decision() { return decisions_.emplace_back(); }
  // An effect to be filled; its texts are as an earlier one left them.
  StateEffect& add_effect(StateEffect::Kind kind, std::uint32_t rule);
  // The event has to wait: what was noted about it is forgotten.
  void abandon(std::vector<EnrichmentWish> wishes);
  [[nodiscard]] std::span<StateEffect> effects() { return {effects_.data(), effect_count_}; }

  std::vector<Decision> decisions_;
  std::vector<std::unique_ptr<DecisionSlot>> slots_;
  std::vector<StateEffect> effects_;
  std::size_t effect_count_ = 0;
  std::vector<std::string_view> matched_;                       // names of the rules that matched
  std::vector<std::pair<std::uint32_t, RuleFigures>> counted_;  // by rule
  const Event* event_ = nullptr;                                // between evaluate and apply
  std::uint32_t synthetic_count_ = 0;                           // of this record
  std::vector<EnrichmentWish> wishes_;
};

}  // namespace trapline::rules
