#include "gateway/commands/explanation.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

bool stops(Verdict verdict) { return verdict >= Verdict::answered; }

std::string head_of(const Explanation& explanation) {
  std::string head = explanation.place;
  if (!explanation.way.empty()) head += (head.empty() ? "" : ", ") + explanation.way;
  head += fmt::format("{}{} octets", head.empty() ? "" : ", ", explanation.size_bytes);
  return head;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "ok";
    case Verdict::noted: return "note";
    case Verdict::unjudged: return "unknown";
    case Verdict::answered: return "answered";
    case Verdict::refused: return "refused";
    case Verdict::malformed: return "malformed";
  }
  return "";
}

bool Explanation::add(std::string_view name, Verdict verdict, std::string detail,
                      std::string advice) {
  steps.push_back({name, verdict, std::move(detail), std::move(advice)});
  return !stops(verdict);
}

bool Explanation::accepted() const { return !steps.empty() && !stops(steps.back().verdict); }

bool Explanation::refused() const {
  return !accepted() && (steps.empty() || steps.back().verdict != Verdict::answered);
}

std::string explanation_text(const Explanation& explanation) {
  std::string text = head_of(explanation) + "\n";
  for (const ExplainedStep& step : explanation.steps) {
    text += fmt::format("  {:<10}{:<12}{}\n", name_of(step.verdict), step.name, step.detail);
    if (!step.advice.empty()) text += fmt::format("{:24}-> {}\n", "", step.advice);
  }
  if (explanation.accepted()) text += "  event     " + explanation.event_text + "\n";
  return text;
}

std::string explanation_json(const Explanation& explanation) {
  Json json = {{"message", explanation.place},
               {"bytes", explanation.size_bytes},
               {"accepted", explanation.accepted()},
               {"steps", Json::array()}};
  for (const ExplainedStep& step : explanation.steps) {
    Json one = {{"step", step.name}, {"verdict", name_of(step.verdict)}, {"detail", step.detail}};
    if (!step.advice.empty()) one["advice"] = step.advice;
    json["steps"].push_back(std::move(one));
  }
  if (explanation.accepted()) json["event"] = Json::parse(explanation.event_json, nullptr, false);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace trapline::gateway
