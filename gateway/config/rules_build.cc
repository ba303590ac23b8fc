#include "gateway/config/rules_build.h"

#include <algorithm>
#include <iterator>

#include "gateway/config/body_template.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {
namespace {

ConfigProblems problems_in(const Config& config) {
  ConfigProblems problems;
  for (const std::string& file : config.files) problems.add_file(file);
  if (config.files.empty()) problems.add_file("(built in)");
  return problems;
}

void append(std::vector<std::string>&& more, std::vector<std::string>& lines) {
  lines.insert(lines.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<std::string> problem_lines(const Config& config, const rules::SpecProblems& problems) {
  ConfigProblems lines = problems_in(config);
  for (const rules::SpecProblem& problem : problems) {
    lines.add(problem.place, problem.message, problem.hint);
  }
  return lines.lines();
}

std::string describe_place(const Config& config, rules::Place place) {
  return problems_in(config).describe(place);
}

std::shared_ptr<const rules::RuleSet> compile_rules(const Config& config,
                                                    const protocol::mib::MibIndex& mibs,
                                                    ConfigErrors& errors) {
  rules::SpecProblems problems;
  const bool labels = std::ranges::any_of(config.webhook_sinks, [](const auto& sink) {
    return sink.options.format == sinks::WebhookFormat::alertmanager;
  });
  auto rules = rules::RuleSet::compile(config.rules, {mibs, config.sink_names, labels}, problems);
  for (const WebhookSinkConfig& sink : config.webhook_sinks) {
    if (sink.body) (void)compile_body(*sink.body, config.rules.enrichments, mibs, problems);
  }
  if (!problems.empty()) append(problem_lines(config, problems), errors.lines);
  return problems.empty() ? rules : nullptr;
}

base::Result<std::shared_ptr<const rules::RuleSet>, ConfigErrors> build_rules(
    const Config& config, const protocol::mib::MibIndex& mibs) {
  ConfigErrors errors;
  auto rules = compile_rules(config, mibs, errors);
  if (!rules) return errors;
  rules::SpecProblems problems;
  const auto results = run_rule_tests(config.tests, rules, mibs, problems);
  if (!problems.empty()) append(problem_lines(config, problems), errors.lines);
  for (const RuleTestResult& result : results) {
    if (result.passed()) continue;
    errors.lines.push_back(describe_place(config, result.place) + ": test `" + result.name +
                           "` failed");
    for (const std::string& line : describe_failure(result)) errors.lines.push_back("    " + line);
  }
  if (!errors.lines.empty()) return errors;
  return rules;
}

base::Result<BuiltConfig, ConfigErrors> build_config(const std::string& path,
                                                     const protocol::mib::MibIndex& mibs) {
  auto config = load_config(path);
  if (!config) return config.error();
  auto rules = build_rules(*config, mibs);
  if (!rules) return rules.error();
  return BuiltConfig{std::move(*config), std::move(*rules)};
}

}  // namespace trapline::gateway
