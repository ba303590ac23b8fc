#include "gateway/config/config_show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;

constexpr std::string_view kWritten = R"(node: gw-1
communities:
  - { name: core, community: "t0p-s3cret", from: [10.0.0.0/8] }
  - name: edge
    community: "${env:TRAPLINE_TEST_SHOW}"
v3: { users: [ { name: noc, auth: sha256, auth_password: "very-s3cret" } ] }
rules:
  - name: a
    when: |
      severity == "major" &&
      tags["a b"] == 'x'
    drop: true
routes: { sinks: [] }
)";

constexpr std::string_view kShown = R"yaml(node: gw-1
communities:
  - name: core
    community: "(secret)"
    from:
      - 10.0.0.0/8
  - name: edge
    community: "${env:TRAPLINE_TEST_SHOW}"
v3:
  users:
    - name: noc
      auth: sha256
      auth_password: "(secret)"
rules:
  - name: a
    when: "severity == \"major\" &&\ntags[\"a b\"] == 'x'\n"
    drop: true
routes:
  sinks: []
drain_secs: 3
)yaml";

TEST(ConfigShow, MergesFilesAndHidesSecrets) {
  const ScratchDirectory scratch;
  ::setenv("TRAPLINE_TEST_SHOW", "hidden", 1);
  const std::string path = scratch.write("c.yaml", kWritten);
  scratch.write("conf.d/a.yaml", "drain_secs: 3\n");
  const auto tree = load_config_tree(path);
  ASSERT_TRUE(tree) << tree.error().lines.front();
  EXPECT_EQ(config_yaml(*tree), kShown);
}

TEST(ConfigShow, ReadsBackAsWhatItWas) {
  const ScratchDirectory scratch;
  ::setenv("TRAPLINE_TEST_SHOW", "hidden", 1);
  const auto first = load_config_tree(scratch.write("c.yaml", kShown));
  ASSERT_TRUE(first) << first.error().lines.front();
  EXPECT_EQ(config_yaml(*first), kShown);
}

TEST(ConfigShow, JsonHasNumbersAndTexts) {
  const ScratchDirectory scratch;
  const auto tree = load_config_tree(
      scratch.write("c.yaml",
                    "node: \"7\"\ndrain_secs: 3\nlisteners: [{ udp: \"[::]:162\", shards: 1 }]\n"
                    "tests: []\nrules: [{ name: a, drop: true, match: 1.3 }]\n"));
  ASSERT_TRUE(tree) << tree.error().lines.front();
  EXPECT_EQ(config_json(*tree),
            R"({"node":"7","drain_secs":3,"listeners":[{"udp":"[::]:162","shards":1}],"tests":[],)"
            R"("rules":[{"name":"a","drop":true,"match":"1.3"}]})"
            "\n");
}

TEST(ConfigShow, AWrongConfigurationIsNotShown) {
  const ScratchDirectory scratch;
  EXPECT_FALSE(load_config_tree(scratch.write("c.yaml", "nodes: 3\n")));
}

}  // namespace
}  // namespace trapline::gateway
