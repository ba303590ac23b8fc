// A trap of net-snmp's snmptrap, enriched from a real snmpd: what the file sink and Slack get.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/collector.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::free_udp_port;
using test_support::Process;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::wait_until;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kIfAlias = "1.3.6.1.2.1.31.1.1.1.18.1";
constexpr const char* kIfName = "1.3.6.1.2.1.31.1.1.1.1.1";

// net-snmp's agent on a free port; interface 1 has a name and an alias of our choice.
class Agent {
 public:
  [[nodiscard]] bool start() {
    const std::string config =
        scratch_.write("snmpd.conf", "rocommunity secret 127.0.0.1\nsysName core1\noverride " +
                                         std::string(kIfName) + " octet_str \"Gi0/1\"\noverride " +
                                         std::string(kIfAlias) + " octet_str \"uplink to Bonn\"\n");
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"snmpd", "-f", "-LE", "3", "-C", "-c", config, "-I",
                                 "system_mib,sysORTable,override", "-p", scratch_ / "pid",
                                 endpoint()},
        environment());
    return wait_until([&] {
      return run_program({"snmpget", "-m", "", "-v2c", "-c", "secret", "-t", "1", "-r", "0",
                          endpoint(), kIfAlias},
                         environment())
                 .exit_code == 0;
    });
  }
  void kill() { process_.reset(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<std::string> environment() const {
    return {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + scratch_.path()};
  }

 private:
  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  ScratchDirectory scratch_;
  const std::uint16_t port_ = free_udp_port();
  std::unique_ptr<Process> process_;
};

class Enrichment : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(collector_.start());
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "node: n1\ndata_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\ncommunities: [ { name: default, community: public } ]\nsinks:\n"
            "  events: { type: file, path: " +
            gateway_.events_path() + " }\n  slack: { type: webhook, format: slack, url: \"" +
            collector_.url() + "/slack\", tls: { ca: " + collector_.ca_path() +
            " }, rate_limit: { per_sec: 1000 } }\n  tickets:\n    type: webhook\n    url: \"" +
            collector_.url() + "/tickets\"\n    tls: { ca: " + collector_.ca_path() +
            " }\n    template: '{ \"port\": \"{{ interface.ifName | default(\"none\") | json }}\" "
            "}'\n"
            "poller:\n"
            "  auths: { read: { community: secret } }\n"
            "  devices: [{ match: 127.0.0.0/8, auth: read, port: " +
            std::to_string(agent_.port()) + R"( }]
  enrichments:
    device: { get: { sysName: SNMPv2-MIB::sysName.0 } }
    interface:
      get:
        ifName: "IF-MIB::ifName.{{ vars.ifIndex }}"
        ifAlias: "IF-MIB::ifAlias.{{ vars.ifIndex }}"
rules:
  - name: down
    match: IF-MIB::linkDown
    enrich: [device, interface]
    set:
      severity: critical
      summary: >-
        {{ device.sysName | default(agent.ip) }}: {{ interface.ifName | default('?') }}
        ({{ interface.ifAlias | default('?') }}) is down
)");
  }
  void send_link_down() {
    const auto sent = run_program({"snmptrap", "-m", "", "-v2c", "-c", "public", gateway_.v4(), "1",
                                   "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.1", "i", "1"},
                                  agent_.environment());
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  [[nodiscard]] std::string slack_text(std::size_t number) {
    EXPECT_TRUE(wait_until([&] { return collector_.bodies("/slack").size() > number; }));
    const auto bodies = collector_.bodies("/slack");
    return bodies.size() > number ? bodies[number]["text"].get<std::string>() : "";
  }

  ScratchDirectory scratch_;
  Agent agent_;
  Collector collector_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(Enrichment, EventsCarryWhatTheAgentAnswered) {
  ASSERT_TRUE(agent_.start());
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  send_link_down();
  const auto events = gateway_.wait_for_events(1);
  ASSERT_EQ(events.size(), 1U) << gateway_.log();
  EXPECT_EQ(events[0]["summary"], "core1: Gi0/1 (uplink to Bonn) is down");
  EXPECT_EQ(events[0]["enrichment"]["interface"]["ifName"], "Gi0/1");
  EXPECT_EQ(events[0]["enrichment"]["interface"]["ifAlias"], "uplink to Bonn");
  EXPECT_EQ(events[0]["enrichment"]["device"]["sysName"], "core1");
  EXPECT_EQ(events[0]["flags"], json::array());
  EXPECT_THAT(slack_text(0), HasSubstr("core1: Gi0/1 (uplink to Bonn) is down"));
  EXPECT_TRUE(wait_until([&] { return !collector_.bodies("/tickets").empty(); }));
  EXPECT_EQ(collector_.bodies("/tickets").front()["port"], "Gi0/1");
  EXPECT_TRUE(gateway_.wait_until_settled());
  EXPECT_EQ(gateway_.stop(), 0);
  const auto verified = trapline({"replay", "--verify", "--config", gateway_.config_path});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

TEST_F(Enrichment, WithoutTheAgentEventsLeaveWithinTheBudgetFlagged) {
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  const auto begin = std::chrono::steady_clock::now();
  send_link_down();
  const auto events = gateway_.wait_for_events(2);
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(events.size(), 2U) << gateway_.log();
  EXPECT_EQ(events[0]["synthetic"], "device_unreachable");
  EXPECT_EQ(events[0]["agent"]["ip"], "127.0.0.1");
  EXPECT_EQ(events[0]["severity"], "warning");
  EXPECT_EQ(events[1]["summary"], "127.0.0.1: ? (?) is down");
  EXPECT_THAT(events[1]["flags"], Contains("enrich_timeout"));
  EXPECT_LT(took, 10s);
  EXPECT_THAT(slack_text(0), HasSubstr("127.0.0.1 does not answer what rules ask it"));
  EXPECT_THAT(slack_text(1), HasSubstr("127.0.0.1: ? (?) is down"));
  // It comes back, and that is told once.
  ASSERT_TRUE(agent_.start());
  EXPECT_TRUE(wait_until([&] {
    send_link_down();
    return gateway_.events().back()["enrichment"]["interface"]["ifName"] == "Gi0/1";
  }));
  EXPECT_EQ(std::ranges::count_if(gateway_.events(),
                                  [](const json& event) {
                                    return event.value("synthetic", "") == "device_reachable";
                                  }),
            1);
  EXPECT_TRUE(gateway_.wait_until_settled());
  EXPECT_EQ(gateway_.stop(), 0);
  EXPECT_EQ(trapline({"replay", "--verify", "--config", gateway_.config_path}).exit_code, 0);
}

TEST_F(Enrichment, TenThousandTrapsOfOneDeviceAskOnceForEachEnrichment) {
  ASSERT_TRUE(agent_.start());
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  const auto sent = trapline({"bench", "--target", gateway_.v4(), "--rate", "10000", "--count",
                              "10000", "--sources", "1"});
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  ASSERT_TRUE(wait_until([&] {
    const json status = gateway_.status();
    return status["sinks"][0]["delivered"] == 10'000;
  })) << gateway_.status();
  const json status = gateway_.status();
  EXPECT_EQ(status["enrichment"]["asked"], 2);
  EXPECT_EQ(status["enrichment"]["answered"], 2);
  EXPECT_EQ(status["enrichment"]["packets"]["sent"], 2);
  EXPECT_EQ(status["enrichment"]["packets"]["answered"], 2);
  EXPECT_EQ(gateway_.events().back()["enrichment"]["device"]["sysName"], "core1");
}

TEST_F(Enrichment, AKillWhileEventsWaitLosesNothing) {
  // Nobody answers yet: they wait.
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  for (int i = 0; i < 5; ++i) send_link_down();
  ASSERT_TRUE(wait_until([&] { return gateway_.status()["ledger"]["accepted"] == 5; }));
  gateway_.kill();
  ASSERT_TRUE(agent_.start());
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  const auto is_sent = [](const json& event) { return !event.contains("synthetic"); };
  EXPECT_TRUE(wait_until([&] { return std::ranges::count_if(gateway_.events(), is_sent) == 5; }))
      << gateway_.log();
  EXPECT_TRUE(gateway_.wait_until_settled());
  EXPECT_TRUE(balances(gateway_.status()));
}

}  // namespace
}  // namespace trapline::integration
