// A configuration's tree as text, for people and for programs.
#pragma once

#include <string>

#include "gateway/config/config_node.h"

namespace trapline::gateway {

// YAML in one form: two columns of indentation, a line for each value. Reads back as the same tree.
[[nodiscard]] std::string config_yaml(const ConfigNode& tree);
// One line of JSON; plain decimal numbers, `true` and `false` are what they look like, all other
// values texts.
[[nodiscard]] std::string config_json(const ConfigNode& tree);

}  // namespace trapline::gateway
