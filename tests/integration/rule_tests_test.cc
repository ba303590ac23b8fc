// The rules' own tests, by the program itself: the shipped examples, and what breaking them does.

#include <algorithm>
#include <filesystem>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace trapline::integration {
namespace {

namespace fs = std::filesystem;
using test_support::read_file;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::trapline_binary;
using ::testing::HasSubstr;

const std::string kExamples = TRAPLINE_EXAMPLES "/rules";

std::vector<std::string> examples() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(kExamples)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// `text` with a condition in its rule `name` that never holds.
std::string without(const std::string& text, const std::string& name) {
  const std::size_t begin = text.find("  - name: " + name + "\n");
  const std::size_t end = std::min(text.find("\n  - name:", begin + 1), text.find("\n\n", begin));
  const std::string rule = text.substr(begin, end - begin);
  const std::size_t line_end = rule.find('\n');
  std::string broken = rule.substr(0, line_end) + "\n    when: 'false'";
  broken += std::regex_replace(rule.substr(line_end), std::regex("\n    when: [^\n]*"), "");
  return text.substr(0, begin) + broken + text.substr(end);
}

TEST(RuleTests, EveryExamplePasses) {
  ASSERT_GE(examples().size(), 10U);
  for (const std::string& path : examples()) {
    const auto tested = run_program({trapline_binary(), "test", path});
    EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
    EXPECT_THAT(tested.out, HasSubstr(" passed, 0 failed"));
    EXPECT_EQ(run_program({trapline_binary(), "check", "--config", path}).exit_code, 0) << path;
  }
}

TEST(RuleTests, TheConfigurationOfTheReadmePasses) {
  const std::string readme = read_file(TRAPLINE_EXAMPLES "/../../README.md");
  const std::size_t begin = readme.find("# trapline.yaml");
  ASSERT_NE(begin, std::string::npos);
  const ScratchDirectory scratch;
  const std::string path =
      scratch.write("trapline.yaml", readme.substr(begin, readme.find("```", begin) - begin));
  const auto tested = run_program({trapline_binary(), "test", path});
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
  EXPECT_THAT(tested.out, HasSubstr(": 1 passed, 0 failed"));
  const auto checked = run_program({trapline_binary(), "check", "--config", path});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
}

TEST(RuleTests, BreakingAnyRuleOfTheNetworkIsTold) {
  const std::string text = read_file(kExamples + "/network.yaml");
  for (const std::string name : {"site", "lab-noise", "link-down", "link-up", "flapping",
                                 "noisy-ups", "storm", "heartbeat-core"}) {
    const ScratchDirectory scratch;
    scratch.write("sites.csv", read_file(kExamples + "/sites.csv"));
    const std::string path = scratch.write("network.yaml", without(text, name));
    const auto tested = run_program({trapline_binary(), "test", path});
    EXPECT_EQ(tested.exit_code, 1) << name << tested.err;
    EXPECT_THAT(tested.out, HasSubstr("FAIL  " + path + ":"));
    EXPECT_THAT(tested.out, HasSubstr("expected  "));
    EXPECT_THAT(tested.out, HasSubstr("got       "));
    const auto checked = run_program({trapline_binary(), "check", "--config", path});
    EXPECT_EQ(checked.exit_code, 78) << name;
    EXPECT_THAT(checked.err, HasSubstr("` failed\n    "));
  }
}

TEST(RuleTests, AWrongExpressionIsToldWithItsPlace) {
  const ScratchDirectory scratch;
  const std::string path =
      scratch.write("c.yaml", "rules:\n  - name: a\n    when: 'tags.x == ''y'' && severty == 1'\n");
  const auto checked = run_program({trapline_binary(), "check", "--config", path});
  EXPECT_EQ(checked.exit_code, 78);
  EXPECT_THAT(checked.err, HasSubstr(path + ":3:31: "));
  EXPECT_EQ(run_program({trapline_binary(), "test", path}).exit_code, 78);
}

// The JSON Schema of the configuration accepts what we ship, and is one.
TEST(RuleTests, TheSchemaAcceptsTheExamples) {
  constexpr const char* kValidate =
      "import json, sys, yaml, jsonschema\n"
      "schema = json.load(open(sys.argv[1]))\n"
      "validator = jsonschema.Draft202012Validator\n"
      "validator.check_schema(schema)\n"
      "for path in sys.argv[2:]:\n"
      "    for error in validator(schema).iter_errors(yaml.safe_load(open(path))):\n"
      "        print(path, list(error.path), error.message); sys.exit(1)\n"
      "wrong = {'rules': [{'name': 'a', 'mach': 'x'}]}\n"
      "sys.exit(2 if validator(schema).is_valid(wrong) else 0)\n";
  const ScratchDirectory scratch;
  const auto schema = run_program({trapline_binary(), "config", "schema"});
  ASSERT_EQ(schema.exit_code, 0);
  std::vector<std::string> arguments = {"python3", scratch.write("validate.py", kValidate),
                                        scratch.write("schema.json", schema.out)};
  for (const std::string& path : examples()) arguments.push_back(path);
  const auto validated = run_program(arguments);
  EXPECT_EQ(validated.exit_code, 0) << validated.out << validated.err;
}

}  // namespace
}  // namespace trapline::integration
