#include "gateway/config/tests_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<std::string> problems_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return {};
  std::vector<std::string> lines = config.error().lines;
  for (std::string& line : lines) line.erase(0, scratch.path().size() + 1);
  return lines;
}

std::vector<RuleTestSpec> tests_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return std::move(config->tests);
  ADD_FAILURE() << config.error().lines.front();
  return {};
}

TEST(TestsSection, ReadsTheExampleOfTheDesign) {
  const auto tests = tests_of(R"(tests:
  - name: a down uplink pages
    given: { trap: IF-MIB::linkDown, from: 10.1.2.3, vars: { ifIndex: 7, ifAdminStatus: up } }
    after: [ { secs: 31 } ]
    expect: { severity: critical, state: raise, key: 10.1.2.3/if/7, sinks: [archive, noc-slack] }
)");
  ASSERT_THAT(tests, SizeIs(1));
  EXPECT_EQ(tests[0].name, "a down uplink pages");
  ASSERT_THAT(tests[0].steps, SizeIs(2));
  const TestNotification& sent = *tests[0].steps[0].notification;
  EXPECT_EQ(sent.trap.text, "IF-MIB::linkDown");
  EXPECT_EQ(sent.trap.place.column, 20U);
  EXPECT_EQ(sent.from.to_string(), "10.1.2.3");
  ASSERT_THAT(sent.varbinds, SizeIs(2));
  EXPECT_EQ(sent.varbinds[1].name.text, "ifAdminStatus");
  EXPECT_EQ(sent.varbinds[1].value, "up");
  EXPECT_FALSE(tests[0].steps[1].notification);
  EXPECT_EQ(tests[0].steps[1].wait, std::chrono::seconds(31));
  const DecisionExpectation& last = *tests[0].last;
  EXPECT_EQ(last.severity, "critical");
  EXPECT_EQ(last.key, "10.1.2.3/if/7");
  EXPECT_THAT(*last.sinks, ElementsAre("archive", "noc-slack"));
  EXPECT_FALSE(last.rules || last.flags || last.count || tests[0].every || tests[0].problems);
}

TEST(TestsSection, ReadsEveryKeyOfANotification) {
  const auto tests = tests_of(R"(tests:
  - name: all
    given:
      trap: 1.3.6.1.4.1.9.9.41.2.0.1
      from: "2001:db8::1"
      version: v3
      pdu: inform
      listener: "[::]:162"
      uptime: 100
      repeat: 5
      every_secs: 2
      security: { name: noc, level: authPriv, engine_id: "8000000001020304", context: blue }
      vars:
        "1.3.6.1.4.1.9.9.41.1.2.3.1.5.1": { type: s, value: 7 }
      varbinds:
        - { name: ifIndex.7, value: 7 }
        - { name: ifIndex.7, type: u, value: "8" }
    expect: []
)");
  ASSERT_THAT(tests, SizeIs(1));
  const TestNotification& sent = *tests[0].steps.front().notification;
  EXPECT_EQ(sent.version, protocol::Version::v3);
  EXPECT_EQ(sent.pdu, protocol::PduKind::inform);
  EXPECT_EQ(sent.listener, "[::]:162");
  EXPECT_EQ(sent.uptime, 100U);
  EXPECT_EQ(sent.repeat, 5U);
  EXPECT_EQ(sent.every, std::chrono::seconds(2));
  EXPECT_EQ(sent.security_name, "noc");
  EXPECT_EQ(sent.security_level, protocol::SecurityLevel::auth_priv);
  EXPECT_THAT(sent.engine_id, SizeIs(8));
  EXPECT_EQ(sent.context, "blue");
  ASSERT_THAT(sent.varbinds, SizeIs(3));
  EXPECT_EQ(sent.varbinds[0].type, "s");
  EXPECT_EQ(sent.varbinds[1].type, "");
  EXPECT_TRUE(sent.varbinds[2].quoted);
  EXPECT_THAT(*tests[0].every, IsEmpty());
}

