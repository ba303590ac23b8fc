#include "gateway/commands/outcome_fields.h"

#include <algorithm>

#include "base/json_writer.h"
#include "protocol/mib/mib_index.h"
#include "rules/varbind_value.h"
#include "sinks/time_text.h"

namespace trapline::gateway {
namespace {

std::string joined(std::span<const std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += (text.empty() ? "" : ",") + std::string(part);
  return text;
}

std::string tags_text(std::span<const rules::Tag> tags) {
  std::string text;
  for (const rules::Tag& tag : tags) {
    text += (text.empty() ? "" : ",") + std::string(tag.name) + "=" + std::string(tag.value);
  }
  return text;
}

std::string flags_text(rules::VerdictFlags flags) {
  std::string text;
  for (int i = 0; i < rules::kVerdictFlagCount; ++i) {
    const auto flag = static_cast<rules::VerdictFlag>(i);
    if (flags.has(flag)) text += (text.empty() ? "" : ",") + std::string(rules::name_of(flag));
  }
  return text;
}

std::string enrichment_text(std::span<const rules::EnrichedValue> values) {
  std::string text;
  for (const rules::EnrichedValue& value : values) {
    text += (text.empty() ? "" : ",") + std::string(value.enrichment) + "." +
            std::string(value.member) + "=" +
            value_text(value.varbind, protocol::mib::MibIndex::built_in());
  }
  return text;
}

std::string time_text(base::RuleTime time) {
  if (time.since_epoch_ns == 0) return {};
  const auto text = sinks::rfc3339(base::WallTime(std::chrono::nanoseconds(time.since_epoch_ns)));
  return {text.data(), text.size()};
}

}  // namespace

OutcomeFields fields_of(const journal::Outcome& outcome) {
  const rules::Verdict& verdict = outcome.verdict;
  return {{"id", std::string(outcome.id)},
          {"synthetic", std::string(rules::name_of(verdict.synthetic))},
          {"severity", std::string(rules::name_of(verdict.severity))},
          {"state", std::string(rules::name_of(verdict.state))},
          {"key", std::string(verdict.key)},
          {"summary", std::string(verdict.summary)},
          {"tags", tags_text(verdict.tags)},
          {"rules", joined(verdict.rules)},
          {"flags", flags_text(verdict.flags)},
          {"enrichment", enrichment_text(verdict.enrichment)},
          {"count", verdict.count == 0 ? "" : std::to_string(verdict.count)},
          {"first_time", verdict.count == 0 ? "" : time_text(verdict.first_time)},
          {"made", time_text(verdict.made)},
          {"raise_id", std::string(verdict.raise_id)},
          {"causes", joined(verdict.causes)},
          {"sinks", joined(outcome.sinks)}};
}

std::string value_text(const protocol::VarBind& varbind, const protocol::mib::MibIndex& mibs) {
  std::string text;
  const auto name = rules::object_of(varbind.name, mibs);
  rules::append_value_text(varbind.value, name.node, mibs, text);
  return text;
}

std::string text_of(const OutcomeFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    if (!text.empty()) text += ' ';
    text += name;
    text += '=';
    base::append_json_escaped(text, value);
  }
  return text;
}

std::string difference_of(const OutcomeFields& before, const OutcomeFields& after) {
  std::string text;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (before[i] == after[i]) continue;
    const auto show = [&](const std::string& value) {
      base::append_json_escaped(text, value.empty() ? "none" : value);
    };
    if (!text.empty()) text += ", ";
    text += before[i].first + ": ";
    show(before[i].second);
    text += " -> ";
    show(after[i].second);
  }
  return text;
}

}  // namespace trapline::gateway
