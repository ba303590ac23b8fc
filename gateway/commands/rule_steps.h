// The steps of an explanation that rules and routes take.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/commands/explanation.h"
#include "gateway/poller/polled_network.h"
#include "protocol/trap_message.h"
#include "rules/rule_set.h"

namespace trapline::gateway {

// What the steps are told of. Views the message and its PDU.
struct RuleStepsInput {
  const std::shared_ptr<const rules::RuleSet>& rules;
  const protocol::TrapMessage& message;
  base::Bytes pdu;
  base::WallTime time;
  std::span<const PolledNetwork> devices;  // who would be asked for the rules
};

// Puts the notification through the rules as the first one ever, without any state and with no
// answer of a device. Adds a step for each rule, one for each question to the device, one for the
// verdict and one for the sinks, and the event as it is rendered.
void add_rule_steps(const RuleStepsInput& input, Explanation& explanation);

}  // namespace trapline::gateway
