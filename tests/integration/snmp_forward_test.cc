// The SNMP sink against others: net-snmp's snmptrapd as the upstream in every version, a second
// Trapline, and gateways that forward to each other.

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/datagram_sender.h"
#include "tests/integration/running_gateway.h"
#include "tests/integration/v3_users.h"
#include "tests/support/wire.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::free_udp_port;
using test_support::hex;
using test_support::integer;
using test_support::octet_string;
using test_support::Octets;
using test_support::pdu_v1;
using test_support::read_file;
using test_support::ScratchDirectory;
using test_support::tlv;
using test_support::TrapV1;
using test_support::v2c_trap;
using test_support::varbind;
using test_support::wait_until;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kIfIndex = "1.3.6.1.2.1.2.2.1.1.7";
constexpr const char* kOctets = "1.3.6.1.2.1.31.1.1.1.6.7";
const V3User kNoc{"sha256", "aes128"};

// A gateway of its own directory, with a file sink and what else it is told.
class Node {
 public:
  explicit Node(const std::string& directory) : gateway(directory) {}

  // `sinks` are lines of the map `sinks`.
  void configure(const ScratchDirectory& scratch, const std::string& name,
                 const std::string& sinks) {
    gateway.config_path = scratch.write(
        name + "/trapline.yaml",
        "node: " + name + "\ndata_dir: " + gateway.data_dir() +
            "\nlisteners:\n  - udp: " + gateway.v4() +
            "\nsources: { trusted_relays: [127.0.0.0/8] }\n"
            "communities: [ { name: default, community: public } ]\nv3:\n  users:\n" +
            kNoc.yaml() + "sinks:\n  events: { type: file, path: " + gateway.events_path() +
            ", fsync_ms: 1 }\n" + sinks);
  }

  RunningGateway gateway;
};

std::string forward(std::uint16_t port, const std::string& how) {
  return "  up-" + std::to_string(port) +
         ": { type: snmp, to: \"127.0.0.1:" + std::to_string(port) + "\", " + how + " }\n";
}

const json* sink_of(const json& status, std::string_view prefix) {
  for (const json& sink : status["sinks"]) {
    if (sink["name"].get<std::string>().starts_with(prefix)) return &sink;
  }
  return nullptr;
}

class SnmpForward : public ::testing::Test {
 protected:
  Node& node(const std::string& name) {
    return *nodes_.emplace_back(std::make_unique<Node>(scratch_ / name));
  }
  void start(Node& node) { ASSERT_TRUE(node.gateway.start()) << node.gateway.log(); }

  // Debian's snmptrapd on `port`, which knows the user as itself and under the engine `engine`.
  void start_snmptrapd(std::uint16_t port, const std::string& engine) {
    std::string settings =
        "doNotRetainNotificationLogs yes\nauthCommunity log public\n" + kNoc.create_user("");
    if (!engine.empty()) settings += kNoc.create_user(engine);
    settings += "authUser log " + kNoc.name() + " auth\n";
    const std::string path = scratch_.write("peer/snmptrapd.conf", settings);
    log_path_ = scratch_ / "peer/log";
    snmptrapd_ = std::make_unique<test_support::Process>(
        std::vector<std::string>{"snmptrapd", "-f", "-n", "-On", "-C", "-c", path, "-Lf", log_path_,
                                 "udp:127.0.0.1:" + std::to_string(port)},
        std::vector<std::string>{"SNMPCONFPATH=" + scratch_.path(),
                                 "SNMP_PERSISTENT_DIR=" + (scratch_ / "peer"), "MIBS="});
    ASSERT_TRUE(wait_until([&] {
      return read_file(log_path_).find("NET-SNMP version") != std::string::npos;
    })) << snmptrapd_->err();
  }
  [[nodiscard]] std::string snmptrapd_log() const { return read_file(log_path_); }
  // Waits until snmptrapd has logged `text`.
  [[nodiscard]] bool logs(const std::string& text) const {
    return wait_until([&] { return snmptrapd_log().find(text) != std::string::npos; });
  }

  ScratchDirectory scratch_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<test_support::Process> snmptrapd_;
  std::string log_path_;
};

Octets link_down(std::int64_t index) {
  return v2c_trap({varbind(kIfIndex, integer(index)), varbind(kOctets, hex("46 01 07"))});
}

