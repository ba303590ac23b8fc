// RuleSet: rules, routes and tables, compiled. Immutable; shared by whoever evaluates.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/mib/mib_index.h"
#include "rules/compiled_rule.h"
#include "rules/condition.h"
#include "rules/route.h"
#include "rules/rule_spec.h"
#include "rules/source_text.h"
#include "rules/table.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxRoutedSinks = 64;
inline constexpr std::uint32_t kMaxThresholdCount = 1'000;

// What rules are compiled against. `mibs` outlives the RuleSet.
struct RuleSetContext {
  const protocol::mib::MibIndex& mibs;
  std::vector<std::string> sinks;  // names, in the order of the configuration
  // Whether problems keep what they were raised by, and verdicts about them tell it: for sinks that
  // know a problem by its labels.
  bool keeps_labels = true;
};

// Any thread may read. Indexed by notification OID: an event meets only the rules that may match.
class RuleSet {
 public:
  // Compiles; null when anything is wrong, and then `problems` says all of it.
  [[nodiscard]] static std::shared_ptr<const RuleSet> compile(const RulesSpec& spec,
                                                              const RuleSetContext& context,
                                                              SpecProblems& problems);

  // All rules, in their order.
  [[nodiscard]] std::span<const CompiledRule> rules() const { return rules_; }
  // Replaces `out` by the numbers of the rules that a notification of this OID meets, in order.
  void candidates(protocol::OidView oid, std::vector<std::uint32_t>& out) const;
  // The sinks an event is for, a bit for each of `sinks()`.
  [[nodiscard]] std::uint64_t route(const Subject& subject, EvaluationScratch& scratch) const;
  [[nodiscard]] const RegexSets& regexes() const { return regexes_; }
  // What rules can ask devices; CompiledRule::enrich counts into it.
  [[nodiscard]] std::span<const CompiledEnrichment> enrichments() const { return enrichments_; }
  [[nodiscard]] std::span<const std::string> sinks() const { return sinks_; }
  [[nodiscard]] bool keeps_labels() const { return keeps_labels_; }
  [[nodiscard]] const protocol::mib::MibIndex& mibs() const { return mibs_; }

 private:
  friend class RuleCompiler;
  using Numbers = std::vector<std::uint32_t>;
  using Index = std::unordered_map<std::string, Numbers, TextHash, std::equal_to<>>;

  explicit RuleSet(const RuleSetContext& context)
      : mibs_(context.mibs), sinks_(context.sinks), keeps_labels_(context.keeps_labels) {}
  static void add_matches(const Index& index, std::string_view octets, Numbers& out);

  const protocol::mib::MibIndex& mibs_;
  const std::vector<std::string> sinks_;
  const bool keeps_labels_;
  Tables tables_;
  RegexSets regexes_;
  std::vector<CompiledRule> rules_;
  std::vector<CompiledEnrichment> enrichments_;
  Index by_oid_;                            // content octets of the OID
  Index by_subtree_;                        // of the subtree's root
  Numbers everything_;                      // rules without `match`
  std::vector<std::size_t> subtree_bytes_;  // that occur, ascending
  std::optional<RouteTree> routes_;         // nothing: every sink
};

}  // namespace trapline::rules
