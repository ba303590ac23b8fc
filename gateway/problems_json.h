// What is raised now, as JSON.
#pragma once

#include <span>
#include <string>

#include "rules/rule_engine.h"

namespace trapline::gateway {

// The document GET /problems answers with: {"problems":[{key, severity, summary, raise_id, count,
// first_time, last_time}]}. Field names are what users' scripts rely on.
[[nodiscard]] std::string problems_json(std::span<const rules::Problem> problems);

}  // namespace trapline::gateway
