// Fuzzes what stands between a configuration's text and its rules: YAML, places, sections, tests.
#include <cstdlib>

#include "gateway/config/config_show.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/routes_section.h"
#include "gateway/config/rules_section.h"
#include "gateway/config/source_reader.h"
#include "gateway/config/test_event.h"
#include "gateway/config/tests_section.h"
#include "gateway/config/yaml_parse.h"

namespace {

using namespace trapline;
using namespace trapline::gateway;

void require(bool holds) {
  if (!holds) std::abort();
}

// Every character of every text stands behind the text's beginning, in a line that exists.
void check_places(const ConfigNode& root, std::uint32_t lines) {
  std::vector<const ConfigNode*> waiting{&root};
  while (!waiting.empty()) {
    const ConfigNode& node = *waiting.back();
    waiting.pop_back();
    for (const ConfigNode& item : node.items) waiting.push_back(&item);
    if (node.kind != ConfigNode::Kind::text || node.text.size() > 4'096) continue;
    const rules::SourceText source = source_of(node);
    for (std::size_t at = 0; at <= source.text.size(); at += 7) {
      const rules::Place place = source.at(at);
      require(place.line <= lines && place.line >= node.place.line && place.column >= 1);
    }
  }
}

// What is shown reads back as the same.
void check_shown(const ConfigNode& root) {
  const std::string shown = config_yaml(root);
  if (shown.size() > kMaxConfigFileBytes) return;
  ConfigProblems problems;
  ConfigNode again;
  const auto file = problems.add_file("shown");
  require(parse_yaml(base::as_bytes(shown), file, problems, again));
  require(config_yaml(again) == shown);
  (void)config_json(again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes text = std::as_bytes(std::span(data, size));
  ConfigProblems problems;
  ConfigNode root;
  const auto file = problems.add_file("fuzzed");
  if (!parse_yaml(text, file, problems, root)) {
    require(!problems.empty());
    return 0;
  }
  const auto view = base::as_text(text);
  check_places(root, static_cast<std::uint32_t>(std::count(view.begin(), view.end(), '\n')) + 1);
  if (problems.empty()) check_shown(root);
  FieldReader top(root, "", problems);
  rules::RulesSpec spec;
  std::vector<RuleTestSpec> tests;
  read_rules(top, problems, spec.rules);
  read_routes(top, problems, spec);
  read_tests(top, problems, tests);
  top.finish();
  (void)problems.lines();
  for (const RuleTestSpec& test : tests) {
    for (const TestStep& step : test.steps) {
      if (!step.notification) continue;
      (void)encode_test_event(*step.notification, protocol::mib::MibIndex::built_in());
    }
  }
  return 0;
}
