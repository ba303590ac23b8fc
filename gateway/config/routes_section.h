// The `routes` section.
#pragma once

#include "gateway/config/field_reader.h"
#include "rules/rule_spec.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfiguredRoutes = 10'000;

// Reads the tree under `routes` of `top` into `spec`, and whether there is one (an empty
// map is none). Whether a sink
// exists and what a condition means is for RuleSet::compile.
void read_routes(FieldReader& top, ConfigProblems& problems, rules::RulesSpec& spec);

}  // namespace trapline::gateway
