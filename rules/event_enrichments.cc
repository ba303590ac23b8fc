#include "rules/event_enrichments.h"

#include <algorithm>

namespace trapline::rules {
namespace {

// What a value takes besides its texts.
constexpr std::size_t kValueBytes = 24;

// Nothing when one of the OIDs comes to nothing for this event.
std::optional<EnrichmentWish> wish_for(const CompiledEnrichment& enrichment, const Subject& subject,
                                       EvaluationScratch& scratch, RuleFigures& figures) {
  EnrichmentWish wish{subject.message.agent, enrichment.name, {}, enrichment.keep};
  for (const auto& [member, text] : enrichment.get) {
    std::string& rendered = scratch.rendered();
    rendered.clear();
    const Rendering rendering = text.render(subject, scratch, rendered);
    figures.missing_values += rendering.missing;
    if (rendering.missing != 0 || rendering.failed) return std::nullopt;
    auto oid = subject.mibs.parse(rendered);
    if (!oid) return std::nullopt;
    wish.members.push_back({member, std::move(*oid)});
  }
  return wish;
}

std::optional<VerdictFlag> flag_of(AnswerState state) {
  switch (state) {
    case AnswerState::known:
    case AnswerState::unknown: return std::nullopt;
    case AnswerState::timeout: return VerdictFlag::enrich_timeout;
    case AnswerState::failed: return VerdictFlag::enrich_failed;
    case AnswerState::skipped: return VerdictFlag::enrich_skipped;
  }
  return VerdictFlag::enrich_failed;
}

}  // namespace

void EventEnrichments::clear() {
  asked_.clear();
  values_.clear();
  wishes_.clear();
  bytes_ = 0;
}

bool EventEnrichments::take(const EnrichmentAnswer& answer, std::string_view enrichment) {
  std::size_t bytes = bytes_;
  for (const AnsweredMember& member : answer.members) {
    bytes += kValueBytes + enrichment.size() + member.name.size() +
             member.varbind.name.content().size() + member.varbind.value.content.size();
  }
  if (bytes > kMaxEnrichedBytes) return false;
  bytes_ = bytes;
  for (const AnsweredMember& member : answer.members) {
    values_.push_back({enrichment, member.name, member.varbind});
  }
  return true;
}

std::optional<VerdictFlag> EventEnrichments::ask(std::uint32_t number, const RuleSet& set,
                                                 const Subject& subject, EvaluationScratch& scratch,
                                                 const EnrichmentAnswers* answers,
                                                 RuleFigures& figures) {
  if (std::ranges::find(asked_, number) != asked_.end()) return std::nullopt;
  asked_.push_back(number);
  const CompiledEnrichment& enrichment = set.enrichments()[number];
  auto wish = wish_for(enrichment, subject, scratch, figures);
  if (!wish || answers == nullptr) return VerdictFlag::enrich_failed;
  const EnrichmentAnswer answer = answers->find(*wish);
  if (!take(answer, enrichment.name)) return VerdictFlag::enrich_failed;
  if (answer.state == AnswerState::unknown) wishes_.push_back(std::move(*wish));
  return flag_of(answer.state);
}

const protocol::VarBind* EventEnrichments::value(std::string_view enrichment,
                                                 std::string_view member) const {
  for (const EnrichedValue& each : values_) {
    if (each.enrichment == enrichment && each.member == member) return &each.varbind;
  }
  return nullptr;
}

}  // namespace trapline::rules
