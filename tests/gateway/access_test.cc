#include "gateway/access.h"

#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

base::IpAddress ip(std::string_view text) { return *base::IpAddress::parse(text); }

Config two_communities() {
  Config config;
  config.communities.push_back(
      {"core", base::Secret("s3cret"), {*base::IpPrefix::parse("10.0.0.0/8")}});
  config.communities.push_back({"edge", base::Secret("other"), {}});
  config.communities.push_back(
      {"core-v6", base::Secret("s3cret"), {*base::IpPrefix::parse("fd00::/8")}});
  config.sources.trusted_relays.push_back(*base::IpPrefix::parse("10.9.9.9/32"));
  return config;
}

TEST(Access, GivesTheConfiguredNameOfTheCommunity) {
  const Config config = two_communities();
  const Access access(config);
  EXPECT_EQ(*access.check(base::as_bytes("s3cret"), ip("10.1.1.1")), "core");
  EXPECT_EQ(*access.check(base::as_bytes("other"), ip("192.0.2.1")), "edge");
  EXPECT_EQ(*access.check(base::as_bytes("s3cret"), ip("fd00::1")), "core-v6")
      << "the same text may serve two names by source";
}

TEST(Access, TellsAWrongTextFromAWrongSource) {
  const Config config = two_communities();
  const Access access(config);
  EXPECT_EQ(access.check(base::as_bytes("public"), ip("10.1.1.1")).error(),
            RefusalReason::unknown_community);
  EXPECT_EQ(access.check(base::as_bytes("s3cre"), ip("10.1.1.1")).error(),
            RefusalReason::unknown_community);
  EXPECT_EQ(access.check(base::as_bytes("s3crets3cret"), ip("10.1.1.1")).error(),
            RefusalReason::unknown_community);
  EXPECT_EQ(access.check({}, ip("10.1.1.1")).error(), RefusalReason::unknown_community);
  EXPECT_EQ(access.check(base::as_bytes("s3cret"), ip("192.0.2.1")).error(),
            RefusalReason::community_source);
}

TEST(Access, BelievesOnlyATrustedRelay) {
  const Config config = two_communities();
  const Access access(config);
  protocol::TrapMessage message;
  message.claimed_agent = ip("172.16.0.5");
  message.claimed_via = protocol::AgentVia::snmp_trap_address;
  message.peer = {ip("10.9.9.9"), 1000};
  access.attribute(message);
  EXPECT_EQ(message.agent, ip("172.16.0.5"));
  EXPECT_EQ(message.agent_via, protocol::AgentVia::snmp_trap_address);
  message.peer = {ip("10.9.9.8"), 1000};
  access.attribute(message);
  EXPECT_EQ(message.agent, ip("10.9.9.8"));
  EXPECT_EQ(message.agent_via, protocol::AgentVia::peer);
  message.claimed_agent.reset();
  message.peer = {ip("10.9.9.9"), 1000};
  access.attribute(message);
  EXPECT_EQ(message.agent, ip("10.9.9.9"));
}

}  // namespace
}  // namespace trapline::gateway
