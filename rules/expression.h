// Expression: a condition or a value computed from one event, in a subset of CEL (docs/rules.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/mib/mib_index.h"
#include "rules/condition.h"
#include "rules/draft.h"
#include "rules/evaluation_scratch.h"
#include "rules/source_text.h"
#include "rules/table.h"
#include "rules/value.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxExpressionBytes = 4'096;
inline constexpr int kMaxExpressionDepth = 32;
inline constexpr std::size_t kMaxExpressionNodes = 256;
inline constexpr std::size_t kMaxProducedBytes = 65'536;  // of any string

// An enrichment as expressions see it: its members are dynamic. Plain value.
struct EnrichmentNames {
  std::string name;
  std::vector<std::string> members;  // empty: any
};

// What names an expression may use beyond the fixed fields, and what its functions look up. All of
// it outlives the expressions.
struct Vocabulary {
  const protocol::mib::MibIndex& mibs;  // names in oid("IF-MIB::ifIndex")
  const Tables& tables;
  std::vector<EnrichmentNames> enrichments = {};
  // Where the regexes of `matches` go, to be frozen when all expressions are compiled. May be null.
  RegexSets* regex_sets = nullptr;
};

struct Program;

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
  // of kind error, with a text. With Wanted::boolean it is a boolean or an error. Views the
  // subject, this expression and the scratch: valid until the next evaluation with that scratch.
  [[nodiscard]] const Value& evaluate(const Subject& subject, EvaluationScratch& scratch) const;
  // A regex about a field that stays the same while an event meets the rules, without which the
  // expression is false; nothing when there is none.
  [[nodiscard]] std::optional<RegexSets::Member> guard() const;

 private:
  friend class TemplateCompiler;
  // Compiles the `length` octets from `begin` of `source`.
  [[nodiscard]] static std::optional<Expression> compile_part(const SourceText& source,
                                                              std::size_t begin, std::size_t length,
                                                              Wanted wanted,
                                                              const Vocabulary& vocabulary,
                                                              SpecProblems& problems);
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

}  // namespace trapline::rules
