// The JSON Schema of the `poller` section.
#pragma once

#include "gateway/config/schema_parts.h"

namespace trapline::gateway::schema {

// `user` is the schema of an SNMPv3 user.
[[nodiscard]] Json poller_schema(Json user);

}  // namespace trapline::gateway::schema