TEST(TestsSection, LaterNotificationsKeepWhatTheyDoNotSay) {
  const auto tests = tests_of(R"(tests:
  - name: a
    given:
      - { trap: IF-MIB::linkDown, from: 10.0.0.1, vars: { ifIndex: 7 }, repeat: 3 }
      - { after_secs: 5, trap: IF-MIB::linkUp }
    after: [ { secs: 10, trap: IF-MIB::linkDown, from: 10.0.0.2 }, { secs: 1 } ]
    expect:
      tags: { team: noc }
      events: [ { state: event, dropped: true }, { synthetic: hold, count: 3 } ]
      problems: [b, a]
)");
  ASSERT_THAT(tests, SizeIs(1));
  const auto& steps = tests[0].steps;
  ASSERT_THAT(steps, SizeIs(4));
  EXPECT_EQ(steps[1].wait, std::chrono::seconds(5));
  EXPECT_EQ(steps[1].notification->from.to_string(), "10.0.0.1");
  EXPECT_THAT(steps[1].notification->varbinds, IsEmpty());
  EXPECT_EQ(steps[1].notification->repeat, 1U);
  EXPECT_EQ(steps[2].notification->from.to_string(), "10.0.0.2");
  EXPECT_THAT(tests[0].last->tags, ElementsAre(Pair("team", "noc")));
  ASSERT_THAT(*tests[0].every, SizeIs(2));
  EXPECT_EQ((*tests[0].every)[0].dropped, true);
  EXPECT_EQ((*tests[0].every)[1].count, 3U);
  EXPECT_THAT(*tests[0].problems, ElementsAre("a", "b"));
}

TEST(TestsSection, TheGatewaySpeaksOfADevice) {
  const auto tests = tests_of(R"(tests:
  - name: a
    given:
      - { device: unreachable, from: 10.0.0.1 }
      - { after_secs: 5, device: reachable }
      - { trap: IF-MIB::linkUp }
    expect: []
)");
  ASSERT_THAT(tests, SizeIs(1));
  const auto& steps = tests[0].steps;
  ASSERT_THAT(steps, SizeIs(3));
  EXPECT_EQ(steps[0].notification->made_by, rules::Synthetic::device_unreachable);
  EXPECT_EQ(steps[1].wait, std::chrono::seconds(5));
  EXPECT_EQ(steps[1].notification->made_by, rules::Synthetic::device_reachable);
  EXPECT_EQ(steps[1].notification->from.to_string(), "10.0.0.1");
  EXPECT_EQ(steps[2].notification->made_by, rules::Synthetic::none);
  EXPECT_EQ(steps[2].notification->from.to_string(), "10.0.0.1");
  EXPECT_THAT(problems_of("tests:\n  - name: a\n    given: { device: gone, uptime: 3 }\n"
                          "    expect: []\n"),
              ElementsAre(HasSubstr("`tests[0].given.from` is missing"),
                          HasSubstr("`tests[0].given.device` cannot be `gone`"),
                          HasSubstr("unknown key `uptime`")));
}

TEST(TestsSection, TellsWhatIsWrong) {
  EXPECT_THAT(
      problems_of("tests:\n  - name: a\n    given: { trap: x, from: nowhere, repeat: 0, vrs: {} }\n"
                  "    expect: { severity: sever, flags: [holding] }\n"
                  "  - name: a\n    given: { secs: 3 }\n    expect: {}\n"),
      ElementsAre("c.yaml:3:29: `tests[0].given.from` is not an IP address (like 192.0.2.1 or "
                  "\"2001:db8::1\")",
                  HasSubstr("c.yaml:3:46: `tests[0].given.repeat` is out of range: `0`"),
                  "c.yaml:3:49: unknown key `vrs` in `tests[0].given` (did you mean `vars`?)",
                  HasSubstr("c.yaml:4:25: `tests[0].expect.severity` cannot be `sever`"),
                  HasSubstr("c.yaml:4:40: `tests[0].expect.flags` cannot be `holding`"),
                  HasSubstr("c.yaml:5:11: duplicate test name `a` (first at "),
                  HasSubstr("c.yaml:6:12: `tests[1].given.trap` is missing"),
                  HasSubstr("c.yaml:6:12: `tests[1].given.from` is missing"),
                  HasSubstr("c.yaml:6:14: unknown key `secs` in `tests[1].given`"),
                  HasSubstr("c.yaml:7:13: `tests[1].expect` must be a map")));
  EXPECT_THAT(problems_of("tests:\n  - name: a\n"), SizeIs(2));
}

}  // namespace
}  // namespace trapline::gateway
