// What a rule does to the draft of an event.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/compiled_rule.h"
#include "rules/draft.h"
#include "rules/evaluation.h"
#include "rules/rule_figures.h"
#include "rules/rule_set.h"

namespace trapline::rules {

// What rules may write about one event, so that a decision always fits its record. What is longer
// is cut between characters, or not set, and counts as an error of the action.
inline constexpr std::size_t kMaxSummaryBytes = 16'384;
inline constexpr std::size_t kMaxTagBytes = 4'096;    // of one value
inline constexpr std::size_t kMaxTagsBytes = 32'768;  // of all names and values
inline constexpr std::size_t kMaxNamedRules = 256;    // further ones act, and are not listed
inline constexpr std::size_t kMaxLabelBytes = 4'096;  // of a problem: tags beyond are left out

// Whether a rule's `when` holds; without one it does.
enum class Holds : std::uint8_t { yes, no, error };
[[nodiscard]] Holds condition_of(const CompiledRule& rule, const Subject& subject,
                                 EvaluationScratch& scratch, RuleFigures& figures,
                                 std::string_view* why = nullptr);

// Applies `set` and `state`. `subject` reads `draft`. False when something failed; everything else
// was done then.
[[nodiscard]] bool apply_set(const CompiledRule& rule, const Subject& subject, Draft& draft,
                             EvaluationScratch& scratch, RuleFigures& figures);

// Replaces `out` by the values of `by`, joined; a missing one counts as empty. At most
// kMaxStateKeyBytes: what is longer ends in a digest of the whole.
void key_of(std::span<const Expression> by, const Subject& subject, EvaluationScratch& scratch,
            RuleFigures& figures, std::string& out);

// What a problem is known by: the draft's key, else agent.ip/trap.oid. Replaces `out`; shortened as
// `key_of` does.
void problem_key(const Draft& draft, const protocol::TrapMessage& message, std::string& out);

// What a problem that is raised now will be told by until it is cleared: "agent", "trap" and the
// draft's tags, within kMaxLabelBytes. Replaces `out`.
void problem_labels(const Subject& subject, std::vector<std::pair<std::string, std::string>>& out);

// Fills a decision of `slot` from a draft, whose texts it takes: what it views is the slot's.
// `rules` are the names of those that matched, `sinks` a bit for each sink of `set`.
void fill_verdict(Draft& draft, std::span<const std::string_view> rules, const RuleSet& set,
                  std::uint64_t sinks, DecisionSlot& slot, Decision& decision);

}  // namespace trapline::rules
