// Syslog receivers, an upstream SNMP manager and an Alertmanager: each is killed under load and
// comes back, the gateway is killed meanwhile, and every acknowledged inform arrives everywhere, in
// order. TRAPLINE_OUTAGE_SECS=60 makes it long.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/load/load_mark.h"
#include "tests/integration/alertmanager.h"
#include "tests/integration/outage.h"
#include "tests/integration/syslog_receiver.h"
#include "tests/integration/unit_traps.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;

// What is kept of an event: there are many.
struct Told {
  explicit Told(const json& event)
      : request_id(event["request_id"]), mark(gateway::load::find_mark(event.dump())) {}

  std::int64_t request_id;
  std::optional<gateway::load::Mark> mark;
};

// The events of a file of JSON lines, which `audit` gets too.
std::vector<Told> told_by(const std::string& path, DeliveryAudit& audit) {
  std::vector<Told> all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const json event = json::parse(line, nullptr, false);
    audit.take(event);
    if (event.is_object()) all.emplace_back(event);
  }
  return all;
}

class ReceiverOutage : public OutageTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(syslog_.start());
    ASSERT_TRUE(tls_.start());
    ASSERT_TRUE(upstream_.start()) << upstream_.log();
    ASSERT_TRUE(alertmanager_.start("5m")) << alertmanager_.log();
    start_gateway("sinks:\n  file: { type: file, fsync_ms: 100, path: " + gateway_.events_path() +
                  " }\n  syslog: { type: syslog, format: json, to: \"" + syslog_.address() +
                  "\" }\n  tls: { type: syslog, format: json, confirm_ms: 500, to: \"" +
                  tls_.address() + "\", tls: { ca: " + tls_.ca_path() +
                  " } }\n  upstream: { type: snmp, pdu: inform, community: public, to: \"" +
                  upstream_.v4() +
                  "\" }\n  alerts: { type: webhook, format: alertmanager, url: \"" +
                  alertmanager_.url() + "\", resend_secs: 1 }\n" + kUnitRules +
                  "routes:\n  sinks: [file, syslog, tls, upstream]\n  routes:\n"
                  "    - when: 'state == \"raise\" || state == \"clear\"'\n"
                  "      sinks: [alerts]\n");
  }
  [[nodiscard]] std::set<std::string> firing() const {
    std::set<std::string> keys;
    for (const json& alert : alertmanager_.alerts()) keys.insert(alert["labels"]["key"]);
    return keys;
  }
  // Traps wait for no answer: not to be killed with them under way.
  void wait_for_units(std::int64_t traps) {
    ASSERT_TRUE(wait_until([&] { return figure("alerts", "routed") == traps; }));
  }
  void expect_read(const SyslogReceiver& receiver, const DeliveryAudit& file) const;
  void expect_upstream(const std::vector<Told>& file) const;

  SyslogReceiver syslog_{"tcp"};
  SyslogReceiver tls_{"tls"};
  ScratchDirectory upstream_scratch_;
  RunningGateway upstream_{upstream_scratch_.path()};
  Alertmanager alertmanager_;
  DatagramSender sender_{gateway_.port()};
};

void ReceiverOutage::expect_read(const SyslogReceiver& receiver, const DeliveryAudit& file) const {
  DeliveryAudit audit;
  for (const json& message : receiver.messages()) {
    if (message.contains("ended")) continue;  // by the death of the gateway
    const json event = json::parse(message.value("msg", ""), nullptr, false);
    audit.take(event.is_discarded() ? json() : event);
  }
  expect_whole(receiver.address(), audit);
  EXPECT_EQ(audit.ids(), file.ids());
}

// What the load has marked, each the first time it came, by run; `repeated` counts the others,
// which must be the same request.
using Marks = std::map<std::uint32_t, std::vector<std::uint32_t>>;
Marks marks_of(const std::vector<Told>& events, int& repeated) {
  Marks marks;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> requests;
  for (const Told& event : events) {
    if (!event.mark) continue;
    const auto [known, is_new] =
        requests.emplace(std::pair{event.mark->run, event.mark->sequence}, event.request_id);
    if (is_new) {
      marks[event.mark->run].push_back(event.mark->sequence);
    } else {
      ++repeated;
      EXPECT_EQ(known->second, event.request_id);
    }
  }
  return marks;
}

// Its events have ids of its own.
void ReceiverOutage::expect_upstream(const std::vector<Told>& file) const {
  DeliveryAudit ignored;
  int repeated_here = 0;
  int repeated = 0;
  const std::vector<Told> events = told_by(upstream_.events_path(), ignored);
  EXPECT_TRUE(marks_of(events, repeated) == marks_of(file, repeated_here));
  EXPECT_EQ(repeated_here, 0);
  std::printf("upstream: %zu events, %d repeated\n", events.size(), repeated);
}

TEST_F(ReceiverOutage, NothingIsMissingAnywhereAndOrderIsKept) {
  outage(
      "syslog", "tls",
      [&] {
        syslog_.kill();
        restart_killed();
      },
      [&] { ASSERT_TRUE(syslog_.start()); });
  outage(
      "upstream", "file",
      [&] {
        upstream_.kill();
        restart_killed();
      },
      [&] { ASSERT_TRUE(upstream_.start()) << upstream_.log(); });
  outage(
      "tls", "syslog", [&] { tls_.kill(); },
      [&] {
        restart_killed();
        ASSERT_TRUE(tls_.start());
      });
  if (HasFatalFailure()) return;
  ASSERT_TRUE(gateway_.wait_until_settled(kPatience)) << gateway_.status() << gateway_.log();
  ASSERT_TRUE(upstream_.wait_until_settled(kPatience)) << upstream_.status();

  DeliveryAudit audit;
  const std::vector<Told> file = told_by(gateway_.events_path(), audit);
  expect_whole("file", audit);
  EXPECT_EQ(audit.repeated(), 0U);
  expect_read(syslog_, audit);
  expect_read(tls_, audit);
  expect_upstream(file);
  EXPECT_EQ(gateway_.stop(), 0) << gateway_.log();
}

TEST_F(ReceiverOutage, AnAlertmanagerEndsUpWithWhatIsRaised) {
  send_of_units(sender_, kUnitDown, 1, 100);
  wait_for_units(100);
  ASSERT_TRUE(wait_until([&] { return firing().size() == 100U; }));
  start_load();
  alertmanager_.kill();
  const std::int64_t before = figure("file", "delivered");
  send_of_units(sender_, kUnitUp, 1, 60);
  send_of_units(sender_, kUnitDown, 101, 120);
  wait_for_units(180);
  restart_killed();
  ASSERT_TRUE(wait_until(
      [&] { return figure("file", "delivered") >= before + 2 * kPerSec * outage_secs(); },
      kPatience));
  send_of_units(sender_, kUnitDown, 1, 10);
  wait_for_units(190);
  ASSERT_TRUE(alertmanager_.start("5m")) << alertmanager_.log();
  ASSERT_NO_FATAL_FAILURE(finish_load());
  ASSERT_TRUE(gateway_.wait_until_settled(kPatience)) << gateway_.status() << gateway_.log();

  std::set<std::string> raised;
  for (int unit = 1; unit <= 120; ++unit) {
    if (unit <= 10 || unit > 60) raised.insert("unit/" + std::to_string(unit));
  }
  ASSERT_TRUE(wait_until([&] { return firing() == raised; })) << alertmanager_.alerts();
  EXPECT_EQ(figure("alerts", "delivered"), 190);
}

}  // namespace
}  // namespace trapline::integration
