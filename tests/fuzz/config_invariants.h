// What must hold for any text as a configuration: YAML, places, sections, tests of rules.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "gateway/config/config_show.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/routes_section.h"
#include "gateway/config/rules_section.h"
#include "gateway/config/source_reader.h"
#include "gateway/config/test_event.h"
#include "gateway/config/tests_section.h"
#include "gateway/config/yaml_parse.h"

namespace trapline::fuzz {

using namespace gateway;

// Ends the process: libFuzzer and gtest alike report the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Every character of every text stands behind the text's beginning, in a line that exists.
inline void check_places(const ConfigNode& root, std::uint32_t lines) {
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
inline void check_shown(const ConfigNode& root) {
  const std::string shown = config_yaml(root);
  if (shown.size() > kMaxConfigFileBytes) return;
  ConfigProblems problems;
  ConfigNode again;
  const auto file = problems.add_file("shown");
  require(parse_yaml(base::as_bytes(shown), file, problems, again));
  require(config_yaml(again) == shown);
  (void)config_json(again);
}

// Reads the sections that rules come from, and encodes what tests send.
inline void check_sections(const ConfigNode& root, ConfigProblems& problems) {
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
}

// All of it, for one input.
inline void check_config(base::Bytes text) {
  ConfigProblems problems;
  ConfigNode root;
  const auto file = problems.add_file("fuzzed");
  if (!parse_yaml(text, file, problems, root)) return require(!problems.empty());
  const auto view = base::as_text(text);
  check_places(root, static_cast<std::uint32_t>(std::count(view.begin(), view.end(), '\n')) + 1);
  if (problems.empty()) check_shown(root);
  check_sections(root, problems);
}

}  // namespace trapline::fuzz
