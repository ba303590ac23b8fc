// Telling which parts of a configuration have changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// A digest of each top-level key of `root`, as written: places do not count. Holds no secret.
[[nodiscard]] std::vector<SectionDigest> section_digests(const ConfigNode& root);

// The top-level keys that differ between two configurations and that a reload does not apply: all
// but rules, routes, tables and tests. Sorted.
[[nodiscard]] std::vector<std::string> changed_sections(const Config& before, const Config& after);

}  // namespace trapline::gateway
