// What docs/sinks.md shows of webhooks is what the program takes: each example is checked, by the
// program and by the schema it prints.

#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace trapline::integration {
namespace {

using test_support::read_file;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::trapline_binary;

// The YAML blocks of a page that are about webhooks.
std::vector<std::string> examples_of(const std::string& page) {
  const std::string open = "```yaml\n";
  std::vector<std::string> examples;
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    std::string example = page.substr(at, page.find("```", at) - at);
    if (example.find("type: webhook") != std::string::npos) examples.push_back(std::move(example));
  }
  return examples;
}

// Everything that examples refer to is given, outside of them.
class DocumentedSinks : public ::testing::Test {
 protected:
  // An example as a configuration of its own; its references are answered.
  std::string configuration(const std::string& example, int number) {
    const std::regex credential(R"(\$\{cred:([a-z-]+)\})");
    for (auto found = std::sregex_iterator(example.begin(), example.end(), credential);
         found != std::sregex_iterator(); ++found) {
      const std::string name = (*found)[1];
      const bool signs = name.find("signing") != std::string::npos;
      const bool url = name.find("workflow") != std::string::npos;
      scratch_.write("credentials/" + name,
                     signs ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                           : (url ? "https://workflows.example.net/hook" : "secret"));
    }
    return scratch_.write("example-" + std::to_string(number) + ".yaml",
                          "data_dir: " + scratch_ / "data" + "\n" + example);
  }

  ScratchDirectory scratch_;
  const std::vector<std::string> environment_ = {
      "SLACK_URL=https://hooks.slack.example/services/T0/B0/x",
      "CREDENTIALS_DIRECTORY=" + scratch_ / "credentials"};
};

TEST_F(DocumentedSinks, AreTakenAsTheyStand) {
  const auto examples = examples_of(read_file(TRAPLINE_EXAMPLES "/../sinks.md"));
  ASSERT_GE(examples.size(), 8U);
  int number = 0;
  for (const std::string& example : examples) {
    const std::string path = configuration(example, ++number);
    const auto checked = run_program({trapline_binary(), "check", "--config", path}, environment_);
    EXPECT_EQ(checked.exit_code, 0) << example << checked.err;
  }
}

TEST_F(DocumentedSinks, ThereIsOneOfEachFormat) {
  const std::string page = read_file(TRAPLINE_EXAMPLES "/../sinks.md");
  std::string all;
  for (const std::string& example : examples_of(page)) all += example;
  for (const std::string format :
       {"cloudevents", "slack", "pagerduty", "alertmanager", "teams", "otlp"}) {
    EXPECT_NE(all.find("format: " + format), std::string::npos) << format;
  }
  EXPECT_NE(all.find("template: "), std::string::npos);
}

TEST_F(DocumentedSinks, FitTheSchema) {
  constexpr const char* kValidate =
      "import json, sys, yaml, jsonschema\n"
      "schema = json.load(open(sys.argv[1]))\n"
      "for path in sys.argv[2:]:\n"
      "    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(open(path)))\n";
  const auto schema = run_program({trapline_binary(), "config", "schema"});
  ASSERT_EQ(schema.exit_code, 0);
  std::vector<std::string> arguments = {"python3", scratch_.write("validate.py", kValidate),
                                        scratch_.write("schema.json", schema.out)};
  int number = 0;
  for (const std::string& example : examples_of(read_file(TRAPLINE_EXAMPLES "/../sinks.md"))) {
    arguments.push_back(configuration(example, ++number));
  }
  const auto validated = run_program(arguments);
  EXPECT_EQ(validated.exit_code, 0) << validated.out << validated.err;
}

}  // namespace
}  // namespace trapline::integration
