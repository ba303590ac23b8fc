// The `rules` section.
#pragma once

#include <vector>

#include "gateway/config/field_reader.h"
#include "rules/rule_spec.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfiguredRules = 50'000;

// Reads the list under `rules` of `top` into `out`, in its order. Noted are unknown keys, wrong
// types and ranges, missing, wrong and duplicate names; what texts mean is for RuleSet::compile.
void read_rules(FieldReader& top, ConfigProblems& problems, std::vector<rules::RuleSpec>& out);

}  // namespace trapline::gateway
