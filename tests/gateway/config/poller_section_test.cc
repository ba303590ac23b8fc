#include "gateway/config/poller_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "gateway/config/rules_build.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;
using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Problems, without the directory in front.
std::vector<std::string> problems_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  const auto built =
      build_config(scratch.write("c.yaml", yaml), protocol::mib::MibIndex::built_in());
  if (built) return {};
  std::vector<std::string> lines = built.error().lines;
  for (std::string& line : lines) line.erase(0, scratch.path().size() + 1);
  return lines;
}

Config config_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return std::move(*config);
  ADD_FAILURE() << config.error().lines.front();
  return {};
}

constexpr std::string_view kEveryKey = R"(poller:
  timeout_ms: 300
  retries: 2
  budget_ms: 1500
  max_in_flight: 50
  packets_per_sec: 500
  auths:
    read: { version: v1, community: secret }
    safe:
      version: v3
      user: { name: poll, auth: sha256, auth_password: maplesyrup }
      context: bridge
  devices:
    - { match: 10.0.0.0/8, auth: read, port: 1161 }
    - { match: "2001:db8::/32", auth: safe }
  enrichments:
    device: { get: { sysName: SNMPv2-MIB::sysName.0 }, cache_secs: 3600 }
    interface:
      get:
        ifName: "IF-MIB::ifName.{{ vars.ifIndex }}"
        ifAlias: "IF-MIB::ifAlias.{{ vars.ifIndex }}"
)";

TEST(PollerSection, EveryKey) {
  const Config config = config_of(kEveryKey);
  EXPECT_EQ(config.poller.timeout, 300ms);
  EXPECT_EQ(config.poller.retries, 2U);
  EXPECT_EQ(config.poller.budget, 1500ms);
  EXPECT_EQ(config.poller.max_in_flight, 50U);
  EXPECT_EQ(config.poller.packets_per_sec, 500U);
  ASSERT_THAT(config.poller.devices, SizeIs(2));
  EXPECT_EQ(config.poller.devices[0].port, 1161);
  EXPECT_EQ(config.poller.devices[0].access->version, protocol::Version::v1);
  EXPECT_EQ(base::as_text(config.poller.devices[0].access->community.reveal()), "secret");
  const PollAccess& safe = *config.poller.devices[1].access;
  ASSERT_TRUE(safe.v3);
  EXPECT_EQ(safe.v3->user.name, "poll");
  EXPECT_EQ(safe.v3->level, protocol::SecurityLevel::auth_no_priv);
  EXPECT_EQ(safe.v3->context_name, "bridge");
  const auto& enrichments = config.rules.enrichments;
  ASSERT_THAT(enrichments, SizeIs(2));
  EXPECT_EQ(enrichments[0].name, "device");
  EXPECT_EQ(enrichments[0].keep, 3600s);
  EXPECT_EQ(enrichments[1].keep, 600s);
  ASSERT_THAT(enrichments[1].get, SizeIs(2));
  EXPECT_EQ(enrichments[1].get[1].first.text, "ifAlias");
}

TEST(PollerSection, MistakesHaveTheirPlace) {
  EXPECT_THAT(
      problems_of("poller:\n  enrichments:\n    device: { get: { n: SNMPv2-MIB::sysName.0 } }\n"),
      ElementsAre(HasSubstr("c.yaml:2:3: `poller.devices` is missing")));
  EXPECT_THAT(problems_of("poller:\n  auths: { read: {} }\n"),
              ElementsAre(HasSubstr("c.yaml:2:18: `poller.auths.read.community` is missing")));
  EXPECT_THAT(problems_of("poller:\n  auths: { read: { version: v3 } }\n"),
              ElementsAre(HasSubstr("`poller.auths.read.user` is missing")));
  EXPECT_THAT(problems_of("poller:\n  auths: { read: { community: x } }\n"
                          "  devices: [{ match: 10.0.0.0/8, auth: raed }]\n"),
              ElementsAre("c.yaml:3:40: no auth `raed` (did you mean `read`?)"));
  EXPECT_THAT(problems_of("poller:\n  auths: { read: { community: x } }\n"
                          "  devices: [{ match: ten, auth: read }]\n"),
              ElementsAre(HasSubstr("c.yaml:3:22: `poller.devices[0].match` is no network")));
  EXPECT_THAT(problems_of("poller: { timeout_ms: 1, bugdet_ms: 3 }\n"),
              ElementsAre(HasSubstr("`poller.timeout_ms` is out of range"),
                          HasSubstr("did you mean `budget_ms`?")));
}

TEST(PollerSection, RulesAreCompiledAgainstIt) {
  const std::string rules(kEveryKey);
  EXPECT_THAT(problems_of(rules + "rules: [{ name: a, enrich: [device, interface] }]\n"),
              IsEmpty());
  EXPECT_THAT(problems_of(rules + "rules: [{ name: a, enrich: interfaces }]\n"),
              ElementsAre(HasSubstr("no enrichment `interfaces` (did you mean `interface`?)")));
  EXPECT_THAT(problems_of(rules + "rules: [{ name: a, when: 'device.sysNam == \"x\"' }]\n"),
              ElementsAre(HasSubstr("no field `device.sysNam` (did you mean `sysName`?)")));
}

TEST(PollerSection, TestsOfRulesSayWhatIsAnswered) {
  const std::string yaml = std::string(kEveryKey) + R"(rules:
  - name: down
    match: IF-MIB::linkDown
    enrich: interface
    set: { summary: "{{ interface.ifName | default('?') }}" }
tests:
  - name: answered
    given:
      trap: IF-MIB::linkDown
      from: 10.1.2.3
      vars: { ifIndex: 7 }
      enrichment: { interface: { ifName: Gi0/7 } }
    after: [ { secs: 1 } ]
    expect: { summary: Gi0/7, flags: [] }
  - name: silent
    given: { trap: IF-MIB::linkDown, from: 10.1.2.3, vars: { ifIndex: 7 } }
    expect: { summary: "?", flags: [enrich_timeout] }
  - name: no such interface
    given: { trap: IF-MIB::linkDown, from: 10.1.2.3 }
    expect: { summary: "?", flags: [enrich_failed] }
)";
  EXPECT_THAT(problems_of(yaml), IsEmpty());
}

}  // namespace
}  // namespace trapline::gateway
