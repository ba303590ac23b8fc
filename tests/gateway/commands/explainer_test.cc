// `explain` for messages that need no peer; SNMPv3 is explained in tests/integration.
#include "gateway/commands/explainer.h"

#include <gtest/gtest.h>

#include "gateway/commands/hex_text.h"
#include "protocol/encode.h"

namespace trapline::gateway {
namespace {

// A v2c linkUp trap, community public.
std::vector<std::byte> trap() {
  const protocol::Oid link_up = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.4");
  protocol::Notification notification;
  notification.trap_oid = link_up;
  std::vector<std::byte> octets;
  protocol::encode_v2c(notification, base::as_bytes("public"), octets);
  return octets;
}

class Explaining : public ::testing::Test {
 protected:
  Explaining() { config_.communities.push_back({"core", base::Secret("public"), {}}); }

  Explanation explain(base::Bytes octets, const char* peer) {
    InputMessage input{"", octets, {}, {}, {}, peer != nullptr};
    if (peer != nullptr) input.peer = *base::Endpoint::parse(peer);
    return Explainer(config_).explain(input);
  }

  static std::string last(const Explanation& explanation) {
    const ExplainedStep& step = explanation.steps.back();
    return std::string(step.name) + " " + std::string(name_of(step.verdict));
  }

  Config config_;
  const std::vector<std::byte> trap_ = trap();
};

TEST_F(Explaining, ACommunityTrapThatIsAccepted) {
  const Explanation explanation = explain(trap_, "10.0.0.5:3456");
  EXPECT_TRUE(explanation.accepted()) << explanation_text(explanation);
  EXPECT_NE(explanation_text(explanation).find("`core`"), std::string::npos);
  EXPECT_NE(explanation_json(explanation).find("\"accepted\":true"), std::string::npos);
}

TEST_F(Explaining, NeverTheTextOfACommunity) {
  for (const char* community : {"public", "secret"}) {
    config_.communities[0].community = base::Secret(community);
    const Explanation explanation = explain(trap_, "10.0.0.5:3456");
    EXPECT_EQ(explanation_text(explanation).find("public"), std::string::npos);
  }
}

TEST_F(Explaining, EachRefusalAndItsAdvice) {
  const auto expect_last = [&](base::Bytes octets, const char* peer, const std::string& step) {
    const Explanation explanation = explain(octets, peer);
    EXPECT_EQ(last(explanation), step) << explanation_text(explanation);
    EXPECT_TRUE(explanation.refused());
    EXPECT_FALSE(explanation.steps.back().advice.empty());
  };
  config_.communities[0].community = base::Secret("secret");
  expect_last(trap_, "10.0.0.5:3456", "community refused");
  config_.communities[0].community = base::Secret("public");
  config_.communities[0].from = {*base::IpPrefix::parse("192.0.2.0/24")};
  expect_last(trap_, "10.0.0.5:3456", "community refused");
  expect_last(base::Bytes(trap_).first(40), "10.0.0.5:3456", "PDU malformed");
  config_.sources.allow = {*base::IpPrefix::parse("192.0.2.0/24")};
  expect_last(trap_, "10.0.0.5:3456", "source refused");
}

TEST_F(Explaining, WithoutASourceWhatNeedsOneIsUnknown) {
  config_.communities[0].from = {*base::IpPrefix::parse("192.0.2.0/24")};
  const Explanation explanation = explain(trap_, nullptr);
  EXPECT_TRUE(explanation.accepted()) << explanation_text(explanation);
  EXPECT_EQ(explanation.steps.front().verdict, Verdict::unjudged);
}

TEST_F(Explaining, SnmpV3WithoutUsersIsRefusedWithTheFix) {
  const auto octets = parse_hex("30050201033000");
  ASSERT_TRUE(octets);
  const Explanation explanation = explain(*octets, nullptr);
  EXPECT_EQ(last(explanation), "message refused");
  EXPECT_NE(explanation.steps.back().advice.find("v3.users"), std::string::npos);
}

}  // namespace
}  // namespace trapline::gateway
