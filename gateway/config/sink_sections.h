// The `sinks` section.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfiguredSinks = 64;
inline constexpr std::size_t kMaxConfiguredSinkNameBytes = 64;

// Reads the map of sinks into `out`, in the order written. Problems are noted: unknown types and
// keys, names outside [A-Za-z0-9_-]{1,64}, two sinks on one file.
void read_sinks(const ConfigNode& sinks, ConfigProblems& problems, Config& out);

}  // namespace trapline::gateway
