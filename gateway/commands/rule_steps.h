// The steps of an explanation that rules and routes take.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/commands/explanation.h"
#include "protocol/trap_message.h"
#include "rules/rule_set.h"

namespace trapline::gateway {

// What the steps are told of. Views the message and its PDU.
struct RuleStepsInput {
  const std::shared_ptr<const rules::RuleSet>& rules;
  const protocol::TrapMessage& message;
  base::Bytes pdu;
  base::WallTime time;
};

// Puts the notification through the rules as the first one ever, without any state. Adds a step for
// each rule, one for the verdict and one for the sinks, and the event as it is rendered.
void add_rule_steps(const RuleStepsInput& input, Explanation& explanation);

}  // namespace trapline::gateway
