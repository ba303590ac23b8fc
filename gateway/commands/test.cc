// `trapline test`: the rules' own tests.
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "gateway/commands/commands.h"
#include "gateway/config/rules_build.h"

namespace trapline::gateway {
namespace {

using Json = nlohmann::ordered_json;

struct TestOptions {
  std::vector<std::string> files;
  bool json = false;
};

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
  bool wrong = false;  // a configuration could not be used
};

Json json_of(const DecidedEvent& decided) {
  Json tags = Json::object();
  for (const auto& [name, value] : decided.tags) tags[name] = value;
  return {{"severity", decided.severity},  {"state", decided.state}, {"key", decided.key},
          {"summary", decided.summary},    {"tags", tags},           {"rules", decided.rules},
          {"sinks", decided.sinks},        {"flags", decided.flags}, {"count", decided.count},
          {"synthetic", decided.synthetic}};
}

Json json_of(const RuleTestResult& result, std::string_view place) {
  Json mismatches = Json::array();
  for (const Mismatch& mismatch : result.mismatches) {
    mismatches.push_back(
        {{"what", mismatch.what}, {"expected", mismatch.expected}, {"got", mismatch.got}});
  }
  Json decisions = Json::array();
  for (const DecidedEvent& decided : result.decisions) decisions.push_back(json_of(decided));
  return {{"name", result.name},
          {"place", place},
          {"passed", result.passed()},
          {"mismatches", mismatches},
          {"decisions", decisions}};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

void report_wrong(const std::vector<std::string>& lines, const std::string& file, bool json,
                  Counts& counts) {
  counts.wrong = true;
  for (const std::string& line : lines) fmt::print(stderr, "{}\n", line);
  if (json) fmt::print("{}\n", dump(Json{{"file", file}, {"problems", lines}}));
}

void report_text(const RuleTestResult& result, const std::string& place) {
  if (result.passed()) return;
  fmt::print("FAIL  {}: {}\n", place, result.name);
  for (const std::string& line : describe_failure(result)) fmt::print("      {}\n", line);
}

void test_file(const std::string& file, bool json, Counts& counts) {
  const auto config = load_rules(file);
  if (!config) return report_wrong(config.error().lines, file, json, counts);
  const auto& mibs = protocol::mib::MibIndex::built_in();
  ConfigErrors errors;
  const auto rules = compile_rules(*config, mibs, errors);
  if (!rules) return report_wrong(errors.lines, file, json, counts);
  rules::SpecProblems problems;
  const auto results = run_rule_tests(config->tests, rules, mibs, problems);
  Json tests = Json::array();
  std::size_t failed = 0;
  for (const RuleTestResult& result : results) {
    const std::string place = describe_place(*config, result.place);
    failed += result.passed() ? 0 : 1;
    if (json) {
      tests.push_back(json_of(result, place));
    } else {
      report_text(result, place);
    }
  }
  counts.failed += failed;
  counts.passed += results.size() - failed;
  if (!problems.empty()) return report_wrong(problem_lines(*config, problems), file, json, counts);
  if (json) {
    fmt::print("{}\n", dump(Json{{"file", file},
                                 {"passed", results.size() - failed},
                                 {"failed", failed},
                                 {"tests", tests}}));
  } else {
    fmt::print("{}  {}: {} passed, {} failed\n", failed == 0 ? "ok  " : "FAIL", file,
               results.size() - failed, failed);
  }
}

int test(const TestOptions& options) {
  Counts counts;
  for (const std::string& file : options.files) test_file(file, options.json, counts);
  if (counts.wrong) return kExitConfiguration;
  if (counts.passed + counts.failed == 0) {
    fmt::print(stderr, "note: there is no test in it; docs/rules.md shows how to write one\n");
  }
  return counts.failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_test_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* verb = program.add_subcommand("test", "run the tests of rules");
  verb->add_option("FILE", options->files,
                   "a configuration with rules and tests; conf.d/*.yaml beside it is read too")
      ->required()
      ->type_name("FILE...");
  verb->add_flag("--json", options->json, "print one JSON line for each file");
  verb->footer(
      "Secrets and other sections are not looked at. Exit codes: 0 all passed, 1 one failed, 78 "
      "wrong\nconfiguration.");
  verb->callback([options, &exit_code] { exit_code = test(*options); });
}

}  // namespace trapline::gateway
