#include "gateway/config/body_template.h"

#include <span>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "rules/draft.h"
#include "rules/evaluation_scratch.h"
#include "rules/table.h"

namespace trapline::gateway {
namespace {

// What the verdict says that devices answered.
class AnsweredValues final : public rules::EnrichmentValues {
 public:
  explicit AnsweredValues(std::span<const rules::EnrichedValue> values) : values_(values) {}
  [[nodiscard]] const protocol::VarBind* value(std::string_view enrichment,
                                               std::string_view member) const override {
    for (const rules::EnrichedValue& each : values_) {
      if (each.enrichment == enrichment && each.member == member) return &each.varbind;
    }
    return nullptr;
  }

 private:
  std::span<const rules::EnrichedValue> values_;
};

class EventBody final : public sinks::BodyTemplate {
 public:
  EventBody(rules::Template compiled, const protocol::mib::MibIndex& mibs)
      : template_(std::move(compiled)), mibs_(mibs) {}

  bool render(const rules::RoutedTrap& event, std::string& body, std::string& why) override {
    const rules::Verdict& verdict = event.verdict;
    draft_.clear();
    draft_.severity = verdict.severity;
    draft_.state = verdict.state;
    draft_.key = verdict.key;
    draft_.summary = verdict.summary;
    for (const rules::Tag& tag : verdict.tags) draft_.set_tag(tag.name, tag.value);
    const bool synthetic = verdict.synthetic != rules::Synthetic::none;
    const base::RuleTime received{event.message.received_at.time_since_epoch().count()};
    const AnsweredValues answered(verdict.enrichment);
    const rules::Subject subject{event.message, draft_,
                                 mibs_,         synthetic ? verdict.made : received,
                                 &answered,     verdict.synthetic};
    scratch_.begin_event();
    body.clear();
    const rules::Rendering rendering = template_.render(subject, scratch_, body);
    if (rendering.failed) {
      why = "the template failed: " + std::string(rendering.why);
      return false;
    }
    if (nlohmann::json::accept(body)) return true;
    why = "the template gave no JSON: is the filter `json` missing?";
    return false;
  }

 private:
  const rules::Template template_;
  const protocol::mib::MibIndex& mibs_;
  rules::Draft draft_;
  rules::EvaluationScratch scratch_;
};

}  // namespace

std::optional<rules::Template> compile_body(const rules::SourceText& source,
                                            std::span<const rules::EnrichmentSpec> enrichments,
                                            const protocol::mib::MibIndex& mibs,
                                            rules::SpecProblems& problems) {
  const rules::Tables none;
  rules::Vocabulary vocabulary{mibs, none};
  for (const rules::EnrichmentSpec& enrichment : enrichments) {
    rules::EnrichmentNames& names = vocabulary.enrichments.emplace_back();
    names.name = enrichment.name;
    for (const auto& [member, oid] : enrichment.get) names.members.push_back(member.text);
  }
  return rules::Template::compile(source, vocabulary, problems);
}

std::unique_ptr<sinks::BodyTemplate> make_body_template(rules::Template compiled,
                                                        const protocol::mib::MibIndex& mibs) {
  return std::make_unique<EventBody>(std::move(compiled), mibs);
}

}  // namespace trapline::gateway
