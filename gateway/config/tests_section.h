// The `tests` section.
#pragma once

#include <vector>

#include "gateway/config/field_reader.h"
#include "gateway/config/rule_test_spec.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfiguredTests = 10'000;

// Reads the list under `tests` of `top` into `out`. Whether the names of notifications and values
// are known is for the test's run to say.
void read_tests(FieldReader& top, ConfigProblems& problems, std::vector<RuleTestSpec>& out);

}  // namespace trapline::gateway
