#include "gateway/commands/access_options.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using protocol::SecurityLevel;
using protocol::Version;
using protocol::usm::AuthProtocol;
using protocol::usm::PrivProtocol;
using ::testing::HasSubstr;

AccessOptions v3_of_noc() {
  AccessOptions options;
  options.version = "v3";
  options.user = "noc";
  return options;
}

// With both protocols and their passwords.
AccessOptions whole_v3() {
  AccessOptions options = v3_of_noc();
  options.auth = "sha256";
  options.auth_password = "auth-password";
  options.priv = "aes128";
  options.priv_password = "priv-password";
  return options;
}

std::string problem_of(AccessOptions options) {
  const auto access = read_access(options);
  return access ? "none" : access.error();
}

TEST(AccessOptions, DefaultsAreV2cAndPublic) {
  AccessOptions options;
  const auto access = read_access(options);
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->version, Version::v2c);
  EXPECT_EQ(access->community, "public");
  EXPECT_FALSE(access->v3);
}

TEST(AccessOptions, TheLevelIsWhatTheProtocolsAllow) {
  AccessOptions options = v3_of_noc();
  EXPECT_EQ(read_access(options)->v3->level, SecurityLevel::no_auth_no_priv);
  options.auth = "SHA-256";
  options.auth_password = "auth-password";
  EXPECT_EQ(read_access(options)->v3->level, SecurityLevel::auth_no_priv);
  options = whole_v3();
  const auto access = read_access(options);
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->v3->level, SecurityLevel::auth_priv);
  EXPECT_EQ(access->v3->user.auth, AuthProtocol::sha256);
  EXPECT_EQ(access->v3->user.priv, PrivProtocol::aes128);
  EXPECT_EQ(access->v3->user.keys.size(), 1U);
}

TEST(AccessOptions, ALowerLevelNeedsNoPasswordItDoesNotUse) {
  AccessOptions options = whole_v3();
  options.priv_password.reset();
  options.level = "authNoPriv";
  const auto access = read_access(options);
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->v3->user.priv, PrivProtocol::none);
}

TEST(AccessOptions, PasswordsMayStandInTheEnvironmentAndTypedOnesAreWiped) {
  AccessOptions options = whole_v3();
  ASSERT_TRUE(read_access(options));
  EXPECT_EQ(options.auth_password->find("password"), std::string::npos);
  options = whole_v3();
  options.auth_password.reset();
  options.priv_password.reset();
  EXPECT_THAT(problem_of(options), HasSubstr("TRAPLINE_AUTH_PASSWORD"));
  setenv("TRAPLINE_AUTH_PASSWORD", "auth-password", 1);
  EXPECT_THAT(problem_of(options), HasSubstr("TRAPLINE_PRIV_PASSWORD"));
  setenv("TRAPLINE_PRIV_PASSWORD", "priv-password", 1);
  EXPECT_EQ(problem_of(options), "none");
  unsetenv("TRAPLINE_AUTH_PASSWORD");
  unsetenv("TRAPLINE_PRIV_PASSWORD");
}

TEST(AccessOptions, EveryProblemNamesItsFix) {
  AccessOptions options;
  options.version = "2c";
  EXPECT_THAT(problem_of(options), HasSubstr("v1, v2c or v3"));
  options.version = "v2c";
  options.user = "noc";
  EXPECT_THAT(problem_of(options), HasSubstr("add --version v3"));
  options = v3_of_noc();
  options.user.reset();
  EXPECT_THAT(problem_of(options), HasSubstr("--user NAME"));
  options = v3_of_noc();
  options.community = "public";
  EXPECT_THAT(problem_of(options), HasSubstr("leave --community out"));
  options = v3_of_noc();
  options.priv = "aes128";
  EXPECT_THAT(problem_of(options), HasSubstr("add --auth"));
  options = v3_of_noc();
  options.auth_password = "auth-password";
  EXPECT_THAT(problem_of(options), HasSubstr("--auth sha256"));
  options = whole_v3();
  options.auth_password = "short";
  EXPECT_THAT(problem_of(options), HasSubstr("at least 8 characters"));
  options = whole_v3();
  options.auth = "sha265";
  EXPECT_THAT(problem_of(options), HasSubstr("did you mean `sha256`?"));
  options = whole_v3();
  options.level = "authpriv";
  EXPECT_THAT(problem_of(options), HasSubstr("did you mean `authPriv`?"));
  options = v3_of_noc();
  options.level = "authPriv";
  EXPECT_THAT(problem_of(options), HasSubstr("--priv and --priv-password"));
  options = whole_v3();
  options.priv = "aes256-auto";
  EXPECT_THAT(problem_of(options), HasSubstr("aes256c"));
  options = whole_v3();
  options.engine_id = "8000";
  EXPECT_THAT(problem_of(options), HasSubstr("hexadecimal"));
}

TEST(AccessOptions, NoProblemTellsAPassword) {
  for (const char* level : {"authPriv", "nonsense"}) {
    AccessOptions options = whole_v3();
    options.auth_password = "hush-it";
    options.level = level;
    EXPECT_EQ(problem_of(options).find("hush-it"), std::string::npos);
  }
}

}  // namespace
}  // namespace trapline::gateway
