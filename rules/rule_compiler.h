// From rules as they were written to a RuleSet.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "rules/rule_set.h"

namespace trapline::rules {

// Compiles one RulesSpec; gathers all that is wrong instead of ending at the first. One thread.
class RuleCompiler {
 public:
  // All referred to outlives it.
  RuleCompiler(const RulesSpec& spec, const RuleSetContext& context, SpecProblems& problems);

  // Null when anything was wrong.
  [[nodiscard]] std::shared_ptr<const RuleSet> compile();

 private:
  void add_rule(const RuleSpec& spec);
  void add_matches(const RuleSpec& spec, std::uint32_t number);
  void add_match(const SourceText& match, std::uint32_t number);
  void compile_enrichments();
  void compile_enrichment(const EnrichmentSpec& spec);
  void compile_enrich(const RuleSpec& spec, CompiledRule& rule);
  void compile_set(const SetSpec& spec, CompiledRule& rule);
  void compile_stateful(const RuleSpec& spec, CompiledRule& rule);
  [[nodiscard]] std::optional<Template> compile_template(const std::optional<SourceText>& source);
  template <class Spec>
  [[nodiscard]] Window window_of(const Spec& spec, std::uint32_t count, std::chrono::seconds span);

  const RulesSpec& spec_;
  SpecProblems& problems_;
  const std::size_t problems_before_;
  std::shared_ptr<RuleSet> rules_;
  Vocabulary vocabulary_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace trapline::rules
