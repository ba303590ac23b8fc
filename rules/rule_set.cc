#include "rules/rule_set.h"

#include <algorithm>

#include "rules/rule_compiler.h"

namespace trapline::rules {

std::shared_ptr<const RuleSet> RuleSet::compile(const RulesSpec& spec,
                                                const RuleSetContext& context,
                                                SpecProblems& problems) {
  return RuleCompiler(spec, context, problems).compile();
}

void RuleSet::add_matches(const Index& index, std::string_view octets, Numbers& out) {
  const auto found = index.find(octets);
  if (found != index.end()) out.insert(out.end(), found->second.begin(), found->second.end());
}

// A prefix of sub-identifiers is a prefix of octets.
void RuleSet::candidates(protocol::OidView oid, Numbers& out) const {
  const std::string_view octets = base::as_text(oid.content());
  out.assign(everything_.begin(), everything_.end());
  add_matches(by_oid_, octets, out);
  for (const std::size_t bytes : subtree_bytes_) {
    if (bytes > octets.size()) break;
    add_matches(by_subtree_, octets.substr(0, bytes), out);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

std::uint64_t RuleSet::route(const Subject& subject, EvaluationScratch& scratch) const {
  if (routes_) return routes_->sinks_for(subject, scratch);
  return sinks_.size() == 64 ? ~0ULL : (1ULL << sinks_.size()) - 1;
}

}  // namespace trapline::rules
