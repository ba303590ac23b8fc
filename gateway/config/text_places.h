// Where each character of a YAML text stands, so that an error in an expression can be pointed at.
#pragma once

#include <cstddef>
#include <string_view>

#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Fills `text_place` and `pieces` of `node`, whose `place` and `text` are known and whose writing
// begins at octet `at` of `file_text`. Knows single and double quotes, literal and folded blocks,
// and texts over several lines (YAML 1.2 §7.3, §8.1). What it cannot follow is placed at the last
// character that it could. O(octets of the text as written).
void place_text(std::string_view file_text, std::size_t at, ConfigNode& node);

}  // namespace trapline::gateway
