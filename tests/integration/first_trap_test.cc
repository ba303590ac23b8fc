// What a person sees who has just built it: net-snmp's own tools and `trapline send`, against
// `trapline run` without a configuration.

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::wait_until;

constexpr const char* kLinkDown = "1.3.6.1.6.3.1.1.5.3";
constexpr const char* kIfIndex = "1.3.6.1.2.1.2.2.1.1.7";

class FirstTrap : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(gateway_.start()) << gateway_.log(); }

  // One of net-snmp's tools, without any configuration of this machine.
  Finished net_snmp(const std::string& tool, const std::vector<std::string>& rest) {
    std::vector<std::string> arguments = {tool, "-m", ""};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return run_program(
        arguments, {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + scratch_.path()});
  }

  // The one event there is, or null.
  json only_event() {
    const std::vector<json> events = gateway_.wait_for_events(1);
    EXPECT_TRUE(gateway_.wait_until_settled());
    EXPECT_EQ(gateway_.events().size(), 1U);
    return events.empty() ? json() : events[0];
  }

  void expect_link_down(const json& event, const std::string& version, const std::string& pdu) {
    EXPECT_EQ(event["trap"]["name"], "IF-MIB::linkDown");
    EXPECT_EQ(event["trap"]["oid"], kLinkDown);
    EXPECT_EQ(event["version"], version);
    EXPECT_EQ(event["pdu"], pdu);
    ASSERT_EQ(event["varbinds"].size(), 1U);
    EXPECT_EQ(event["varbinds"][0]["name"], "ifIndex.7");
    EXPECT_EQ(event["varbinds"][0]["value"], 7);
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(FirstTrap, SnmptrapV1) {
  const Finished sent =
      net_snmp("snmptrap", {"-v1", "-c", "public", gateway_.v4(), "1.3.6.1.6.3.1.1.5", "192.0.2.9",
                            "2", "0", "4711", kIfIndex, "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  const json event = only_event();
  expect_link_down(event, "v1", "trap");
  EXPECT_EQ(event["uptime"], 4711);
}

TEST_F(FirstTrap, SnmptrapV2c) {
  const Finished sent = net_snmp(
      "snmptrap", {"-v2c", "-c", "public", gateway_.v4(), "4711", kLinkDown, kIfIndex, "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  const json event = only_event();
  expect_link_down(event, "v2c", "trap");
  EXPECT_EQ(event["peer"]["ip"], "127.0.0.1");
}

TEST_F(FirstTrap, SnmptrapV2cOverIpv6) {
  const Finished sent = net_snmp("snmptrap", {"-v2c", "-c", "public", "udp6:" + gateway_.v6(),
                                              "4711", kLinkDown, kIfIndex, "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  const json event = only_event();
  expect_link_down(event, "v2c", "trap");
  EXPECT_EQ(event["peer"]["ip"], "::1");
}

TEST_F(FirstTrap, SnmpinformIsAcknowledged) {
  const Finished sent =
      net_snmp("snmpinform", {"-v2c", "-c", "public", "-r", "0", "-t", "5", gateway_.v4(), "4711",
                              kLinkDown, kIfIndex, "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  expect_link_down(only_event(), "v2c", "inform");
  EXPECT_EQ(gateway_.status()["ledger"]["responses"], 1);
}

TEST_F(FirstTrap, SnmpinformOverIpv6IsAcknowledged) {
  const Finished sent =
      net_snmp("snmpinform", {"-v2c", "-c", "public", "-r", "0", "-t", "5", "udp6:" + gateway_.v6(),
                              "4711", kLinkDown, kIfIndex, "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  expect_link_down(only_event(), "v2c", "inform");
}

TEST_F(FirstTrap, TraplineSendV1) {
  const Finished sent = trapline({"send", "trap", "--version", "v1", gateway_.v4(),
                                  "IF-MIB::linkDown", "ifIndex.7", "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  expect_link_down(only_event(), "v1", "trap");
}

TEST_F(FirstTrap, TraplineSendV2c) {
  const Finished sent =
      trapline({"send", "trap", gateway_.v4(), "IF-MIB::linkDown", "ifIndex.7", "i", "7"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  expect_link_down(only_event(), "v2c", "trap");
}

TEST_F(FirstTrap, TraplineSendInformOverBothAddressFamilies) {
  for (const std::string& target : {gateway_.v4(), gateway_.v6()}) {
    const Finished sent =
        trapline({"send", "inform", target, "IF-MIB::linkDown", "ifIndex.7", "i", "7"});
    EXPECT_EQ(sent.exit_code, 0) << sent.err;
    EXPECT_NE(sent.out.find("acknowledged"), std::string::npos) << sent.out;
  }
  const std::vector<json> events = gateway_.wait_for_events(2);
  ASSERT_EQ(events.size(), 2U);
  for (const json& event : events) expect_link_down(event, "v2c", "inform");
  EXPECT_NE(events[0]["id"], events[1]["id"]);
}

TEST_F(FirstTrap, AWrongCommunityIsRefusedAndTheInformNotAnswered) {
  const Finished sent = trapline({"send", "inform", "--community", "nobody", "--timeout-ms", "200",
                                  "--retries", "0", gateway_.v4(), "IF-MIB::linkDown"});
  EXPECT_EQ(sent.exit_code, 69) << sent.out << sent.err;
  EXPECT_EQ(gateway_.status()["ledger"]["refused"], 1);
  EXPECT_TRUE(gateway_.events().empty());
}

TEST_F(FirstTrap, TellsHowToSendIt) {
  // It is ready before it says so.
  const std::string hint = "send trap " + gateway_.v4();
  EXPECT_TRUE(wait_until([&] { return gateway_.log().find(hint) != std::string::npos; }))
      << gateway_.log();
}

}  // namespace
}  // namespace trapline::integration
