// RuleSet: rules, routes and tables, compiled. Immutable; shared by whoever evaluates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocol/mib/mib_index.h"
#include "rules/rule_spec.h"
#include "rules/source_text.h"

namespace trapline::rules {

// What rules are compiled against. `mibs` outlives the RuleSet.
struct RuleSetContext {
  const protocol::mib::MibIndex& mibs;
  std::vector<std::string> sinks;  // names, in the order of the configuration
  std::vector<std::string> enrichments;
};

struct CompiledRules;

// Any thread may read. Indexed by notification OID: an event meets only the rules that may match.
class RuleSet {
 public:
  // Compiles; null when anything is wrong, and then `problems` says all of it.
  [[nodiscard]] static std::shared_ptr<const RuleSet> compile(const RulesSpec& spec,
                                                              const RuleSetContext& context,
                                                              SpecProblems& problems);
  ~RuleSet();

  // For the engine: the rules and routes as it runs them. Lives as long as this.
  [[nodiscard]] const CompiledRules& compiled() const { return *compiled_; }

 private:
  explicit RuleSet(std::unique_ptr<const CompiledRules> compiled);
  std::unique_ptr<const CompiledRules> compiled_;
};

}  // namespace trapline::rules
