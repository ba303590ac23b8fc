// The rules of a configuration, as the daemon runs them.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/config/rules_build.h"

namespace trapline::gateway {

// Loads, checks, compiles and tests, as build_config does. `rules` is null when the configuration
// has neither rules nor routes: every event goes to every sink then, without being looked at.
[[nodiscard]] base::Result<BuiltConfig, ConfigErrors> rules_of_file(const std::string& path);

}  // namespace trapline::gateway
