#include "rules/expression.h"

#include "rules/expression_compiler.h"
#include "rules/expression_machine.h"
#include "rules/expression_problems.h"

namespace trapline::rules {

std::optional<Expression> Expression::compile_part(const SourceText& source, std::size_t begin,
                                                   std::size_t length, Wanted wanted,
                                                   const Vocabulary& vocabulary,
                                                   SpecProblems& problems) {
  ExpressionProblems places(source, begin, problems);
  const std::string_view text = std::string_view(source.text).substr(begin, length);
  auto program = ExpressionCompiler(text, vocabulary, places).compile(wanted);
  if (program == nullptr) return std::nullopt;
  return Expression(std::move(program));
}

std::optional<Expression> Expression::compile(const SourceText& source, Wanted wanted,
                                              const Vocabulary& vocabulary,
                                              SpecProblems& problems) {
  return compile_part(source, 0, source.text.size(), wanted, vocabulary, problems);
}

const Value& Expression::evaluate(const Subject& subject, EvaluationScratch& scratch) const {
  return run(*program_, subject, scratch);
}

std::optional<RegexSets::Member> Expression::guard() const { return program_->guard; }

}  // namespace trapline::rules