TEST_F(SnmpForward, SnmptrapdGetsEveryVersionAndAnswersInforms) {
  const std::uint16_t upstream = free_udp_port();
  Node& gateway = node("gw");
  const std::string community = "community: public";
  const std::string user = "version: v3, user: " + kNoc.name();
  // The engineID is in `status` once the gateway has run.
  gateway.configure(scratch_, "gw", "");
  start(gateway);
  const std::string engine = gateway.gateway.status()["v3"]["engine_id"];
  ASSERT_EQ(gateway.gateway.stop(), 0);
  start_snmptrapd(upstream, engine);
  const std::array<std::string, 5> ways = {"version: v1, " + community, community,
                                           "pdu: inform, " + community, user,
                                           "pdu: inform, " + user};
  for (std::size_t i = 0; i < ways.size(); ++i) {
    SCOPED_TRACE(ways[i]);
    gateway.configure(scratch_, "gw", forward(upstream, ways[i]));
    start(gateway);
    const DatagramSender sender(gateway.gateway.port());
    const auto mark = static_cast<std::int64_t>(1'000 + i);
    ASSERT_TRUE(sender.send(link_down(mark)));
    ASSERT_TRUE(logs(std::to_string(mark))) << gateway.gateway.log() << snmptrapd_log();
    ASSERT_TRUE(gateway.gateway.wait_until_settled()) << gateway.gateway.status();
    const json status = gateway.gateway.status();
    EXPECT_EQ((*sink_of(status, "up-"))["delivered"], i + 1) << status;
    ASSERT_EQ(gateway.gateway.stop(), 0);
  }
  const std::string log = snmptrapd_log();
  EXPECT_THAT(log, HasSubstr(".1.3.6.1.6.3.18.1.3.0 = IpAddress: 127.0.0.1"));
  EXPECT_THAT(log, HasSubstr("Counter64: 7"));
}

TEST_F(SnmpForward, HostileValuesReachSnmptrapdAsDataAndInformsAreAnswered) {
  const std::uint16_t upstream = free_udp_port();
  start_snmptrapd(upstream, "");
  Node& gateway = node("gw");
  gateway.configure(scratch_, "gw", forward(upstream, "pdu: inform, community: public"));
  start(gateway);
  const DatagramSender sender(gateway.gateway.port());
  std::string deep = "1.3.6.1.4.1";
  while (std::count(deep.begin(), deep.end(), '.') < 127) deep += ".4294967295";
  const std::array<Octets, 6> values = {octet_string(std::string(60'000, 'x')),
                                        octet_string("\r\n\x1b[2J<b>\"'\xff\xfe"),
                                        tlv(0x5a, hex("01 02 03")),
                                        tlv(0x46, hex("00 ff ff ff ff ff ff ff ff")),
                                        hex("80 00"),
                                        tlv(0x40, hex("01 02 03"))};
  for (const Octets& value : values) {
    ASSERT_TRUE(sender.send(v2c_trap({varbind("1.3.6.1.4.1.9.1", value)})));
  }
  ASSERT_TRUE(sender.send(v2c_trap({varbind(deep, integer(1))})));
  ASSERT_TRUE(sender.send(v2c_trap({varbind(kIfIndex, integer(4242))})));
  ASSERT_TRUE(logs("4242")) << gateway.gateway.log();
  ASSERT_TRUE(gateway.gateway.wait_until_settled()) << gateway.gateway.status();
  const json status = gateway.gateway.status();
  EXPECT_EQ((*sink_of(status, "up-"))["delivered"], values.size() + 2) << gateway.gateway.log();
}

TEST_F(SnmpForward, TraplineToTraplineKeepsEveryValueAndTheAgentAndIsAcknowledgedEndToEnd) {
  for (const std::string& how :
       {std::string("pdu: inform, timeout_ms: 20000, community: public"),
        "pdu: inform, timeout_ms: 20000, version: v3, user: " + kNoc.name(),
        std::string("version: v1, community: public")}) {
    SCOPED_TRACE(how);
    Node& upper = node("upper" + std::to_string(nodes_.size()));
    Node& lower = node("lower" + std::to_string(nodes_.size()));
    upper.configure(scratch_, "upper", "");
    lower.configure(scratch_, "lower", forward(upper.gateway.port(), how));
    start(upper);
    start(lower);
    TrapV1 v1;
    v1.varbinds = varbind(kIfIndex, integer(11));
    const DatagramSender sender(lower.gateway.port());
    ASSERT_TRUE(sender.send(test_support::message(0, pdu_v1(v1))));
    ASSERT_TRUE(sender.send(
        v2c_trap({varbind(kIfIndex, integer(12)), varbind("1.3.6.1.4.1.9.2", octet_string("text")),
                  varbind("1.3.6.1.6.3.18.1.3.0", hex("40 04 c6 33 64 09"))})));
    // The sender of an inform is told by the lower one, which tells the upper one.
    std::vector<std::string> send = {
        "send", "inform", lower.gateway.v4(), "IF-MIB::linkUp", kIfIndex, "i", "13"};
    EXPECT_EQ(trapline(send).exit_code, 0);
    const std::vector<json> sent = lower.gateway.wait_for_events(3);
    const std::vector<json> got = upper.gateway.wait_for_events(3);
    ASSERT_EQ(sent.size(), 3U);
    ASSERT_EQ(got.size(), 3U) << lower.gateway.log() << upper.gateway.log();
    for (const json& one : sent) {
      const auto same = std::find_if(got.begin(), got.end(), [&](const json& other) {
        return other["varbinds"][0]["value"] == one["varbinds"][0]["value"];
      });
      ASSERT_NE(same, got.end()) << one;
      EXPECT_EQ((*same)["trap"]["oid"], one["trap"]["oid"]);
      EXPECT_EQ((*same)["uptime"], one["uptime"]);
      EXPECT_EQ((*same)["agent"]["ip"], one["agent"]["ip"]);
      for (std::size_t i = 0; i < one["varbinds"].size(); ++i) {
        EXPECT_EQ((*same)["varbinds"][i], one["varbinds"][i]);
      }
    }
    ASSERT_TRUE(lower.gateway.wait_until_settled()) << lower.gateway.status();
    const json status = lower.gateway.status();
    EXPECT_EQ((*sink_of(status, "up-"))["delivered"], 3);
    EXPECT_EQ((*sink_of(status, "up-"))["retries"], 0) << lower.gateway.log();
  }
}

TEST_F(SnmpForward, InformsWaitForAnUpstreamThatIsKilledAndNothingIsMissing) {
  Node& upper = node("upper");
  Node& lower = node("lower");
  upper.configure(scratch_, "upper", "");
  lower.configure(
      scratch_, "lower",
      forward(upper.gateway.port(), "pdu: inform, community: public, timeout_ms: 100, retries: 1"));
  start(upper);
  start(lower);
  const DatagramSender sender(lower.gateway.port());
  constexpr int kEach = 100;
  for (int i = 0; i < kEach; ++i) ASSERT_TRUE(sender.send(link_down(i)));
  ASSERT_TRUE(wait_until([&] { return !upper.gateway.events().empty(); }));
  upper.gateway.kill();
  for (int i = kEach; i < 2 * kEach; ++i) ASSERT_TRUE(sender.send(link_down(i)));
  ASSERT_EQ(lower.gateway.wait_for_events(2 * kEach).size(), std::size_t{2 * kEach});
  lower.gateway.kill();
  start(lower);
  start(upper);
  std::set<int> indices;
  EXPECT_TRUE(wait_until([&] {
    for (const json& event : upper.gateway.events()) {
      if (event.is_object()) indices.insert(event["varbinds"][0]["value"].get<int>());
    }
    return indices.size() == 2 * kEach;
  })) << indices.size()
      << lower.gateway.log();
  ASSERT_TRUE(lower.gateway.wait_until_settled()) << lower.gateway.status();
}

// The loop is closed once all are ready; then one trap goes in at the first.
class SnmpLoop : public SnmpForward {
 protected:
  void expect_one_round(std::size_t size, const std::vector<std::string>& ways) {
    for (std::size_t i = 0; i < size; ++i) node("gw" + std::to_string(i));
    for (std::size_t i = 0; i < size; ++i) {
      const std::string name = "gw" + std::to_string(i);
      nodes_[i]->configure(scratch_, name,
                           forward(nodes_[(i + 1) % size]->gateway.port(), ways[i % ways.size()]));
      start(*nodes_[i]);
    }
    const DatagramSender sender(nodes_[0]->gateway.port());
    ASSERT_TRUE(sender.send(link_down(7)));
    // Once round: the first has it twice, the second time as a loop.
    ASSERT_EQ(nodes_[0]->gateway.wait_for_events(2).size(), 2U) << nodes_[0]->gateway.log();
    for (const auto& each : nodes_) {
      ASSERT_TRUE(each->gateway.wait_until_settled()) << each->gateway.status();
    }
    const std::vector<json> first = nodes_[0]->gateway.events();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_THAT(first[0]["flags"], Not(testing::Contains("loop")));
    EXPECT_THAT(first[1]["flags"], testing::Contains("loop"));
    for (std::size_t i = 1; i < size; ++i) {
      EXPECT_EQ(nodes_[i]->gateway.events().size(), 1U);
    }
  }
};

TEST_F(SnmpLoop, BetweenTwoGatewaysStopsAfterOneRound) {
  expect_one_round(2, {"community: public"});
}

TEST_F(SnmpLoop, BetweenTwoGatewaysOfDifferentVersionsStopsAfterOneRound) {
  expect_one_round(2, {"version: v1, community: public", "pdu: inform, community: public"});
}

TEST_F(SnmpLoop, ThroughThreeGatewaysStopsAfterOneRound) {
  expect_one_round(3, {"pdu: inform, version: v3, user: " + kNoc.name(), "community: public",
                       "version: v1, community: public"});
}

TEST_F(SnmpForward, CheckProbesTheUpstream) {
  Node& gateway = node("gw");
  const std::uint16_t nobody = free_udp_port();
  gateway.configure(scratch_, "gw", forward(nobody, "community: public"));
  const Finished refused = trapline({"check", "--probe", "--config", gateway.gateway.config_path});
  EXPECT_EQ(refused.exit_code, 69);
  EXPECT_THAT(refused.err, HasSubstr("nobody listens there"));
  const std::uint16_t upstream = free_udp_port();
  start_snmptrapd(upstream, "");
  gateway.configure(scratch_, "gw",
                    forward(upstream, "pdu: inform, version: v3, user: " + kNoc.name()));
  EXPECT_EQ(trapline({"check", "--probe", "--config", gateway.gateway.config_path}).exit_code, 0);
}

}  // namespace
}  // namespace trapline::integration
