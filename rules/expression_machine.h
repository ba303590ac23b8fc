// Runs programs.
#pragma once

#include "rules/draft.h"
#include "rules/evaluation_scratch.h"
#include "rules/expression_program.h"
#include "rules/value.h"

namespace trapline::rules {

// What the program leaves, in the scratch. Frees what the run before had allocated in the scratch.
// Each step is taken at most once. Any thread, with a scratch of its own.
[[nodiscard]] const Value& run(const Program& program, const Subject& subject,
                               EvaluationScratch& scratch);

}  // namespace trapline::rules
