// A real Alertmanager, asked by its own amtool: what is raised fires there, is told again for as
// long as it is raised, also after either side was killed, and is resolved by its clear.

#include "tests/integration/alertmanager.h"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::wait_until;
using ::testing::HasSubstr;

constexpr const char* kLinkDown = "1.3.6.1.6.3.1.1.5.3";
constexpr const char* kLinkUp = "1.3.6.1.6.3.1.1.5.4";

class AlertmanagerTest : public ::testing::Test {
 protected:
  void start_gateway() {
    gateway_.config_path = scratch_.write("trapline.yaml", R"(node: n1
data_dir: )" + gateway_.data_dir() + R"(
listeners: [ { udp: ")" + gateway_.v4() + R"(" } ]
communities: [ { name: default, community: public } ]
sinks:
  events: { type: file, path: )" + gateway_.events_path() + R"( }
  alerts: { type: webhook, format: alertmanager, url: ")" + alertmanager_.url() +
                                                               R"(", resend_secs: 1 }
routes:
  sinks: [events]
  routes:
    - when: 'tags["the-rack"] == "7"'
      sinks: [events, alerts]
rules:
  - name: down
    match: IF-MIB::linkDown
    when: 'vars.ifIndex < 100'
    set: { severity: critical, key: 'if/{{ vars.ifIndex }}', tags: { "the-rack": "7" } }
    state: raise
  - name: down-elsewhere
    match: IF-MIB::linkDown
    when: 'vars.ifIndex >= 100'
    set: { key: 'if/{{ vars.ifIndex }}', tags: { "the-rack": "8" } }
    state: raise
  - name: up
    match: IF-MIB::linkUp
    set: { severity: cleared, key: 'if/{{ vars.ifIndex }}', tags: { "the-rack": "7", up: "yes" } }
    state: clear
)");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  void snmptrap(const std::string& notification, int interface) {
    const std::string number = std::to_string(interface);
    const Finished sent =
        run_program({"snmptrap", "-m", "", "-v2c", "-c", "public", gateway_.v4(), "1", notification,
                     "1.3.6.1.2.1.2.2.1.1." + number, "i", number},
                    {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + scratch_.path()});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  // Once there are so many alerts.
  json wait_for_alerts(std::size_t count) {
    EXPECT_TRUE(wait_until([&] {
      const json alerts = alertmanager_.alerts();
      return alerts.is_array() && alerts.size() == count;
    })) << alertmanager_.alerts().dump()
        << gateway_.log();
    json alerts = alertmanager_.alerts();
    if (count != 0 && alerts.size() != count) alerts = json(std::vector<json>(count));
    return alerts;
  }
  // True when the one alert is told again `times` times and fires all the while.
  bool keeps_firing(int times) {
    std::string updated;
    return wait_until([&] {
      const json alerts = alertmanager_.alerts();
      if (!alerts.is_array() || alerts.size() != 1) {
        ADD_FAILURE() << alerts.dump();
        return true;
      }
      if (alerts[0]["updatedAt"] != updated) --times;
      updated = alerts[0]["updatedAt"];
      return times == 0;
    });
  }

  ScratchDirectory scratch_;
  Alertmanager alertmanager_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(AlertmanagerTest, ARaiseFiresAndItsClearResolvesIt) {
  ASSERT_TRUE(alertmanager_.start("5m"));
  start_gateway();
  snmptrap(kLinkDown, 7);
  const json alerts = wait_for_alerts(1);
  const json expected = {{"alertname", "IF-MIB::linkDown"},
                         {"agent", "127.0.0.1"},
                         {"key", "if/7"},
                         {"the_rack", "7"}};
  EXPECT_EQ(alerts[0]["labels"], expected);
  EXPECT_EQ(alerts[0]["annotations"]["severity"], "critical");
  EXPECT_EQ(alerts[0]["annotations"]["summary"], "IF-MIB::linkDown from 127.0.0.1");
  snmptrap(kLinkUp, 7);
  wait_for_alerts(0);
  EXPECT_TRUE(gateway_.wait_until_settled()) << gateway_.status().dump();
}

TEST_F(AlertmanagerTest, WhatIsRaisedIsToldAgainUntilItIsCleared) {
  ASSERT_TRUE(alertmanager_.start("2s"));
  start_gateway();
  snmptrap(kLinkDown, 8);
  snmptrap(kLinkDown, 108);
  const json before = wait_for_alerts(1);
  EXPECT_TRUE(keeps_firing(4)) << "only what was routed here, beyond the time it would resolve";
  const json after = alertmanager_.alerts();
  EXPECT_EQ(after[0]["fingerprint"], before[0]["fingerprint"]);
  EXPECT_EQ(after[0]["startsAt"], before[0]["startsAt"]);
  EXPECT_EQ(after[0]["annotations"], before[0]["annotations"]);
}

TEST_F(AlertmanagerTest, AnAlertmanagerThatForgotIsToldAnew) {
  ASSERT_TRUE(alertmanager_.start("5m"));
  start_gateway();
  snmptrap(kLinkDown, 9);
  const json before = wait_for_alerts(1);
  alertmanager_.kill();
  ASSERT_TRUE(wait_until([&] {
    return gateway_.log().find("what is raised could not be told") != std::string::npos;
  })) << gateway_.log();
  ASSERT_TRUE(alertmanager_.start("5m"));
  EXPECT_EQ(wait_for_alerts(1)[0]["fingerprint"], before[0]["fingerprint"]);
}

TEST_F(AlertmanagerTest, AKilledGatewayGoesOnTellingAndResolves) {
  ASSERT_TRUE(alertmanager_.start("5m"));
  start_gateway();
  snmptrap(kLinkDown, 10);
  const json before = wait_for_alerts(1);
  gateway_.kill();
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  EXPECT_TRUE(keeps_firing(3));
  EXPECT_EQ(alertmanager_.alerts()[0]["fingerprint"], before[0]["fingerprint"]);
  snmptrap(kLinkUp, 10);
  wait_for_alerts(0);
  EXPECT_TRUE(gateway_.wait_until_settled()) << gateway_.status().dump();
}

}  // namespace
}  // namespace trapline::integration
