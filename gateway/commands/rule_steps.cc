#include "gateway/commands/rule_steps.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/config/rule_run.h"
#include "gateway/journal/event_record.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"

namespace trapline::gateway {
namespace {

// What the event says of its verdict, in one line.
std::string describe(const rules::Verdict& verdict) {
  std::string text = fmt::format("{}, {}", name_of(verdict.state), name_of(verdict.severity));
  if (!verdict.key.empty()) text += fmt::format(", key {}", verdict.key);
  for (const rules::Tag& tag : verdict.tags) text += fmt::format(", {}={}", tag.name, tag.value);
  for (int i = 0; i < rules::kVerdictFlagCount; ++i) {
    const auto flag = static_cast<rules::VerdictFlag>(i);
    if (verdict.flags.has(flag)) text += fmt::format(", {}", name_of(flag));
  }
  return text;
}

// Nobody is asked; what would be is written down.
class Questions final : public rules::EnrichmentAnswers {
 public:
  explicit Questions(std::span<const PolledNetwork> devices) : devices_(devices) {}
  [[nodiscard]] rules::EnrichmentAnswer find(const rules::EnrichmentWish& wish) const override {
    asked.push_back(wish);
    return {can_ask(wish) ? rules::AnswerState::timeout : rules::AnswerState::failed, {}};
  }
  [[nodiscard]] bool can_ask(const rules::EnrichmentWish& wish) const {
    return std::ranges::any_of(
        devices_, [&](const PolledNetwork& network) { return network.match.contains(wish.agent); });
  }
  mutable std::vector<rules::EnrichmentWish> asked;

 private:
  const std::span<const PolledNetwork> devices_;
};

std::string describe(const rules::EnrichmentWish& wish) {
  std::string text = fmt::format("{}: {} is asked for", wish.enrichment, wish.agent.to_string());
  std::string_view gap = " ";
  for (const rules::WishedMember& member : wish.members) {
    text += fmt::format("{}{} ({})", gap, member.name, member.oid.view().to_string());
    gap = ", ";
  }
  return text;
}

void add_decision(const rules::RoutedTrap& event, std::span<const std::string_view> sinks,
                  Explanation& explanation) {
  const bool made = event.verdict.synthetic != rules::Synthetic::none;
  explanation.add(made ? "made event" : "verdict", Verdict::passed, describe(event.verdict));
  std::string names;
  for (const std::string_view sink : sinks)
    names += (names.empty() ? "" : ", ") + std::string(sink);
  explanation.add("sinks", sinks.empty() ? Verdict::noted : Verdict::passed,
                  names.empty() ? "none: it is only in the journal" : names);
  if (made) return;
  const auto& mibs = protocol::mib::MibIndex::built_in();
  rules::RoutedTrap shown = event;
  shown.id = {};  // what is not in a journal has no id
  sinks::append_event_json(shown, mibs, explanation.event_json);
  sinks::append_event_text(shown, mibs, explanation.event_text);
  constexpr std::string_view kNoId = " id=";
  if (explanation.event_text.ends_with(kNoId)) {
    explanation.event_text.resize(explanation.event_text.size() - kNoId.size());
  }
}

}  // namespace

void add_rule_steps(const RuleStepsInput& input, Explanation& explanation) {
  std::vector<std::byte> payload(journal::event_bytes(input.message, input.pdu));
  journal::encode_event(input.message, input.pdu, {}, payload);
  // Decisions come when all rules have been asked: kept until the trace has been told.
  Explanation decided;
  RuleRun run(
      input.rules, base::RuleTime{input.time.time_since_epoch().count()},
      [&](const rules::RoutedTrap& event, auto sinks) { add_decision(event, sinks, decided); });
  std::vector<rules::RuleTrace> trace;
  const Questions questions(input.devices);
  (void)run.take(payload, questions, &trace);
  for (const rules::RuleTrace& rule : trace) {
    explanation.add("rule", Verdict::passed,
                    fmt::format("{} {}{}", rule.matched ? "+" : "-", rule.rule,
                                rule.why.empty() ? "" : ": " + rule.why));
  }
  for (const rules::EnrichmentWish& wish : questions.asked) {
    if (questions.can_ask(wish)) {
      explanation.add("enrichment", Verdict::noted, describe(wish),
                      "the gateway asks the device first; here it is decided as without an answer");
    } else {
      explanation.add("enrichment", Verdict::noted,
                      fmt::format("{}: {} is not asked: no entry of `poller.devices` holds it",
                                  wish.enrichment, wish.agent.to_string()),
                      "add one, like `{ match: 10.0.0.0/8, auth: read }`");
    }
  }
  for (ExplainedStep& step : decided.steps) explanation.steps.push_back(std::move(step));
  explanation.event_json = std::move(decided.event_json);
  explanation.event_text = std::move(decided.event_text);
}

}  // namespace trapline::gateway
