#include "gateway/config/rule_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/rules_build.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using protocol::mib::MibIndex;
using test_support::ScratchDirectory;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kRules = R"(sinks:
  archive: { type: file, path: /tmp/a }
  pager: { type: file, path: /tmp/b }
rules:
  - name: down
    match: IF-MIB::linkDown
    set: { severity: major, key: 'if/{{ vars.ifIndex }}', tags: { team: noc } }
    state: raise
    hold_secs: 30
routes: { sinks: archive, routes: [ { when: 'state == "raise"', sinks: pager } ] }
tests:
  - name: t
    given: { trap: IF-MIB::linkDown, from: 10.0.0.1, vars: { ifIndex: 7 } }
)";

// The only test's result; its problems when it could not be run.
struct Ran {
  explicit Ran(std::string_view rest) {
    const ScratchDirectory scratch;
    const auto config =
        load_rules(scratch.write("c.yaml", std::string(kRules) + std::string(rest)));
    EXPECT_TRUE(config) << (config ? "" : config.error().lines.front());
    if (!config) return;
    ConfigErrors errors;
    const auto rules = compile_rules(*config, MibIndex::built_in(), errors);
    EXPECT_TRUE(rules) << (rules ? "" : errors.lines.front());
    if (!rules) return;
    auto results = run_rule_tests(config->tests, rules, MibIndex::built_in(), problems);
    if (!results.empty()) result = std::move(results.front());
  }
  [[nodiscard]] std::vector<std::string> differences() const {
    std::vector<std::string> all;
    for (const Mismatch& one : result.mismatches) {
      all.push_back(one.what + ": " + one.expected + " / " + one.got);
    }
    return all;
  }

  RuleTestResult result;
  rules::SpecProblems problems;
};

