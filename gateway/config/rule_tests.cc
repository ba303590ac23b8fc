#include "gateway/config/rule_tests.h"

#include <algorithm>
#include <charconv>
#include <deque>

#include <nlohmann/json.hpp>

#include "base/json_writer.h"
#include "gateway/config/rule_run.h"
#include "gateway/config/test_event.h"
#include "protocol/ber_reader.h"
#include "sinks/event_json.h"

namespace trapline::gateway {
namespace {

using rules::VerdictFlag;
using Names = std::vector<std::string>;

constexpr base::RuleTime kStart{1'767'225'600'000'000'000};

std::string join(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "(none)" : text;
}

Names sorted(Names names) {
  std::ranges::sort(names);
  return names;
}

DecidedEvent describe(const rules::RoutedTrap& event, std::span<const std::string_view> sinks,
                      const protocol::mib::MibIndex& mibs) {
  DecidedEvent decided;
  const rules::Verdict& verdict = event.verdict;
  decided.severity = name_of(verdict.severity);
  decided.state = name_of(verdict.state);
  // What a rule did not say is what the event says in its place.
  std::string text;
  sinks::append_event_json(event, mibs, text);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object()) {
    decided.key = json.value("key", "");
    decided.summary = json.value("summary", "");
  }
  if (verdict.synthetic != rules::Synthetic::none) decided.synthetic = name_of(verdict.synthetic);
  decided.count = verdict.count;
  for (const rules::Tag& tag : verdict.tags) decided.tags.emplace_back(tag.name, tag.value);
  decided.rules.assign(verdict.rules.begin(), verdict.rules.end());
  decided.sinks.assign(sinks.begin(), sinks.end());
  for (int i = 0; i < rules::kVerdictFlagCount; ++i) {
    const auto flag = static_cast<VerdictFlag>(i);
    if (verdict.flags.has(flag)) decided.flags.emplace_back(name_of(flag));
  }
  return decided;
}

// Compares one decision with what it should be.
class Comparison {
 public:
  Comparison(std::string prefix, std::vector<Mismatch>& out)
      : prefix_(std::move(prefix)), out_(out) {}

  void compare(const DecisionExpectation& expected, const DecidedEvent& got) {
    compare_text("severity", expected.severity, got.severity);
    compare_text("state", expected.state, got.state);
    compare_text("key", expected.key, got.key);
    compare_text("summary", expected.summary, got.summary);
    compare_text("synthetic", expected.synthetic, got.synthetic);
    if (expected.count && *expected.count != got.count) {
      note("count", std::to_string(*expected.count), std::to_string(got.count));
    }
    const bool dropped = std::ranges::count(got.flags, name_of(VerdictFlag::dropped)) != 0;
    if (expected.dropped && *expected.dropped != dropped) {
      note("dropped", *expected.dropped ? "true" : "false", dropped ? "true" : "false");
    }
    compare_tags(expected, got);
    if (expected.rules && *expected.rules != got.rules) {
      note("rules", join(*expected.rules), join(got.rules));
    }
    compare_set("sinks", expected.sinks, got.sinks);
    compare_set("flags", expected.flags, got.flags);
  }

  // Notes a mismatch.
  void note(std::string_view what, std::string expected, std::string got) {
    out_.push_back({prefix_ + std::string(what), std::move(expected), std::move(got)});
  }

  // Compares without regard to order.
  void compare_set(std::string_view what, const std::optional<Names>& expected, const Names& got) {
    if (expected && sorted(*expected) != sorted(got)) {
      note(what, join(sorted(*expected)), join(sorted(got)));
    }
  }

 private:
  void compare_text(std::string_view what, const std::optional<std::string>& expected,
                    const std::string& got) {
    if (expected && *expected != got) note(what, *expected, got);
  }

  void compare_tags(const DecisionExpectation& expected, const DecidedEvent& got) {
    for (const auto& [name, value] : expected.tags) {
      const auto at =
          std::ranges::find(got.tags, name, &std::pair<std::string, std::string>::first);
      if (at == got.tags.end()) {
        note("tags." + name, value, "(no such tag)");
      } else if (at->second != value) {
        note("tags." + name, value, at->second);
      }
    }
  }

  const std::string prefix_;
  std::vector<Mismatch>& out_;
};

// Devices answer what a test says; one of which it says nothing does not answer.
class GivenAnswers final : public rules::EnrichmentAnswers {
 public:
  explicit GivenAnswers(const std::vector<TestAnswer>& given) : given_(given) {}
  [[nodiscard]] rules::EnrichmentAnswer find(const rules::EnrichmentWish& wish) const override {
    auto& found = found_.emplace_back(wish, Members());
    for (const rules::WishedMember& member : found.first.members) {
      for (const TestAnswer& answer : given_) {
        if (answer.enrichment != wish.enrichment || answer.member != member.name) continue;
        found.second.push_back({member.name, {member.oid.view(), value_of(answer)}});
      }
    }
    const bool answers = std::ranges::count(given_, wish.enrichment, &TestAnswer::enrichment) != 0;
    return {answers ? rules::AnswerState::known : rules::AnswerState::timeout, found.second};
  }

 private:
  using Members = std::vector<rules::AnsweredMember>;

