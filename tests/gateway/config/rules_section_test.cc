#include "gateway/config/rules_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using rules::RuleSpec;
using rules::SourceText;
using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Problems, without the directory in front.
std::vector<std::string> problems_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return {};
  std::vector<std::string> lines = config.error().lines;
  for (std::string& line : lines) line.erase(0, scratch.path().size() + 1);
  return lines;
}

rules::RulesSpec spec_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return std::move(config->rules);
  ADD_FAILURE() << config.error().lines.front();
  return {};
}

std::vector<std::string> texts(const std::vector<SourceText>& sources) {
  std::vector<std::string> all;
  for (const SourceText& source : sources) all.push_back(source.text);
  return all;
}

std::pair<std::uint32_t, std::uint32_t> place(rules::Place at) { return {at.line, at.column}; }

constexpr std::string_view kEveryKey = R"(rules:
  - name: link-down
    match: IF-MIB::linkDown
    when: 'vars.ifAdminStatus == "up"'
    set:
      severity: critical
      summary: "{{ agent.ip }} is down"
      key: "{{ agent.ip }}/if"
      tags: { team: noc, site: 7 }
    state: raise
    hold_secs: 30
  - name: flapping
    match: [IF-MIB::linkDown, IF-MIB::linkUp]
    threshold: { count: 6, within_secs: 300, by: key }
  - name: noisy
    dedup: { window_secs: 600, by: [agent.ip, trap.oid] }
    limit: { count: 10, per_secs: 60, by: agent.ip }
  - name: silent
    absent: { after_secs: 2678400, by: agent.ip }
    drop: true
    stop: true
)";

TEST(RulesSection, ReadsEveryKeyOfARule) {
  const auto spec = spec_of(kEveryKey);
  ASSERT_THAT(spec.rules, SizeIs(4));
  const RuleSpec& down = spec.rules[0];
  EXPECT_EQ(down.name, "link-down");
  EXPECT_EQ(place(down.place), std::pair(2U, 5U));
  EXPECT_THAT(texts(down.match), ElementsAre("IF-MIB::linkDown"));
  EXPECT_EQ(down.when->text, R"(vars.ifAdminStatus == "up")");
  EXPECT_EQ(down.set.severity->text, "critical");
  EXPECT_EQ(down.set.summary->text, "{{ agent.ip }} is down");
  EXPECT_EQ(down.set.key->text, "{{ agent.ip }}/if");
  ASSERT_THAT(down.set.tags, SizeIs(2));
  EXPECT_EQ(down.set.tags[1].first.text, "site");
  EXPECT_EQ(down.set.tags[1].second.text, "7");
  EXPECT_EQ(down.state, rules::State::raise);
  EXPECT_EQ(down.hold, std::chrono::seconds(30));
  EXPECT_FALSE(down.drop || down.stop || spec.rules[1].state.has_value());
}

TEST(RulesSection, ReadsStatefulKeys) {
  const auto spec = spec_of(kEveryKey);
  ASSERT_THAT(spec.rules, SizeIs(4));
  EXPECT_THAT(texts(spec.rules[1].match), ElementsAre("IF-MIB::linkDown", "IF-MIB::linkUp"));
  EXPECT_EQ(spec.rules[1].threshold->count, 6U);
  EXPECT_EQ(spec.rules[1].threshold->within, std::chrono::seconds(300));
  EXPECT_THAT(texts(spec.rules[1].threshold->by), ElementsAre("key"));
  EXPECT_THAT(texts(spec.rules[2].dedup->by), ElementsAre("agent.ip", "trap.oid"));
  EXPECT_EQ(spec.rules[2].dedup->window, std::chrono::seconds(600));
  EXPECT_EQ(spec.rules[2].limit->count, 10U);
  EXPECT_EQ(spec.rules[2].limit->per, std::chrono::seconds(60));
  EXPECT_EQ(spec.rules[3].absent->after, std::chrono::days(31));
  EXPECT_TRUE(spec.rules[3].drop && spec.rules[3].stop);
  EXPECT_FALSE(spec.has_routes);
}

