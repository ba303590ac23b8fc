// What must hold of expressions and templates for any text: checked by the fuzzer and, on its
// seeds, by the tests.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "protocol/decode.h"
#include "rules/expression.h"
#include "rules/template.h"
#include "tests/fuzz/decode_invariants.h"

namespace trapline::fuzz {

// What texts are compiled against, and evaluated over.
class ExpressionWorld {
 public:
  ExpressionWorld() {
    draft_.set_tag("team", "noc");
    const std::string_view names[] = {"1.3.6.1.2.1.2.2.1.1.7", "1.3.6.1.2.1.2.2.1.7.7",
                                      "1.3.6.1.2.1.2.2.1.2.7"};
    for (const std::string_view name : names) oids_.push_back(*protocol::Oid::parse(name));
    protocol::Value number;
    number.type = protocol::ValueType::integer32;
    number.number = 1;
    protocol::Value text;
    text.type = protocol::ValueType::octet_string;
    text.content = base::as_bytes("eth0");
    varbinds_ = {{oids_[0], number}, {oids_[1], number}, {oids_[2], text}};
    message_.trap_oid = trap_;
    message_.varbinds = varbinds_;
    message_.agent = *base::IpAddress::parse("10.1.2.3");
    message_.listener = "0.0.0.0:162";
  }

  // Compiles and, when it can, evaluates or renders. What does not compile has a problem in its
  // place, what does has none; what is produced keeps within the limits.
  void check(std::string_view text) {
    const rules::SourceText source{std::string(text), {0, 1, 1}};
    rules::SpecProblems problems;
    const auto expression =
        rules::Expression::compile(source, rules::Expression::Wanted::any, vocabulary_, problems);
    require(expression.has_value() == problems.empty(), "a problem or an expression");
    if (expression) check_value(*expression);
    problems.clear();
    const auto compiled = rules::Template::compile(source, vocabulary_, problems);
    require(compiled.has_value() == problems.empty(), "a problem or a template");
    if (compiled) check_text(*compiled);
  }

 private:
  void check_value(const rules::Expression& expression) {
    std::string first;
    std::string second;
    const bool has_text = expression.evaluate(subject(), scratch_).append_to(first);
    scratch_.begin_event();
    require(expression.evaluate(subject(), scratch_).append_to(second) == has_text,
            "an evaluation can be repeated");
    require(first == second, "an evaluation that is repeated gives the same");
  }

  void check_text(const rules::Template& compiled) {
    std::string out;
    const rules::Rendering rendering = compiled.render(subject(), scratch_, out);
    require(out.size() <= rules::kMaxProducedBytes, "a rendered text keeps within its limit");
    require(rendering.failed != rendering.why.empty(), "a failure has a reason");
  }

  [[nodiscard]] rules::Subject subject() const {
    return {message_, draft_, vocabulary_.mibs, {1'767'225'600'000'000'000}};
  }

  rules::Tables tables_;
  rules::Vocabulary vocabulary_{protocol::mib::MibIndex::built_in(), tables_, {{"interface", {}}}};
  rules::Draft draft_;
  std::vector<protocol::Oid> oids_;
  std::vector<protocol::VarBind> varbinds_;
  const protocol::Oid trap_ = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  protocol::TrapMessage message_;
  rules::EvaluationScratch scratch_;
};

}  // namespace trapline::fuzz
