// `explain` for messages that need no peer; SNMPv3 is explained in tests/integration.
#include "gateway/commands/explainer.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/commands/hex_text.h"
#include "gateway/engine_id_text.h"
#include "protocol/encode.h"
#include "protocol/mib/mib_index.h"
#include "protocol/usm/message_writer.h"
#include "tests/support/scratch_directory.h"

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

TEST_F(Explaining, WhetherTheDeviceWouldBeAsked) {
  rules::RulesSpec spec;
  rules::EnrichmentSpec device;
  device.name = "device";
  device.get.emplace_back(rules::SourceText{"sysName", {}},
                          rules::SourceText{"SNMPv2-MIB::sysName.0", {}});
  spec.enrichments.push_back(device);
  rules::RuleSpec asking;
  asking.name = "asking";
  asking.enrich.push_back({"device", {}});
  spec.rules.push_back(asking);
  rules::SpecProblems problems;
  const auto rules =
      rules::RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a"}}, problems);
  ASSERT_TRUE(rules);
  InputMessage input{"", trap_, {}, {}, {}, true};
  input.peer = *base::Endpoint::parse("10.0.0.5:3456");
  std::string text = explanation_text(Explainer(config_, rules).explain(input));
  EXPECT_NE(text.find("no entry of `poller.devices` holds it"), std::string::npos) << text;
  EXPECT_NE(text.find("enrich_failed"), std::string::npos) << text;
  config_.poller.devices.push_back({*base::IpPrefix::parse("10.0.0.0/8"), 161, nullptr});
  text = explanation_text(Explainer(config_, rules).explain(input));
  EXPECT_NE(text.find("10.0.0.5 is asked for sysName"), std::string::npos) << text;
  EXPECT_NE(text.find("enrich_timeout"), std::string::npos) << text;
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

TEST_F(Explaining, AnInformIsComparedWithTheBootsOfTheLastStart) {
  namespace usm = protocol::usm;
  usm::UsmUser user;
  user.name = "noc";
  user.auth = usm::AuthProtocol::sha256;
  user.keys.push_back({usm::password_to_key(base::as_bytes("a password"), user.auth), {}});
  const std::vector<std::byte> engine(12, std::byte{0x42});
  const protocol::Oid link_up = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.4");
  protocol::Notification notification;
  notification.pdu = protocol::PduKind::inform;
  notification.trap_oid = link_up;
  std::vector<std::byte> octets;
  protocol::encode_v2c(notification, {}, octets);
  usm::SaltCounters salts;
  usm::MessageWriter writer(salts);
  usm::UserKeys keys(user, 0, engine);
  usm::OutgoingMessage message;
  message.header.flags = 1;
  message.security.engine_id = engine;
  message.security.boots = 7;
  message.security.user = user.name;
  constexpr std::size_t kInFront = 2 + 3 + 2;  // the message's tag and length, version, community
  message.scoped = {engine, "", base::Bytes(octets).subspan(kInFront)};
  const base::Bytes written = writer.write(message, &keys);
  std::vector<usm::UsmUser> users;
  users.push_back(std::move(user));
  config_.v3.users = usm::UserTable(std::move(users));

  const test_support::ScratchDirectory directory;
  config_.data_dir = directory.path();
  const auto time_step = [&](const std::string& boots) {
    std::ofstream(directory.path() + "/engine") << engine_id_text(engine) << " " << boots << "\n";
    const Explanation explanation = explain(written, nullptr);
    const auto step = std::ranges::find(explanation.steps, "time", &ExplainedStep::name);
    EXPECT_NE(step, explanation.steps.end()) << explanation_text(explanation);
    if (step == explanation.steps.end()) return std::string();
    return std::string(name_of(step->verdict)) + ": " + step->detail;
  };
  EXPECT_THAT(time_step("7"), ::testing::StartsWith("unknown: boots 7, time 0: the boots"));
  EXPECT_THAT(time_step("8"), ::testing::StartsWith("note: boots 7, time 0: boots are 8 since"));
  EXPECT_THAT(time_step("?"), ::testing::HasSubstr("timeliness not judged"));
}

}  // namespace
}  // namespace trapline::gateway
