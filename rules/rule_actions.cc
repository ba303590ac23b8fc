#include "rules/rule_actions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.h"
#include "rules/expression_fields.h"
#include "rules/rule_state.h"

namespace trapline::rules {
namespace {

constexpr char kKeySeparator = '\x1f';

// A text that is too long to be a key keeps its beginning and gets a digest of the whole (FNV-1a).
void shorten(std::string& key) {
  if (key.size() <= kMaxStateKeyBytes) return;
  std::uint64_t digest = 0xcbf2'9ce4'8422'2325;
  for (const char octet : key) {
    digest = (digest ^ static_cast<unsigned char>(octet)) * 0x100'0000'01b3;
  }
  std::array<char, 17> text{'#'};
  const auto end = std::to_chars(text.data() + 1, text.data() + text.size(), digest, 16).ptr;
  key.resize(kMaxStateKeyBytes - text.size());
  key.append(text.data(), end);
}

std::size_t tags_bytes(const Draft& draft) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : draft.tags()) bytes += name.size() + value.size();
  return bytes;
}

// Renders into one string after the other; remembers whether all went well.
class Setter {
 public:
  Setter(const Subject& subject, EvaluationScratch& scratch, RuleFigures& figures)
      : subject_(subject), scratch_(scratch), figures_(figures) {}

  // At most `most` octets of it; good until the next one, and the caller's to swap.
  std::string& render(const Template& from, std::size_t most) {
    std::string& text = scratch_.rendered();
    text.clear();
    const Rendering rendering = from.render(subject_, scratch_, text);
    figures_.missing_values += rendering.missing;
    if (rendering.failed) fail();
    if (text.size() > most) {
      text.resize(base::utf8_floor(text, most));
      fail();
    }
    return text;
  }
  void fail() {
    ++figures_.action_errors;
    well_ = false;
  }
  [[nodiscard]] bool well() const { return well_; }

 private:
  const Subject& subject_;
  EvaluationScratch& scratch_;
  RuleFigures& figures_;
  bool well_ = true;
};

}  // namespace

Holds condition_of(const CompiledRule& rule, const Subject& subject, EvaluationScratch& scratch,
                   RuleFigures& figures, std::string_view* why) {
  if (!rule.when) return Holds::yes;
  const Value& value = rule.when->evaluate(subject, scratch);
  if (value.is_true()) return Holds::yes;
  if (!value.is_error()) return Holds::no;
  ++figures.condition_errors;
  if (why != nullptr) *why = value.text();
  return Holds::error;
}

bool apply_set(const CompiledRule& rule, const Subject& subject, Draft& draft,
               EvaluationScratch& scratch, RuleFigures& figures) {
  Setter setter(subject, scratch, figures);
  if (rule.severity) draft.severity = *rule.severity;
  if (rule.severity_template) {
    const auto severity = severity_of(setter.render(*rule.severity_template, kMaxSummaryBytes));
    if (severity) draft.severity = *severity;
    if (!severity) setter.fail();
  }
  if (rule.summary) draft.summary.swap(setter.render(*rule.summary, kMaxSummaryBytes));
  if (rule.key) {
    draft.key.swap(setter.render(*rule.key, kMaxProducedBytes));
    shorten(draft.key);
  }
  for (const auto& [name, value] : rule.tags) {
    const std::string* const known = value.constant();
    const bool short_enough = known != nullptr && known->size() <= kMaxTagBytes;
    const std::string& text = short_enough ? *known : setter.render(value, kMaxTagBytes);
    if (tags_bytes(draft) + name.size() + text.size() > kMaxTagsBytes) {
      setter.fail();
    } else {
      draft.set_tag(name, text);
    }
  }
  if (rule.state) draft.state = *rule.state;
  return setter.well();
}

void key_of(std::span<const Expression> by, const Subject& subject, EvaluationScratch& scratch,
            RuleFigures& figures, std::string& out) {
  out.clear();
  bool first = true;
  for (const Expression& part : by) {
    if (!first) out += kKeySeparator;
    first = false;
    if (!part.evaluate(subject, scratch).append_to(out)) ++figures.missing_values;
  }
  shorten(out);
}

void problem_key(const Draft& draft, const protocol::TrapMessage& message, std::string& out) {
  out.clear();
  if (draft.key.empty()) {
    std::array<char, 46> room;
    out.append(message.agent.format(room));
    out += '/';
    message.trap_oid.append_to(out);
  } else {
    out = draft.key;
  }
  shorten(out);
}

void problem_labels(const Subject& subject, std::vector<std::pair<std::string, std::string>>& out) {
  out.clear();
  out.emplace_back("agent", subject.message.agent.to_string());
  append_trap_name(subject, out.emplace_back("trap", "").second);
  std::size_t bytes = 0;
  for (const auto& [name, value] : subject.draft.tags()) {
    if (bytes + name.size() + value.size() > kMaxLabelBytes) continue;
    bytes += name.size() + value.size();
    out.emplace_back(name, value);
  }
}

void fill_verdict(Draft& draft, std::span<const std::string_view> rules, const RuleSet& set,
                  std::uint64_t sinks, DecisionSlot& slot, Decision& decision) {
  const std::size_t tags = draft.give(slot.key, slot.summary, slot.tag_texts);
  for (std::size_t i = 0; i < tags; ++i) {
    slot.tags.push_back({slot.tag_texts[i].first, slot.tag_texts[i].second});
  }
  slot.rules.assign(rules.begin(), rules.end());
  for (std::size_t i = 0; i < set.sinks().size(); ++i) {
    if ((sinks >> i & 1U) != 0) slot.sinks.push_back(set.sinks()[i]);
  }
  decision.verdict.severity = draft.severity;
  decision.verdict.state = draft.state;
  decision.verdict.key = slot.key;
  decision.verdict.summary = slot.summary;
  decision.verdict.tags = slot.tags;
  decision.verdict.rules = slot.rules;
  decision.verdict.raise_id = slot.raise_id;
  for (const auto& [name, value] : slot.label_texts) slot.labels.push_back({name, value});
  decision.verdict.labels = slot.labels;
  decision.sinks = slot.sinks;
}

}  // namespace trapline::rules
