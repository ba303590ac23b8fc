// What a RuleEngine's parts share.
#pragma once

#include <memory>
#include <vector>

#include "rules/candidates.h"
#include "rules/evaluation.h"
#include "rules/event_enrichments.h"
#include "rules/problem_table.h"
#include "rules/rule_actions.h"
#include "rules/rule_figures.h"
#include "rules/rule_set.h"
#include "rules/rule_state.h"

namespace trapline::rules {

// The rules, all that they remember, and working memory. Owned by a RuleEngine; one thread.
struct RuleMemory {
  std::shared_ptr<const RuleSet> rules;
  RuleState state;
  ProblemTable problems;
  CandidateCache candidates;
  EvaluationScratch scratch;
  Draft draft;
  EventEnrichments enrichments;                // of the event that is evaluated
  const EnrichmentAnswers* answers = nullptr;  // null: nobody can be asked
  std::string key;
  std::vector<RuleFigures> figures;  // of each rule
  std::uint64_t evicted = 0;
};

}  // namespace trapline::rules