TEST(RulesSection, AppendsRulesOfLaterFiles) {
  const ScratchDirectory scratch;
  const std::string path = scratch.write("c.yaml", "rules: [{ name: a }]\n");
  scratch.write("conf.d/20.yaml", "rules: [{ name: c }]\n");
  scratch.write("conf.d/10.yaml", "rules: [{ name: b }, { name: a }]\n");
  const auto failed = load_config(path);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().lines,
              ElementsAre(scratch / "conf.d/10.yaml" + ":1:30: duplicate rule name `a` (first at " +
                          path + ":1:9: give each rule its own)"));
  scratch.write("conf.d/10.yaml", "rules: [{ name: b }]\n");
  const auto config = load_config(path);
  ASSERT_TRUE(config);
  std::vector<std::string> names;
  for (const RuleSpec& rule : config->rules.rules) names.push_back(rule.name);
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(config->files[config->rules.rules[1].place.file], scratch / "conf.d/10.yaml");
}

TEST(RulesSection, UnknownKeyIsToldWithTheNearestName) {
  EXPECT_THAT(problems_of("rules:\n  - name: a\n    mach: x\n    set: { severty: major }\n"
                          "    dedup: { window_secs: 5, by: key, count: 3 }\n"),
              ElementsAre("c.yaml:3:5: unknown key `mach` in `rules[0]` (did you mean `match`?)",
                          "c.yaml:4:12: unknown key `severty` in `rules[0].set` (did you mean "
                          "`severity`?)",
                          HasSubstr("c.yaml:5:39: unknown key `count` in `rules[0].dedup`")));
}

TEST(RulesSection, RangesAndTypes) {
  EXPECT_THAT(
      problems_of(
          "rules:\n  - { name: a, hold_secs: 0, state: risen }\n"
          "  - { name: b, limit: { count: 0, per_secs: 2678401, by: [] } }\n"
          "  - { name: 'b c', drop: yes, when: [x] }\n  - { match: 7, enrich: [device] }\n"),
      ElementsAre(
          "c.yaml:2:27: `rules[0].hold_secs` is out of range: `0` (1 to 2678400)",
          "c.yaml:2:37: `rules[0].state` cannot be `risen` (one of event, raise, clear)",
          "c.yaml:3:32: `rules[1].limit.count` is out of range: `0` (1 to 1000000)",
          "c.yaml:3:45: `rules[1].limit.per_secs` is out of range: `2678401` (1 to 2678400)",
          "c.yaml:3:58: `rules[1].limit.by` is an empty list (1 to 8 items)",
          "c.yaml:4:13: `rules[2].name` is not a rule name (1 to 64 of the characters A-Z a-z 0-9 "
          "_ - .)",
          "c.yaml:4:26: `rules[2].drop` must be true or false, not `yes` (write `true` or `false` "
          "without quotes)",
          HasSubstr("c.yaml:4:37: `rules[2].when` must be an expression"),
          "c.yaml:5:5: `rules[3].name` is missing (events, metrics and `trapline explain` show "
          "it)"));
}

TEST(RulesSection, WhatYamlTakesAwayFromAnExpressionIsTold) {
  const auto of = [](std::string_view when) {
    return problems_of("rules:\n  - name: a\n    when: " + std::string(when) + "\n");
  };
  EXPECT_THAT(of("!has(tags.x)"), ElementsAre(HasSubstr("single quotes: '!has(x)'")));
  EXPECT_THAT(of("&a b"), ElementsAre(HasSubstr("put the expression in single quotes")));
  EXPECT_THAT(of("*a"), ElementsAre(HasSubstr("put the text in single quotes")));
  EXPECT_THAT(of("# severity == 1"),
              ElementsAre(HasSubstr("give it an expression in single quotes")));
  EXPECT_THAT(of("''"), ElementsAre(HasSubstr("stands in single quotes or in a block")));
  EXPECT_THAT(problems_of("rules:\n  - name: a\n    set: { key: {{ agent.ip }} }\n"),
              ElementsAre(HasSubstr("quote the text with {{ }}")));
}

