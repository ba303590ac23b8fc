// The whole line, from ten thousand traps to every kind of destination at once: each got each event
// exactly once, and the books say the same.

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/load/load_mark.h"
#include "gateway/load/mark_audit.h"
#include "tests/integration/alertmanager.h"
#include "tests/integration/collector.h"
#include "tests/integration/datagram_sender.h"
#include "tests/integration/delivery_audit.h"
#include "tests/integration/kafka_broker.h"
#include "tests/integration/running_gateway.h"
#include "tests/integration/syslog_receiver.h"
#include "tests/integration/unit_traps.h"
#include "tests/support/wire.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kTraps = 10'000;
constexpr std::uint32_t kAgents = 32;
constexpr std::uint32_t kRun = 0x1badcafe;
constexpr int kUnits = 100;  // each raises a problem and clears it
constexpr int kEvents = kTraps + 2 * kUnits;
class EveryDestination : public ::testing::Test {
 protected:
  // To add a destination: its sink and its route here, its audit in the test.
  void configure() {
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "node: gw-1\ndata_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\ncommunities: [ { name: default, community: public } ]\nsinks:\n  file: { type: "
            "file, fsync_ms: 100, path: " +
            gateway_.events_path() + " }\n  kafka: { type: kafka, topic: traps, brokers: [\"" +
            broker_.address() + "\"] }\n  http: " + webhook("/json", "batch: { events: 100 }") +
            "  slack: " + webhook("/slack", "format: slack, rate_limit: { per_sec: 10000 }") +
            "  pagerduty: " +
            webhook("/pagerduty",
                    "format: pagerduty, routing_key: R0, rate_limit: { per_sec: 10000 }") +
            "  alerts: { type: webhook, format: alertmanager, url: \"" + alertmanager_.url() +
            "\" }\n  otlp: " + webhook("/otlp", "format: otlp, batch: { events: 20 }") +
            "  upstream: { type: snmp, pdu: inform, community: public, timeout_ms: 5000, to: \"" +
            upstream_.v4() + "\" }\n  syslog: { type: syslog, to: \"" + syslog_.address() +
            "\" }\n" + kUnitRules +
            "routes:\n  sinks: [file, kafka, http, upstream]\n  routes:\n"
            "    - when: 'state == \"raise\" || state == \"clear\"'\n"
            "      sinks: [slack, pagerduty, alerts, otlp, syslog]\n");
  }
  [[nodiscard]] std::string webhook(const std::string& path, const std::string& more) const {
    return "{ type: webhook, url: \"" + collector_.url() + path +
           "\", tls: { ca: " + collector_.ca_path() + " }, " + more + " }\n";
  }
  void SetUp() override {
    ASSERT_TRUE(broker_.start()) << broker_.log();
    ASSERT_TRUE(collector_.start());
    ASSERT_TRUE(alertmanager_.start_telling(collector_.url() + "/told", collector_.ca_path()))
        << alertmanager_.log();
    ASSERT_TRUE(syslog_.start());
    configure();
    ASSERT_TRUE(upstream_.start()) << upstream_.log();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  // The linkDown of `trapline bench`, from many agents in turn.
  void send_load() {
    using namespace test_support;  // NOLINT(google-build-using-namespace)
    std::vector<std::unique_ptr<DatagramSender>> agents;
    for (std::uint32_t agent = 1; agent <= kAgents; ++agent) {
      agents.push_back(
          std::make_unique<DatagramSender>(gateway_.port(), INADDR_LOOPBACK + (agent << 8U)));
    }
    for (std::uint32_t trap = 0; trap < kTraps; ++trap) {
      std::array<char, gateway::load::kMarkBytes> mark{};
      gateway::load::write_mark({kRun, 0, trap}, mark);
      const auto text = octet_string({mark.data(), mark.size()});
      ASSERT_TRUE(agents[trap % kAgents]->send(v2c_trap({varbind("1.3.6.1.2.1.2.2.1.2.1", text)})));
    }
  }
  // The books' line of a sink.
  static json books_of(const json& status, const std::string& sink) {
    for (const json& each : status["sinks"]) {
      if (each["name"] == sink) return each;
    }
    return {};
  }
  void expect_books();
  void expect_units_fire();

  ScratchDirectory scratch_;
  KafkaBroker broker_;
  Collector collector_;
  Alertmanager alertmanager_;
  SyslogReceiver syslog_{"tcp"};
  RunningGateway gateway_{scratch_.path()};
  ScratchDirectory upstream_scratch_;
  RunningGateway upstream_{upstream_scratch_.path()};
  DatagramSender sender_{gateway_.port()};
};

void EveryDestination::expect_books() {
  const json status = gateway_.status();
  EXPECT_EQ(status["ledger"]["accepted"], kEvents);
  const std::map<std::string, int> routed = {
      {"upstream", kEvents},  {"file", kEvents},     {"kafka", kEvents},
      {"http", kEvents},      {"slack", 2 * kUnits}, {"pagerduty", 2 * kUnits},
      {"alerts", 2 * kUnits}, {"otlp", 2 * kUnits},  {"syslog", 2 * kUnits}};
  for (const auto& [sink, events] : routed) {
    const json books = books_of(status, sink);
    EXPECT_EQ(books["routed"], events) << books;
    EXPECT_EQ(books["delivered"], events) << books;
    EXPECT_EQ(books["dead_lettered"], 0) << books;
  }
}

