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
#include "rules/routed_trap.h"
#include "rules/rule_figures.h"
#include "rules/rule_set.h"

namespace trapline::rules {

// One event as the journal holds it. Views; plain value.
struct Event {
  std::string_view id;  // <node>-<epoch>-<LSN>
  protocol::TrapMessage message;
  base::RuleTime time;
  base::Bytes encoded;  // what EventCodec makes `message` of; state keeps copies of it
};

// Makes messages of what Event::encoded held. One thread.
class EventCodec {
 public:
  virtual ~EventCodec() = default;
  // `message` views `encoded` and the codec's own memory until the next call. False when damaged.
  virtual bool decode(base::Bytes encoded, protocol::TrapMessage& message) = 0;
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

// What became of one record. Reused, so that a steady state allocates nothing.
class Evaluation;

// How one rule fared with one event, for `trapline explain`.
struct RuleTrace {
  std::string_view rule;
  bool matched = false;
  std::string why;  // "match: another notification", "when: false", "when: no tags.team", ...
};

// One problem that is raised now.
struct Problem {
  std::string key;
  std::string raise_id;
  Severity severity = Severity::info;
  std::string summary;
  std::uint64_t count = 0;  // raises, repeats included
  base::RuleTime first;
  base::RuleTime last;
};

// One thread; `rules` may be shared. Steps for each record: `advance`, then for an EVENT `evaluate`
// and `apply`.
class RuleEngine {
 public:
  // Begins with an empty state. `codec` outlives it.
  RuleEngine(std::shared_ptr<const RuleSet> rules, EventCodec& codec);
  ~RuleEngine();

  // Moves the clock to the record's rule time: timers that are due by then fire, at most
  // kMostFired of them, oldest first; the rest is due still. Their decisions are appended to `out`.
  // `id` is the record's, from which the ids of synthetic events are made.
  void advance(std::string_view id, base::RuleTime time, Evaluation& out);
  // Puts the event through the rules and routes; its effects on the state are kept in `out` and not
  // applied: what is not applied leaves no trace. With `trace`, tells of every rule.
  void evaluate(const Event& event, Evaluation& out, std::vector<RuleTrace>* trace = nullptr);
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

  // Of the rules in their present order; of those that came by `exchange`, from then on.
  [[nodiscard]] EngineFigures figures() const;

  static constexpr std::size_t kMostFired = 1'000;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace trapline::rules
