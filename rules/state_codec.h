// The state of rules as octets, and from one set of rules to another.
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "rules/problem_table.h"
#include "rules/rule_set.h"
#include "rules/rule_state.h"

namespace trapline::rules {

// Appends the whole state; equal states give equal octets. Tables are named by their rule's
// state_hash, not by its number.
void encode_state(const RuleState& state, const ProblemTable& problems, const RuleSet& rules,
                  std::vector<std::byte>& out);

// Reads what `encode_state` wrote into an empty state. What belongs to no rule of `rules` is kept
// only if it still has something to say (see carry_over). False when the octets are damaged; what
// was read until then is of no use.
[[nodiscard]] bool decode_state(base::Bytes saved, const RuleSet& rules, RuleState& state,
                                ProblemTable& problems);

// The state under other rules. A rule's state stays with a rule of the same state_hash. Of rules
// that are gone, what is held back is raised when it is due and what was suppressed is summed up;
// the rest is forgotten.
[[nodiscard]] RuleState carry_over(const RuleState& state, const RuleSet& before,
                                   const RuleSet& after);

}  // namespace trapline::rules