// It tells nothing of an alert that is resolved before it could be told.
void EveryDestination::expect_units_fire() {
  ASSERT_TRUE(wait_until([&] { return collector_.bodies("/told").size() >= kUnits; }))
      << alertmanager_.log() << gateway_.log();
  std::set<std::string> units;
  for (const json& alert : alertmanager_.alerts()) {
    units.insert(alert["labels"]["key"]);
    EXPECT_EQ(alert["annotations"]["severity"], "critical");
  }
  EXPECT_EQ(units.size(), static_cast<std::size_t>(kUnits));
}

void expect_exactly_once(const std::string& name, const DeliveryAudit& audit,
                         const DeliveryAudit& as) {
  EXPECT_THAT(audit.mistakes(), IsEmpty()) << name;
  EXPECT_EQ(audit.repeated(), 0U) << name;
  EXPECT_EQ(audit.ids().size(), static_cast<std::size_t>(kEvents)) << name;
  EXPECT_EQ(audit.ids(), as.ids()) << name;
}

// The other gateway's events have ids of its own.
void expect_forwarded(const std::string& events_path) {
  gateway::load::MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(events_path, error)) << error;
  audit.expect(kRun, kTraps);
  const gateway::load::RunAudit& run = audit.runs().at(kRun);
  EXPECT_EQ(run.missing(), 0U);
  EXPECT_EQ(run.repeated, 0U);
  EXPECT_EQ(audit.unmarked_lines(), 2U * kUnits);
}

using Told = std::map<std::string, std::vector<std::string>>;  // by problem, in order

void expect_pairs(const std::string& name, const Told& told, const std::string& raise,
                  const std::string& clear) {
  EXPECT_EQ(told.size(), static_cast<std::size_t>(kUnits)) << name;
  for (const auto& [problem, words] : told) {
    EXPECT_THAT(words, ElementsAre(raise, clear)) << name << ' ' << problem;
  }
}

Told told_pagerduty(const std::vector<json>& bodies) {
  Told told;
  for (const json& body : bodies) told[body["dedup_key"]].push_back(body["event_action"]);
  return told;
}

// What Alertmanager itself tells of its alerts.
Told told_alerts(const std::vector<json>& bodies) {
  Told told;
  for (const json& body : bodies) {
    for (const json& alert : body["alerts"]) {
      told[alert["labels"]["key"]].push_back(alert["status"]);
    }
  }
  return told;
}

// "[critical] unit 7 is down"
Told told_slack(const std::vector<json>& bodies) {
  Told told;
  for (const json& body : bodies) {
    const std::string text = body["text"];
    const std::size_t unit = text.find("unit ");
    const std::size_t end = text.find(" is ");
    told[text.substr(unit, end - unit)].push_back(text.substr(0, unit) + text.substr(end + 1));
  }
  return told;
}

Told told_otlp(const std::vector<json>& bodies) {
  Told told;
  for (const json& body : bodies) {
    for (const json& record : body["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) {
      std::map<std::string, std::string> attributes;
      for (const json& each : record["attributes"]) {
        attributes[each["key"]] = each["value"]["stringValue"];
      }
      told[attributes["trapline.key"]].push_back(attributes["trapline.state"]);
    }
  }
  return told;
}

Told told_syslog(const std::vector<json>& messages) {
  Told told;
  for (const json& message : messages) {
    if (!message.contains("sd")) {
      told["malformed"].push_back(message.dump());
      continue;
    }
    for (const auto& [id, parameters] : message["sd"].items()) {
      if (id.starts_with("trapline@")) told[parameters["key"]].push_back(parameters["state"]);
    }
  }
  return told;
}

TEST_F(EveryDestination, GetsEachOfTenThousandTrapsOnceAndEachProblemRaisedAndCleared) {
  send_of_units(sender_, kUnitDown, 1, kUnits);
  send_load();
  ASSERT_NO_FATAL_FAILURE(expect_units_fire());
  send_of_units(sender_, kUnitUp, 1, kUnits);
  ASSERT_TRUE(gateway_.wait_until_settled(2min)) << gateway_.status() << gateway_.log();
  expect_books();

  DeliveryAudit file, kafka, http;
  file.take_file(gateway_.events_path());
  for (const KafkaMessage& message : broker_.consume("traps")) {
    kafka.take(json::parse(message.value, nullptr, false));
  }
  for (const json& batch : collector_.bodies("/json")) {
    for (const json& event : batch.is_array() ? batch : json::array({batch})) http.take(event);
  }
  expect_exactly_once("file", file, file);
  expect_exactly_once("kafka", kafka, file);
  expect_exactly_once("http", http, file);
  ASSERT_TRUE(upstream_.wait_until_settled(2min));
  expect_forwarded(upstream_.events_path());
  expect_pairs("pagerduty", told_pagerduty(collector_.bodies("/pagerduty")), "trigger", "resolve");
  ASSERT_TRUE(wait_until([&] { return collector_.bodies("/told").size() >= 2UL * kUnits; }));
  expect_pairs("alerts", told_alerts(collector_.bodies("/told")), "firing", "resolved");
  EXPECT_EQ(alertmanager_.alerts(), json::array());
  expect_pairs("slack", told_slack(collector_.bodies("/slack")), "[critical] is down",
               "[cleared] is up");
  expect_pairs("otlp", told_otlp(collector_.bodies("/otlp")), "raise", "clear");
  expect_pairs("syslog", told_syslog(syslog_.messages()), "raise", "clear");
  EXPECT_EQ(gateway_.stop(), 0) << gateway_.log();
}

}  // namespace
}  // namespace trapline::integration
