#include "gateway/config/v3_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

namespace usm = protocol::usm;
using protocol::SecurityLevel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

base::Result<Config, ConfigErrors> load(const std::string& yaml) {
  const test_support::ScratchDirectory scratch;
  return load_config(scratch.write("c.yaml", yaml));
}

// The one problem of a user written like this.
std::string problem_of(const std::string& user) {
  const auto config = load("v3: { users: [ " + user + " ] }");
  if (config) return "none";
  EXPECT_THAT(config.error().lines, SizeIs(1)) << user;
  return config.error().lines.front();
}

TEST(V3Section, OneEntryHoldsAUserWhole) {
  const auto config = load(R"(v3:
  engine: { id: "800000000102030405" }
  users:
    - name: noc
      auth: sha256
      auth_password: auth-password
      priv: aes128
      priv_password: priv-password
      next: { auth_password: auth-password-2, priv_password: priv-password-2 }
      time_window: relaxed
      level: authNoPriv
      engines: ["80001f8880aabbccdd"]
    - { name: open }
)");
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_THAT(config->v3.engine_id, SizeIs(9));
  const usm::UsmUser* noc = config->v3.users.find("noc");
  ASSERT_NE(noc, nullptr);
  EXPECT_EQ(noc->auth, usm::AuthProtocol::sha256);
  EXPECT_EQ(noc->priv, usm::PrivProtocol::aes128);
  ASSERT_THAT(noc->keys, SizeIs(2));
  EXPECT_TRUE(noc->keys[0].auth.equals(
      usm::password_to_key(base::as_bytes("auth-password"), usm::AuthProtocol::sha256).reveal()));
  EXPECT_TRUE(noc->keys[1].priv.equals(
      usm::password_to_key(base::as_bytes("priv-password-2"), usm::AuthProtocol::sha256).reveal()));
  EXPECT_TRUE(noc->relaxed_time);
  EXPECT_EQ(noc->least_level, SecurityLevel::auth_no_priv);
  EXPECT_THAT(noc->engines, SizeIs(1));
  const usm::UsmUser* open = config->v3.users.find("open");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->least_level, SecurityLevel::no_auth_no_priv);
  EXPECT_THAT(open->keys, SizeIs(0));
}

TEST(V3Section, TheLeastLevelIsTheHighestUnlessItIsLowered) {
  const auto config = load(
      "v3: { users: [ { name: a, auth: md5, auth_password: 12345678, priv: des, "
      "priv_password: 12345678 } ] }");
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->v3.users.find("a")->least_level, SecurityLevel::auth_priv);
  EXPECT_TRUE(config->v3.engine_id.empty());
}

TEST(V3Section, ErrorsNameTheFix) {
  EXPECT_THAT(problem_of("{ name: a, auth: sha1, auth_password: short }"),
              HasSubstr("at least 8 characters"));
  EXPECT_THAT(problem_of("{ name: a, priv: des, priv_password: 12345678 }"),
              HasSubstr("add `auth` and `auth_password`"));
  EXPECT_THAT(problem_of("{ name: a, auth: sha1 }"), HasSubstr("auth_password` is missing"));
  EXPECT_THAT(problem_of("{ name: a, auth_password: 12345678 }"), HasSubstr("add `auth`"));
  EXPECT_THAT(problem_of("{ name: a, auth: sha255, auth_password: 12345678 }"),
              HasSubstr("did you mean `sha25"));
  EXPECT_THAT(problem_of("{ name: a, level: authPriv }"), HasSubstr("add `auth` and `priv`"));
  EXPECT_THAT(problem_of("{ name: a, engines: [xyz] }"), HasSubstr("hexadecimal digits"));
  EXPECT_THAT(problem_of("{ name: a }, { name: a }"), HasSubstr("duplicate user `a`"));
  EXPECT_THAT(problem_of("{ name: " + std::string(33, 'a') + " }"), HasSubstr("at most 32"));
  EXPECT_THAT(problem_of("{ auth: md5, auth_password: 12345678 }"), HasSubstr("name` is missing"));
  EXPECT_THAT(problem_of("{ name: a, tme_window: strict }"), HasSubstr("time_window"));
}

TEST(V3Section, ProblemsNeverShowAPassword) {
  const auto config =
      load("v3: { users: [ { name: a, auth: sha1, auth_password: canary1, nxt: canary2 } ] }");
  ASSERT_FALSE(config);
  for (const std::string& line : config.error().lines) {
    EXPECT_EQ(line.find("canary"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace trapline::gateway
