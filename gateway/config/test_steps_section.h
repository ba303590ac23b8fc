// `given` and `after` of a test: the notifications it sends, and the time between them.
#pragma once

#include <vector>

#include "gateway/config/field_reader.h"
#include "gateway/config/rule_test_spec.h"

namespace trapline::gateway {

// Reads `given` (a notification or a list of them) and `after` (a list of waits and notifications)
// of one test into `out`. What a later notification does not say about its sender it takes from the
// one before.
void read_test_steps(FieldReader& test, ConfigProblems& problems, std::vector<TestStep>& out);

}  // namespace trapline::gateway
