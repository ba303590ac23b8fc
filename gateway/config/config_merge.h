// Several files, one configuration.
#pragma once

#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Moves `from` (a map) into `into` (a map): maps are merged key by key, lists appended, a key that
// is only in `from` is added. The same key with a single value in both, or with values of two
// kinds, is a problem that names both places.
void merge_config(ConfigNode& into, ConfigNode&& from, ConfigProblems& problems);

}  // namespace trapline::gateway
