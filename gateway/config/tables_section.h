// The `tables` section, and the files it names.
#pragma once

#include <vector>

#include "gateway/config/field_reader.h"
#include "rules/rule_spec.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfiguredTables = 64;
inline constexpr std::size_t kMaxTableFileBytes = std::size_t{16} << 20;

// Reads the map under `tables` of `top` into `out`, with the text of each file; a relative path is
// relative to the directory of the configuration file that names it. Blocks on the files. What a
// table's text means is for RuleSet::compile.
void read_tables(FieldReader& top, ConfigProblems& problems, std::vector<rules::TableSpec>& out);

}  // namespace trapline::gateway