  static protocol::Value value_of(const TestAnswer& answer) {
    std::int32_t number = 0;
    const char* const end = answer.value.data() + answer.value.size();
    const auto [stopped, error] = std::from_chars(answer.value.data(), end, number);
    protocol::Value value{protocol::ValueType::octet_string, protocol::tag::kOctetString, 0,
                          base::as_bytes(answer.value)};
    if (!answer.quoted && error == std::errc{} && stopped == end) {
      value = {protocol::ValueType::integer32,
               protocol::tag::kInteger,
               static_cast<std::uint64_t>(std::int64_t{number}),
               {}};
    }
    return value;
  }

  const std::vector<TestAnswer>& given_;
  mutable std::deque<std::pair<rules::EnrichmentWish, Members>> found_;  // decisions view them
};

void judge(const RuleTestSpec& test, const Names& raised, RuleTestResult& result) {
  Comparison whole("", result.mismatches);
  const std::vector<DecidedEvent>& decisions = result.decisions;
  if (test.every) {
    const std::vector<DecisionExpectation>& every = *test.every;
    if (every.size() != decisions.size()) {
      whole.note("number of decisions", std::to_string(every.size()),
                 std::to_string(decisions.size()));
    }
    for (std::size_t i = 0; i < std::min(every.size(), decisions.size()); ++i) {
      Comparison("decision " + std::to_string(i + 1) + ": ", result.mismatches)
          .compare(every[i], decisions[i]);
    }
  }
  if (test.last && decisions.empty()) {
    whole.note("number of decisions", "at least 1", "0");
  } else if (test.last) {
    whole.compare(*test.last, decisions.back());
  }
  whole.compare_set("problems", test.problems, raised);
}

// The payload of each step that sends something; nothing when one cannot be made (noted).
std::optional<std::vector<std::vector<std::byte>>> payloads_of(const RuleTestSpec& test,
                                                               const protocol::mib::MibIndex& mibs,
                                                               rules::SpecProblems& problems) {
  std::vector<std::vector<std::byte>> payloads;
  const std::size_t before = problems.size();
  for (const TestStep& step : test.steps) {
    payloads.emplace_back();
    if (!step.notification || step.notification->made_by != rules::Synthetic::none) continue;
    auto payload = encode_test_event(*step.notification, mibs);
    if (payload) {
      payloads.back() = std::move(*payload);
    } else {
      problems.push_back(payload.error());
    }
  }
  if (problems.size() != before) return std::nullopt;
  return payloads;
}

void take_step(const TestStep& step, base::Bytes payload, RuleRun& run) {
  run.pass(step.wait);
  if (!step.notification) return;
  const TestNotification& sent = *step.notification;
  if (sent.made_by != rules::Synthetic::none) return run.take_change(sent.from, sent.made_by);
  for (std::uint32_t times = 0; times < sent.repeat; ++times) {
    if (times > 0) run.pass(sent.every);
    (void)run.take(payload, GivenAnswers(sent.answers));
  }
}

std::string describe(const DecidedEvent& decided) {
  std::string line = decided.state + " " + decided.severity + ", key " + decided.key;
  line += " -> " + join(decided.sinks) + "; rules: " + join(decided.rules);
  if (!decided.flags.empty()) line += "; flags: " + join(decided.flags);
  if (decided.synthetic != "none") line += "; made by " + decided.synthetic;
  if (decided.count != 0) line += "; count " + std::to_string(decided.count);
  return line;
}

// Values come from anywhere: nothing may move a terminal's cursor.
std::string printable(std::string_view text) {
  std::string escaped;
  base::append_json_escaped(escaped, text);
  std::string shown;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool only_json = escaped[i] == '\\' && i + 1 < escaped.size() &&
                           (escaped[i + 1] == '"' || escaped[i + 1] == '\\');
    if (only_json) ++i;
    shown += escaped[i];
  }
  return shown;
}

}  // namespace

std::vector<RuleTestResult> run_rule_tests(const std::vector<RuleTestSpec>& tests,
                                           const std::shared_ptr<const rules::RuleSet>& rules,
                                           const protocol::mib::MibIndex& mibs,
                                           rules::SpecProblems& problems) {
  std::vector<RuleTestResult> results;
  for (const RuleTestSpec& test : tests) {
    const auto payloads = payloads_of(test, mibs, problems);
    if (!payloads) continue;
    RuleTestResult& result = results.emplace_back();
    result.name = test.name;
    result.place = test.place;
    RuleRun run(rules, kStart, [&](const rules::RoutedTrap& event, auto sinks) {
      result.decisions.push_back(describe(event, sinks, mibs));
    });
    for (std::size_t i = 0; i < test.steps.size(); ++i)
      take_step(test.steps[i], (*payloads)[i], run);
    Names raised;
    for (const rules::Problem& problem : run.problems()) raised.push_back(problem.key);
    judge(test, raised, result);
  }
  return results;
}

std::vector<std::string> describe_failure(const RuleTestResult& result) {
  constexpr std::size_t kMostDecisions = 20;
  std::vector<std::string> lines;
  for (const Mismatch& mismatch : result.mismatches) {
    lines.push_back(mismatch.what + ":");
    lines.push_back("  expected  " + mismatch.expected);
    lines.push_back("  got       " + mismatch.got);
  }
  lines.push_back("decided:");
  const std::size_t shown = std::min(result.decisions.size(), kMostDecisions);
  for (std::size_t i = result.decisions.size() - shown; i < result.decisions.size(); ++i) {
    lines.push_back("  " + std::to_string(i + 1) + ". " + describe(result.decisions[i]));
  }
  if (shown == 0) lines.push_back("  nothing");
  for (std::string& line : lines) line = printable(line);
  return lines;
}

}  // namespace trapline::gateway
