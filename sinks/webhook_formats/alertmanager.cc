// Alertmanager, API v2 (POST /api/v2/alerts): an alert is its set of labels, so what may change
// between raise and clear is an annotation.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "sinks/webhook_formats/event_words.h"
#include "sinks/webhook_formats/webhook_format.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kMostValue = 1'024;
constexpr std::size_t kMostName = 256;

// One alert, before it is written. Views what it was made of.
struct Alert {
  std::string_view key;
  std::vector<rules::Tag> labels;  // as verdicts have them
  std::string_view raise_id;
  rules::Severity severity;
  std::string_view summary;
  base::WallTime starts;
  const base::WallTime* ends = nullptr;  // null while it fires
};

// [a-zA-Z_][a-zA-Z0-9_]*
std::string label_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kMostName)) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out += '_';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    out += digit || letter ? c : '_';
  }
  return out.empty() ? "_" : out;
}

std::string_view value_of(const Alert& alert, std::string_view name) {
  const auto found = std::ranges::find(alert.labels, name, &rules::Tag::name);
  return found == alert.labels.end() ? std::string_view{} : found->value;
}

void put_labels(base::JsonWriter& json, const Alert& alert) {
  const std::string_view named = value_of(alert, "alertname");
  std::vector<std::pair<std::string, std::string>> labels = {
      {"alertname", cut_to(named.empty() ? value_of(alert, "trap") : named, kMostValue)},
      {"key", cut_key_to(alert.key, kMostValue)}};
  for (const rules::Tag& label : alert.labels) {
    std::string name = label_name(label.name);
    // One without a value is none. The first of a name counts.
    const bool known = std::ranges::any_of(labels, [&](const auto& l) { return l.first == name; });
    if (known || label.value.empty() || name == "trap") continue;
    labels.emplace_back(std::move(name), cut_to(label.value, kMostValue));
  }
  json.begin_object();
  for (const auto& [name, value] : labels) {
    json.escaped_key(name), json.value(std::string_view(value));
  }
  json.end_object();
}

std::string words_of(const Alert& alert) {
  if (alert.summary.empty()) {
    return std::string(value_of(alert, "trap")) + " from " + std::string(value_of(alert, "agent"));
  }
  // As much of it as the table of problems keeps.
  const std::size_t most = rules::Problem::kMostSummaryBytes;
  return std::string(alert.summary.substr(0, base::utf8_floor(alert.summary, most)));
}

std::string text_of(const Alert& alert) {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object();
  json.key("labels");
  put_labels(json, alert);
  json.key("annotations"), json.begin_object();
  json.key("severity"), json.plain(name_of(alert.severity));
  json.key("summary"), json.value(std::string_view(words_of(alert)));
  json.key("raise_id"), json.value(alert.raise_id);
  json.end_object();
  json.key("startsAt"), json.plain(time_of(alert.starts));
  if (alert.ends != nullptr) {
    json.key("endsAt"), json.plain(time_of(std::max(*alert.ends, alert.starts)));
  }
  json.end_object();
  return out;
}

base::WallTime wall_of(base::RuleTime time) {
  return base::WallTime(std::chrono::nanoseconds(time.since_epoch_ns));
}

}  // namespace

WebhookPiece alertmanager_piece(const rules::RoutedTrap& event) {
  const rules::Verdict& verdict = event.verdict;
  const std::string key = key_of(event);
  const base::WallTime now = verdict.synthetic == rules::Synthetic::none ? event.message.received_at
                                                                         : wall_of(verdict.made);
  Alert alert{key,
              {verdict.labels.begin(), verdict.labels.end()},
              verdict.raise_id.empty() ? event.id : verdict.raise_id,
              verdict.severity,
              verdict.summary,
              verdict.raise_id.empty() ? now : wall_of(verdict.first_time)};
  if (verdict.state == rules::State::clear) alert.ends = &now;
  return {text_of(alert), {}};
}

std::string alertmanager_alert(const rules::Problem& problem) {
  Alert alert{problem.key,           {}, problem.raise_id, problem.severity, problem.summary,
              wall_of(problem.first)};
  for (const auto& [name, value] : problem.labels) alert.labels.push_back({name, value});
  return text_of(alert);
}

}  // namespace trapline::sinks
