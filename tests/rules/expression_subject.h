// An event to evaluate expressions over, and what it takes to compile them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/decode.h"
#include "rules/expression.h"
#include "tests/support/wire.h"

namespace trapline::rules {

// A v2c linkDown of interface 7 from 10.1.2.3 with a value of every type, tags `team` and `n`, a
// table `sites` by prefix and a table `owners` by name, and an enrichment `interface` of which
// `ifName` was answered.
class ExpressionSubject {
 public:
  ExpressionSubject();
  ExpressionSubject(const ExpressionSubject&) = delete;
  ExpressionSubject& operator=(const ExpressionSubject&) = delete;

  // What the expression gives, written as CEL would: true, 7, 7u, 1.5, "text", up(1), [..]; "error:
  // ..." for errors and "problem: ..." for what does not compile, with the hint in parentheses.
  [[nodiscard]] std::string show(std::string_view expression);
  // The only problem of an expression, as "line:column message (hint)".
  [[nodiscard]] std::string problem(std::string_view expression);

  RegexSets sets;
  Tables tables;
  Vocabulary vocabulary;
  Draft draft;
  protocol::TrapMessage message;
  EvaluationScratch scratch;

  [[nodiscard]] Subject subject() const;

 private:
  class Answers;

  const test_support::Octets datagram_;
  protocol::DecodeScratch decode_scratch_;
  std::shared_ptr<EnrichmentValues> answers_;
};

// The text as it would stand in line 1, column 1.
[[nodiscard]] SourceText written(std::string_view text);
// As "line:column message (hint)", one per line.
[[nodiscard]] std::string text_of(const SpecProblems& problems);

}  // namespace trapline::rules
