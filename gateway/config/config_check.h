// What is legal in a configuration but hardly meant, and what this machine makes of it.
#pragma once

#include <string>
#include <vector>

#include "gateway/config/config.h"

namespace trapline::gateway {

// Warnings, one sentence each with what to do, in the order of the keys. Pure.
[[nodiscard]] std::vector<std::string> config_warnings(const Config& config);

// Looks whether the data directory and each sink's directory could be written by this process.
// Problems, one sentence each with what to do. Leaves nothing behind.
[[nodiscard]] std::vector<std::string> probe_config(const Config& config);

}  // namespace trapline::gateway
