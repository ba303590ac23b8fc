// What each key of the configuration means: from the tree to checked values with their defaults.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Reads the whole tree. What is wrong is noted and its default kept; the result counts only when
// `problems` stays empty. Call it within a ScrubbedScope: references are resolved on the way.
[[nodiscard]] Config read_config(const ConfigNode& root, ConfigProblems& problems);

// Reads what rules and their tests are made of, and the names of the sinks; judges nothing else.
[[nodiscard]] Config read_rules_config(const ConfigNode& root, ConfigProblems& problems);

}  // namespace trapline::gateway
