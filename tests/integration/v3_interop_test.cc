// SNMPv3 with the tools of others: what they send reaches us, and what we send reaches them, with
// every pair of protocols, from engines nobody announced, and one entry for each user.

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"
#include "tests/integration/v3_users.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::read_file;
using test_support::ScratchDirectory;
using test_support::wait_until;

constexpr const char* kLinkUp = "1.3.6.1.6.3.1.1.5.4";
constexpr const char* kTrapEngine = "80001f880474657374";
constexpr const char* kPysnmpPeer = TRAPLINE_PEERS "/pysnmp_peer.py";
constexpr std::size_t kAtATime = 6;

// The protocols that only pysnmp speaks of all that Debian has.
std::vector<V3User> users_of_pysnmp() {
  std::vector<V3User> users;
  for (const char* auth : {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}) {
    users.push_back({auth, "3des"});
  }
  return users;
}

// Programs that run side by side, a few at a time.
class Fleet {
 public:
  void run(const std::vector<std::string>& arguments,
           const std::vector<std::string>& environment = {}) {
    if (running_.size() == kAtATime) finish();
    running_.emplace_back(arguments, std::make_unique<Process>(arguments, environment));
  }
  // Waits for all; every one must have exited 0.
  void finish() {
    for (const auto& [arguments, process] : running_) {
      EXPECT_EQ(process->wait(), 0) << testing::PrintToString(arguments) << process->err();
    }
    running_.clear();
  }

 private:
  std::vector<std::pair<std::vector<std::string>, std::unique_ptr<Process>>> running_;
};

