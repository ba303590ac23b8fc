// SyntheticMaker: events that nobody sent.
#pragma once

#include <string>
#include <string_view>

#include "rules/evaluation.h"
#include "rules/rule_memory.h"

namespace trapline::rules {

class EventCodec;

// What a synthetic event is made for. Views; plain value.
struct SyntheticCause {
  Synthetic kind = Synthetic::none;
  std::uint32_t rule = 0;  // TableId::kOrphans when it is gone
  std::string_view record_id;
  base::RuleTime time;
  std::uint64_t count = 0;  // of a summary
  base::RuleTime first;
};

// Makes decisions about synthetic events, and applies what they raise and clear at once. One
// thread.
class SyntheticMaker {
 public:
  // All referred to outlives it.
  SyntheticMaker(RuleMemory& memory, EventCodec& codec, Evaluation& out)
      : memory_(memory), codec_(codec), out_(out) {}

  // Appends the decision about an event made of `kept`. With `verdict` it begins as that one;
  // without, as what `set` and `state` of the rule make of it. The rules behind the one that made
  // it act on it, but for their stateful actions; then the routes.
  void make(const SyntheticCause& cause, const KeptEvent& kept, const KeptVerdict* verdict);

 private:
  void begin(const SyntheticCause& cause, const Subject& subject, const KeptVerdict* verdict);
  void meet_later_rules(const SyntheticCause& cause, const Subject& subject);
  void settle_state(const SyntheticCause& cause, const Subject& subject, DecisionSlot& slot,
                    Decision& decision);

  RuleMemory& memory_;
  EventCodec& codec_;
  Evaluation& out_;
  std::vector<std::string> kept_names_;
  std::vector<std::string_view> names_;
  VerdictFlags flags_;
};

}  // namespace trapline::rules
