// EventEnrichments: what was asked for one event, and what of it is known.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/draft.h"
#include "rules/enrichment.h"
#include "rules/evaluation_scratch.h"
#include "rules/rule_figures.h"
#include "rules/rule_set.h"

namespace trapline::rules {

// Reused from event to event. One thread. Values view the answers they come from.
class EventEnrichments final : public EnrichmentValues {
 public:
  // As for a new event.
  void clear();
  // Asks for enrichment `number` of `set`, once for each event. What is not known yet becomes a
  // wish. Nothing when it is known or wished for, else the flag that says what failed. Without
  // `answers`, everything fails; so does an answer with which there would be more than
  // kMaxEnrichedBytes.
  [[nodiscard]] std::optional<VerdictFlag> ask(std::uint32_t number, const RuleSet& set,
                                               const Subject& subject, EvaluationScratch& scratch,
                                               const EnrichmentAnswers* answers,
                                               RuleFigures& figures);
  [[nodiscard]] const protocol::VarBind* value(std::string_view enrichment,
                                               std::string_view member) const override;

  // What was answered, in the order of asking.
  [[nodiscard]] std::span<const EnrichedValue> values() const { return values_; }
  // Whether something is not known yet, and what.
  [[nodiscard]] bool must_wait() const { return !wishes_.empty(); }
  [[nodiscard]] std::vector<EnrichmentWish> take_wishes() { return std::exchange(wishes_, {}); }

  // Of one event, names and OIDs included: they go on record with its decision.
  static constexpr std::size_t kMaxEnrichedBytes = 16 * 1024;

 private:
  [[nodiscard]] bool take(const EnrichmentAnswer& answer, std::string_view enrichment);

  std::vector<std::uint32_t> asked_;
  std::vector<EnrichedValue> values_;
  std::vector<EnrichmentWish> wishes_;
  std::size_t bytes_ = 0;  // of values_
};

}  // namespace trapline::rules
