// Strict YAML: one document of plain maps, lists and scalars; everything else is a problem.
#pragma once

#include "base/bytes.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

inline constexpr std::size_t kMaxConfigFileBytes = std::size_t{4} << 20;

// Parses the text of one file into `root`. Refused, each with its place: syntax errors, control
// characters and invalid UTF-8, duplicate keys, tags, anchors, aliases, keys that are not plain
// text, nesting beyond kMaxConfigDepth, a second document, a top level that is not a map. An empty
// file is an empty map. Returns false when `root` is not to be used; duplicate keys and the like
// are noted without giving up. Copies of the text are left in freed memory only (see
// scrubbing_delete.h).
[[nodiscard]] bool parse_yaml(base::Bytes text, std::uint32_t file, ConfigProblems& problems,
                              ConfigNode& root);

}  // namespace trapline::gateway
