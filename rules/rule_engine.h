// RuleEngine: a RuleSet with its state. Records of the journal go in, in order; decisions come out.
//
// Deterministic: the same records over the same rules and the same state give the same decisions.
// Its only clock is the rule time of the records. Every table of the state is bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "protocol/trap_message.h"
#include "rules/evaluation.h"
#include "rules/routed_trap.h"
#include "rules/rule_memory.h"
#include "rules/rule_set.h"
#include "rules/rule_trace.h"

namespace trapline::rules {

// Makes messages of what Event::encoded held. One thread.
class EventCodec {
 public:
  virtual ~EventCodec() = default;
  // `message` views `encoded` and the codec's own memory until the next call. False when damaged.
  virtual bool decode(base::Bytes encoded, protocol::TrapMessage& message) = 0;
};

// One thread; `rules` may be shared. Steps for each record: `advance`, then for an EVENT `evaluate`
// and `apply`.
class RuleEngine {
 public:
  // Begins with an empty state. `codec` outlives it.
  RuleEngine(std::shared_ptr<const RuleSet> rules, EventCodec& codec);
  ~RuleEngine();

  // Moves the clock to the record's rule time: timers that are due by then fire, at most
  // kMostFired of them, oldest first; the rest is due still, and windows that should have ended go
  // on until they do. Their decisions are appended to `out`.
  // `id` is the record's, from which the ids of synthetic events are made.
  void advance(std::string_view id, base::RuleTime time, Evaluation& out);
  // Puts the event through the rules and routes; its effects on the state are kept in `out` and not
  // applied: what is not applied leaves no trace. `event` outlives them. With `trace`, tells of
  // every rule.
  void evaluate(const Event& event, Evaluation& out, std::vector<RuleTrace>* trace = nullptr);
  // Where the answers come from that rules ask devices for: outlives the engine, and answers
  // alike while an evaluation's decisions are in use. Without it every question fails. When an
  // answer is not known yet, `evaluate` leaves the wishes in `out` and nothing else.
  void answer_from(const EnrichmentAnswers* answers) { memory_.answers = answers; }
  // Applies the effects, which may add decisions about synthetic events.
  void apply(Evaluation& out);
  // The gateway was down for `down`: silence of that time is not the devices'.
  void resumed(std::chrono::nanoseconds down);

  // When the next timer is due; nothing when none is set.
  [[nodiscard]] std::optional<base::RuleTime> next_due() const;

  // Goes on under other rules. State belongs to a rule's name and stateful definition: what is the
  // same in both is kept, the rest starts empty. Problems are kept.
  void exchange(std::shared_ptr<const RuleSet> rules);
  // The whole state as octets, and back. `restore` takes what it understands and belongs to the
  // present rules; false when the octets are damaged, and the state is empty then.
  void save(std::vector<std::byte>& out) const;
  [[nodiscard]] bool restore(base::Bytes saved);

  // What is raised now, in order of key.
  [[nodiscard]] std::vector<Problem> problems() const;
  [[nodiscard]] const RuleSet& rules() const { return *memory_.rules; }
  // What each rule has counted, in the order of the rules, and the state as a whole.
  [[nodiscard]] std::span<const RuleFigures> rule_figures() const { return memory_.figures; }
  [[nodiscard]] StateFigures state_figures() const;

  static constexpr std::size_t kMostFired = 1'000;

 private:
  void apply_effect(const StateEffect& effect, const Event& event, Evaluation& out);
  void begin_window(Synthetic kind, const StateEffect& effect, const Event& event,
                    const Window& window);
  void pass_limit(const StateEffect& effect, const Event& event);
  void suppress(Synthetic kind, const StateEffect& effect, const Event& event);
  void count_threshold(const StateEffect& effect, const Event& event, Evaluation& out);
  void see_present(const StateEffect& effect, const Event& event);
  void hold(const StateEffect& effect, const Event& event);
  void fire(const TableId& id, const StateEntry& entry, std::string_view record_id,
            base::RuleTime time, Evaluation& out);
  void carry_figures(const RuleSet& after);
  void give_up_excess(TableId id, std::string_view record_id, base::RuleTime time, Evaluation& out);

  EventCodec& codec_;
  RuleMemory memory_;
  std::span<const std::string_view> matched_;  // by the event that is being applied
};

}  // namespace trapline::rules
