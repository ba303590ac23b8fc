#include "gateway/config/section_digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kBefore =
    "node: n1\n"
    "data_dir: /tmp/d\n"
    "communities: [ { name: default, community: public } ]\n"
    "sinks: { a: { type: file, path: /tmp/a } }\n"
    "rules: [ { name: r, set: { severity: minor } } ]\n";

Config config_of(const std::string& yaml) {
  const test_support::ScratchDirectory scratch;
  auto config = load_config(scratch.write("c.yaml", yaml));
  if (config) return std::move(*config);
  ADD_FAILURE() << config.error().lines.front();
  return {};
}

// What differs from kBefore when `from` is replaced by `to` in it.
std::vector<std::string> changed_by(const std::string& from, const std::string& to) {
  std::string after = kBefore;
  after.replace(after.find(from), from.size(), to);
  return changed_sections(config_of(kBefore), config_of(after));
}

TEST(SectionDigest, WhatIsWrittenAnotherWayIsTheSame) {
  EXPECT_THAT(changed_by("node: n1\n", "\n# who we are\nnode:   n1\n"), IsEmpty());
  EXPECT_THAT(changed_by("sinks: { a: { type: file, path: /tmp/a } }",
                         "sinks:\n  a:\n    type: file\n    path: /tmp/a"),
              IsEmpty());
}

TEST(SectionDigest, WhatAReloadAppliesIsNotNamed) {
  EXPECT_THAT(changed_by("severity: minor", "severity: major"), IsEmpty());
  EXPECT_THAT(changed_by("rules: [ { name: r, set: { severity: minor } } ]\n", ""), IsEmpty());
  EXPECT_THAT(changed_by("rules:", "routes: { sinks: [a] }\nrules:"), IsEmpty());
}

TEST(SectionDigest, EnrichmentsAreReloadedAndTheRestOfThePollerIsNot) {
  const auto with_poller = [](const std::string& keys) {
    return config_of(std::string(kBefore) +
                     "poller:\n  auths: { read: { community: x } }\n"
                     "  devices: [ { match: 10.0.0.0/8, auth: read } ]\n" +
                     keys);
  };
  const Config before =
      with_poller("  enrichments: { a: { get: { b: SNMPv2-MIB::sysName.0 } } }\n");
  const Config more = with_poller(
      "  enrichments: { a: { get: { c: SNMPv2-MIB::sysName.0 } }, "
      "d: { get: { e: SNMPv2-MIB::sysDescr.0 } } }\n");
  const Config slower = with_poller(
      "  enrichments: { a: { get: { b: SNMPv2-MIB::sysName.0 } } }\n  budget_ms: 500\n");
  EXPECT_THAT(changed_sections(before, more), IsEmpty());
  EXPECT_THAT(changed_sections(before, with_poller("")), IsEmpty());
  EXPECT_THAT(changed_sections(before, slower), ElementsAre("poller"));
}

TEST(SectionDigest, WhatNeedsARestartIsNamedOnceAndSorted) {
  EXPECT_THAT(changed_by("node: n1", "node: n2"), ElementsAre("node"));
  EXPECT_THAT(changed_by("node: n1\n", ""), ElementsAre("node"));
  EXPECT_THAT(changed_by("node: n1\n", "node: n1\nlog: { level: debug }\n"), ElementsAre("log"));
  EXPECT_THAT(changed_by("path: /tmp/a", "path: /tmp/b"), ElementsAre("sinks"));
  EXPECT_THAT(changed_by("node: n1\ndata_dir: /tmp/d\n", "node: n2\ndata_dir: /tmp/e\n"),
              ElementsAre("data_dir", "node"));
}

TEST(SectionDigest, ACommunityThatChangedIsNamed) {
  EXPECT_THAT(changed_by("community: public", "community: secret"), ElementsAre("communities"));
}

}  // namespace
}  // namespace trapline::gateway
