// JSON Schema of the configuration, for editors and for whoever writes configurations by program.
#pragma once

#include <string>

namespace trapline::gateway {

// The schema (2020-12) of the whole configuration as this program reads it, indented, with a
// newline at its end. It knows shapes, names and ranges; the loader knows more. Pure.
[[nodiscard]] std::string config_schema();

}  // namespace trapline::gateway
