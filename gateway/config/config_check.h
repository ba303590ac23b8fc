// What is legal in a configuration but hardly meant, and what this machine makes of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/config/config.h"

namespace trapline::gateway {

// Warnings, one sentence each with what to do, in the order of the keys. Pure.
[[nodiscard]] std::vector<std::string> config_warnings(const Config& config);

// Why this process may not create files in `directory`, or create it; empty when it may.
[[nodiscard]] std::string why_not_writable(const std::filesystem::path& directory);

// Looks whether the data directory could be written by this process, and probes every sink.
// Problems, one sentence each with what to do. Leaves nothing behind.
[[nodiscard]] std::vector<std::string> probe_config(const Config& config);

}  // namespace trapline::gateway
