// The part of the configuration's JSON Schema that is about rules.
#pragma once

#include "gateway/config/schema_parts.h"

namespace trapline::gateway::schema {

// `rules`, `routes`, `tables` and `tests`. A node of the route tree is "#/$defs/route".
[[nodiscard]] Json rules_schema();
[[nodiscard]] Json routes_schema();
[[nodiscard]] Json route_schema();
[[nodiscard]] Json tables_schema();
[[nodiscard]] Json tests_schema();

}  // namespace trapline::gateway::schema
