// Expression: a condition or a value computed from one event, in a subset of CEL (docs/rules.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rules/draft.h"
#include "rules/source_text.h"
#include "rules/table.h"
#include "rules/value.h"

namespace trapline::rules {

// What names an expression may use beyond the fixed fields, and what its functions look up.
struct Vocabulary {
  const protocol::mib::MibIndex& mibs;  // names in oid("IF-MIB::ifIndex")
  const Tables& tables;
  std::vector<std::string> enrichments;  // names whose members are dynamic, e.g. "interface"
};

// Working memory of one evaluating thread, reused; what an evaluation returns views it.
class EvaluationScratch;

// Immutable once compiled; any thread may evaluate it with a scratch of its own. Evaluating never
// loops over anything but its own text and the event, and allocates nothing in the usual case.
class Expression {
 public:
  // What the place of use asks for.
  enum class Wanted : std::uint8_t { boolean, any };

  // Compiles. Unknown fields, type errors, bad regexes and exceeded limits (length, depth) are
  // problems with their place in `source` and a hint; then there is no expression.
  [[nodiscard]] static std::optional<Expression> compile(const SourceText& source, Wanted wanted,
                                                         const Vocabulary& vocabulary,
                                                         SpecProblems& problems);

  // The value, or an error as CEL has them (absent key, no such overload, overflow, ...): a Value
  // of kind error, with a text. Views the subject, the scratch and this expression.
  [[nodiscard]] Value evaluate(const Subject& subject, EvaluationScratch& scratch) const;
};

}  // namespace trapline::rules