TEST(RulesSection, ReferencesAreNotResolvedInRules) {
  const auto spec = spec_of("rules: [{ name: a, set: { summary: '${env:HOME} $${' } }]\n");
  ASSERT_THAT(spec.rules, SizeIs(1));
  EXPECT_EQ(spec.rules[0].set.summary->text, "${env:HOME} $${");
}

TEST(RoutesSection, ReadsTheTree) {
  const auto spec = spec_of(
      "sinks: { a: { type: file, path: /tmp/a }, b: { type: file, path: /tmp/b } }\n"
      "routes:\n  sinks: a\n  routes:\n    - when: 'state == \"raise\"'\n      sinks: [b]\n"
      "      continue: true\n      routes: [{ sinks: [] }, { sinks: [a, b] }]\n    - sinks: b\n");
  EXPECT_TRUE(spec.has_routes);
  EXPECT_THAT(texts(spec.routes.sinks), ElementsAre("a"));
  ASSERT_THAT(spec.routes.routes, SizeIs(2));
  const rules::RouteSpec& first = spec.routes.routes[0];
  EXPECT_EQ(first.when->text, "state == \"raise\"");
  EXPECT_TRUE(first.go_on);
  ASSERT_THAT(first.routes, SizeIs(2));
  EXPECT_THAT(first.routes[0].sinks, IsEmpty());
  EXPECT_THAT(texts(first.routes[1].sinks), ElementsAre("a", "b"));
  EXPECT_THAT(texts(spec.routes.routes[1].sinks), ElementsAre("b"));
  EXPECT_FALSE(spec.routes.routes[1].go_on);
}

TEST(RoutesSection, TheRootHasNoConditionAndAnEmptyMapIsNone) {
  EXPECT_THAT(problems_of("routes: { when: 'true', continue: true }\n"),
              ElementsAre(HasSubstr("c.yaml:1:11: unknown key `when` in `routes`"),
                          HasSubstr("c.yaml:1:25: unknown key `continue` in `routes`")));
  EXPECT_FALSE(spec_of("routes: {}\n").has_routes);
}

TEST(TablesSection, ReadsFilesBesideTheFileThatNamesThem) {
  const ScratchDirectory scratch;
  const std::string path = scratch.write("c.yaml", "tables: { s: { file: s.csv, key: a } }\n");
  scratch.write("s.csv", "a,b\n1,2\n");
  scratch.write("conf.d/t.yaml",
                "tables:\n  nets: { file: nets.csv, key: prefix, match: longest_prefix }\n");
  scratch.write("conf.d/nets.csv", "prefix,city\n10.0.0.0/8,Ulm\n");
  const auto config = load_config(path);
  ASSERT_TRUE(config) << config.error().lines.front();
  const auto& tables = config->rules.tables;
  ASSERT_THAT(tables, SizeIs(2));
  EXPECT_EQ(tables[0].name, "s");
  EXPECT_EQ(tables[0].key.text, "a");
  EXPECT_EQ(tables[0].content, "a,b\n1,2\n");
  EXPECT_EQ(tables[0].match, rules::TableMatch::exact);
  EXPECT_EQ(tables[1].file, scratch / "conf.d/nets.csv");
  EXPECT_EQ(tables[1].match, rules::TableMatch::longest_prefix);
}

TEST(TablesSection, AFileThatCannotBeReadIsToldWithThePlaceOfItsName) {
  EXPECT_THAT(problems_of("tables: { s: { file: none.csv, key: a }, t: { key: a } }\n"),
              ElementsAre(HasSubstr("c.yaml:1:22: table `s`: "),
                          "c.yaml:1:45: `tables.t.file` is missing (like `{ file: sites.csv, key: "
                          "site }`)"));
}

}  // namespace
}  // namespace trapline::gateway