class V3Interop : public ::testing::Test {
 protected:
  void start_gateway() {
    std::string users;
    for (const V3User& user : users_of_net_snmp()) users += user.yaml();
    for (const V3User& user : users_of_pysnmp()) users += user.yaml("py-");
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "data_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\nv3:\n  users:\n" + users +
            "sinks:\n  events: { type: file, path: " + gateway_.events_path() + " }\n");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }

  // net-snmp's tools keep files of their own, which two at a time would read half-written.
  [[nodiscard]] std::vector<std::string> net_snmp_environment(const std::string& name) const {
    return {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + (scratch_ / name), "MIBS="};
  }

  // Debian's, with every user for informs and for traps of kTrapEngine.
  void start_snmptrapd(std::uint16_t port) {
    std::string settings = "doNotRetainNotificationLogs yes\n";
    for (const V3User& user : users_of_net_snmp()) {
      settings += user.create_user("") + user.create_user(kTrapEngine);
      settings +=
          "authUser log " + user.name() + " " + (user.auth.empty() ? "noauth" : "auth") + "\n";
    }
    const std::string path = scratch_.write("peer/snmptrapd.conf", settings);
    snmptrapd_log_ = scratch_ / "peer/log";
    snmptrapd_ = std::make_unique<Process>(
        std::vector<std::string>{"snmptrapd", "-f", "-n", "-On", "-C", "-c", path, "-F",
                                 "%N|%w|%v\n", "-Lf", snmptrapd_log_,
                                 "udp:127.0.0.1:" + std::to_string(port)},
        net_snmp_environment("peer"));
    ASSERT_TRUE(wait_until([&] {
      return read_file(snmptrapd_log_).find("NET-SNMP version") != std::string::npos;
    })) << snmptrapd_->err();
  }

  // Lines of snmptrapd's log that tell of a linkUp.
  [[nodiscard]] std::size_t logged() const {
    const std::string log = read_file(snmptrapd_log_);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find(kLinkUp, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  // Of each user exactly one trap and one inform at its level, acknowledged and counted.
  void expect_one_of_each(const std::vector<V3User>& users, std::string_view prefix) {
    const std::vector<json> events = gateway_.wait_for_events(2 * users.size());
    ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
    ASSERT_EQ(gateway_.events().size(), 2 * users.size());
    std::map<std::string, int> seen;
    for (const json& event : events) {
      EXPECT_EQ(event["version"], "v3");
      EXPECT_EQ(event["trap"]["name"], "IF-MIB::linkUp");
      ++seen[event["pdu"].get<std::string>() + " " + event["security"]["name"].get<std::string>() +
             " " + event["security"]["level"].get<std::string>()];
    }
    for (const V3User& user : users) {
      for (const char* pdu : {"trap ", "inform "}) {
        EXPECT_EQ(seen[pdu + user.name(prefix) + " " + user.level()], 1)
            << pdu << user.name(prefix);
      }
    }
    const json status = gateway_.status();
    // A sender that asks for our time by an inform of its own is answered with a Report.
    const json& refused = status["reasons"]["refused"];
    EXPECT_LE(status["ledger"]["refused"], users.size()) << refused;
    EXPECT_EQ(status["ledger"]["refused"], refused.value("not_in_time_window", 0)) << refused;
    EXPECT_EQ(status["ledger"]["malformed"], 0) << status["reasons"];
    EXPECT_EQ(status["ledger"]["responses"], users.size());
    EXPECT_EQ(status["ledger"]["duplicate"], 0);
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
  std::unique_ptr<Process> snmptrapd_;
  std::string snmptrapd_log_;
};

TEST_F(V3Interop, EveryPairOfNetSnmpArrivesFromUnknownEnginesByOneEntryForTrapsAndInforms) {
  start_gateway();
  const std::vector<V3User> users = users_of_net_snmp();
  Fleet fleet;
  int engine = 0x10;
  for (const V3User& user : users) {
    const auto send = [&](const std::string& tool, std::vector<std::string> arguments) {
      arguments.insert(arguments.begin(), tool);
      const std::vector<std::string> access = user.net_snmp();
      arguments.insert(arguments.end(), access.begin(), access.end());
      arguments.insert(arguments.end(), {"-m", "", gateway_.v4(), "4711", kLinkUp});
      fleet.run(arguments, net_snmp_environment(tool + user.name()));
    };
    char id[32];
    std::snprintf(id, sizeof id, "80001f8804%08x", engine++);
    send("snmptrap", {"-e", id});
    // From an address of its own: Reports, which discovery needs, are counted by address.
    send("snmpinform", {"-r", "0", "-t", "10", "--clientAddr=127.0.1." + std::to_string(engine)});
  }
  fleet.finish();
  expect_one_of_each(users, "");
}

TEST_F(V3Interop, TripleDesOfPysnmpArrives) {
  start_gateway();
  const std::vector<V3User> users = users_of_pysnmp();
  Fleet fleet;
  for (const V3User& user : users) {
    for (const char* kind : {"trap", "inform"}) {
      fleet.run({"/usr/bin/python3", "-W", "ignore", kPysnmpPeer, kind,
                 std::to_string(gateway_.port()), user.auth, user.priv});
    }
  }
  fleet.finish();
  expect_one_of_each(users, "py-");
}

TEST_F(V3Interop, EveryPairThatWeSendIsAcceptedBySnmptrapd) {
  const std::uint16_t port = test_support::free_udp_port();
  start_snmptrapd(port);
  const std::vector<V3User> users = users_of_net_snmp();
  Fleet fleet;
  for (const V3User& user : users) {
    for (const char* kind : {"trap", "inform"}) {
      std::vector<std::string> arguments = {test_support::trapline_binary(), "send", kind,
                                            "--timeout-ms", "10000"};
      const std::vector<std::string> access = user.trapline();
      arguments.insert(arguments.end(), access.begin(), access.end());
      if (kind == std::string("trap"))
        arguments.insert(arguments.end(), {"--engine-id", kTrapEngine});
      arguments.insert(arguments.end(), {"127.0.0.1:" + std::to_string(port), "IF-MIB::linkUp"});
      fleet.run(arguments);
    }
  }
  fleet.finish();
  EXPECT_TRUE(wait_until([&] { return logged() >= 2 * users.size(); }))
      << read_file(snmptrapd_log_);
  EXPECT_EQ(logged(), 2 * users.size());
}

TEST_F(V3Interop, TripleDesThatWeSendIsAcceptedByPysnmp) {
  const std::string port = std::to_string(test_support::free_udp_port());
  Process receiver({"/usr/bin/python3", "-W", "ignore", kPysnmpPeer, "receive", port, kTrapEngine});
  ASSERT_TRUE(wait_until([&] { return receiver.out().find("ready") != std::string::npos; }))
      << receiver.err();
  const auto received = [&] {
    const std::string out = receiver.out();
    return static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')) - 1;
  };
  std::size_t sent = 0;
  for (const V3User& user : users_of_pysnmp()) {
    for (const char* kind : {"trap", "inform"}) {
      std::vector<std::string> arguments = {"send", kind, "--timeout-ms", "10000"};
      const std::vector<std::string> access = user.trapline("py-");
      arguments.insert(arguments.end(), access.begin(), access.end());
      if (kind == std::string("trap"))
        arguments.insert(arguments.end(), {"--engine-id", kTrapEngine});
      arguments.insert(arguments.end(), {"127.0.0.1:" + port, "IF-MIB::linkUp"});
      const Finished done = trapline(arguments);
      EXPECT_EQ(done.exit_code, 0) << kind << user.name() << done.err;
      ++sent;
    }
  }
  EXPECT_TRUE(wait_until([&] { return received() >= sent; })) << receiver.out() << receiver.err();
  EXPECT_EQ(received(), sent);
}

}  // namespace
}  // namespace trapline::integration