TEST(RuleTests, ADeviceThatStaysAwayIsAProblem) {
  const ScratchDirectory scratch;
  const auto config = load_rules(scratch.write("c.yaml", R"(sinks:
  archive: { type: file, path: /tmp/a }
rules:
  - name: gone
    when: 'synthetic == "device_unreachable"'
    set: { severity: major, key: "{{ agent.ip }}/unreachable" }
    state: raise
    hold_secs: 60
  - name: back
    when: 'synthetic == "device_reachable"'
    set: { key: "{{ agent.ip }}/unreachable" }
    state: clear
tests:
  - name: it stays away
    given: { device: unreachable, from: 10.1.2.3 }
    after: [ { secs: 61 } ]
    expect:
      synthetic: hold
      summary: 10.1.2.3 does not answer what rules ask it
      events:
        - { synthetic: device_unreachable, state: event, severity: major, flags: [held] }
        - { synthetic: hold, state: raise, rules: [gone] }
      problems: [ 10.1.2.3/unreachable ]
  - name: it comes back
    given: [ { device: unreachable, from: 10.1.2.3 }, { after_secs: 90, device: reachable } ]
    expect: { state: clear, severity: info, problems: [] }
  - name: a linkDown is something else
    given: { trap: IF-MIB::linkDown, from: 10.1.2.3 }
    expect: { synthetic: none, rules: [] }
)"));
  ASSERT_TRUE(config) << (config ? "" : config.error().lines.front());
  ConfigErrors errors;
  const auto rules = compile_rules(*config, MibIndex::built_in(), errors);
  ASSERT_TRUE(rules) << errors.lines.front();
  rules::SpecProblems problems;
  const auto results = run_rule_tests(config->tests, rules, MibIndex::built_in(), problems);
  ASSERT_THAT(results, SizeIs(3));
  for (const RuleTestResult& result : results) {
    EXPECT_TRUE(result.mismatches.empty()) << result.name << "\n"
                                           << ::testing::PrintToString(describe_failure(result));
  }
}

TEST(RuleTests, ExpectIsAboutTheLastDecision) {
  EXPECT_THAT(Ran("    expect: { state: event, flags: [held], sinks: [archive] }\n").differences(),
              IsEmpty());
  EXPECT_THAT(
      Ran("    after: [ { secs: 31 } ]\n"
          "    expect: { state: raise, synthetic: hold, sinks: [pager, archive], key: if/7, "
          "tags: { team: noc }, rules: [down], problems: [if/7] }\n")
          .differences(),
      IsEmpty());
}

TEST(RuleTests, EveryDifferenceIsToldWithBothSides) {
  const Ran ran(
      "    expect: { severity: minor, state: raise, key: k, count: 3, dropped: true, sinks: "
      "[pager], "
      "tags: { team: net, room: a }, rules: [], flags: [], synthetic: hold, problems: [x] }\n");
  EXPECT_THAT(
      ran.differences(),
      ElementsAre("severity: minor / major", "state: raise / event", "key: k / if/7",
                  "synthetic: hold / none", "count: 3 / 0", "dropped: true / false",
                  "tags.team: net / noc", "tags.room: a / (no such tag)", "rules: (none) / down",
                  "sinks: pager / archive", "flags: (none) / held", "problems: x / (none)"));
  EXPECT_THAT(describe_failure(ran.result),
              AllOf(Contains("severity:"), Contains("  expected  minor"),
                    Contains("  1. event major, key if/7 -> archive; rules: down; flags: held")));
}

TEST(RuleTests, AListIsAboutAllDecisions) {
  constexpr std::string_view kAfter = "    after: [ { secs: 31 } ]\n";
  EXPECT_THAT(Ran(std::string(kAfter) + "    expect: [ { state: event }, { state: raise } ]\n")
                  .differences(),
              IsEmpty());
  EXPECT_THAT(Ran(std::string(kAfter) + "    expect: [ { state: clear } ]\n").differences(),
              ElementsAre("number of decisions: 1 / 2", "decision 1: state: clear / event"));
  EXPECT_THAT(Ran(std::string(kAfter) + "    expect: []\n").differences(),
              ElementsAre("number of decisions: 0 / 2"));
}

TEST(RuleTests, ATestThatCannotBeSentIsAProblem) {
  const Ran ran("    after: [ { trap: No-MIB::such } ]\n    expect: { state: event }\n");
  ASSERT_THAT(ran.problems, SizeIs(1));
  EXPECT_THAT(ran.problems[0].message, HasSubstr("`No-MIB::such` is not a notification"));
  EXPECT_EQ(ran.problems[0].place.line, 14U);
}

TEST(RuleTests, TextOfOthersDoesNotMoveTheCursor) {
  RuleTestResult result;
  result.mismatches.push_back({"summary", "a", "\x1b[2J\"x\\"});
  EXPECT_THAT(describe_failure(result), Contains("  got       \\u001b[2J\"x\\"));
}

TEST(RulesBuild, AFailingTestFailsTheConfiguration) {
  const ScratchDirectory scratch;
  const auto built =
      build_config(scratch.write("c.yaml", std::string(kRules) + "    expect: { state: clear }\n"),
                   MibIndex::built_in());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().lines.front(), scratch / "c.yaml" + ":12:5: test `t` failed");
  EXPECT_THAT(built.error().lines, Contains("      expected  clear"));
}

TEST(RulesBuild, WhatDoesNotCompileIsToldWithItsPlace) {
  const ScratchDirectory scratch;
  const auto built = build_config(scratch.write("c.yaml",
                                                "rules:\n  - name: a\n    when: 'nothing == 1'\n"
                                                "routes: { sinks: [none] }\n"),
                                  MibIndex::built_in());
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().lines, SizeIs(2));
  EXPECT_THAT(built.error().lines.front(), HasSubstr("c.yaml:3:12: "));
  EXPECT_THAT(built.error().lines.back(), HasSubstr("c.yaml:4:19: "));
}

TEST(RulesBuild, TheEmbeddedDefaultHasRules) {
  EXPECT_TRUE(build_rules(embedded_default({}, {}), MibIndex::built_in()));
}

}  // namespace
}  // namespace trapline::gateway
