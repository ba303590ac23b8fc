// A syslog receiver, an upstream SNMP manager and an Alertmanager: each goes away under load and
// comes back, the gateway is killed meanwhile, and they have what they are promised, in order.
// TRAPLINE_OUTAGE_SECS=60 makes it long.

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/load/load_mark.h"
#include "tests/integration/alertmanager.h"
#include "tests/integration/outage.h"
#include "tests/integration/unit_traps.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;
using ::testing::IsEmpty;

// A receiver of syslog over TCP, that of tests/peers/syslog_peer.py; what it has read stays.
class SyslogReceiver {
 public:
  [[nodiscard]] bool start() {
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"python3", "-B", TRAPLINE_PEERS "/syslog_peer.py", "tcp", port_});
    if (!wait_until([&] { return process_->out().ends_with('\n'); })) return false;
    port_ = process_->out();
    port_.pop_back();
    return true;
  }
  // Reads on until the sender has noticed.
  [[nodiscard]] bool stop() {
    process_->signal(SIGTERM);
    return wait() == 0;
  }
  void kill() {
    process_->signal(SIGKILL);
    static_cast<void>(wait());
  }
  [[nodiscard]] std::string address() const { return "tcp://127.0.0.1:" + port_; }
  // The events in what was read, ever, in order; a null for what is none.
  void each_event(const std::function<void(const json&)>& take) const {
    std::istringstream lines(earlier_ + read());
    for (std::string line; std::getline(lines, line);) {
      const json message = json::parse(line, nullptr, false);
      const std::string text = message.is_object() ? message.value("msg", "") : "";
      const json event = json::parse(text, nullptr, false);
      take(event.is_discarded() ? json() : event);
    }
  }
  // Whether this event was read, by the process that runs.
  [[nodiscard]] bool has_read(const std::string& id) const {
    return read().rfind("\"id\": \"" + id + '"') != std::string::npos;
  }
  // How many messages were read.
  [[nodiscard]] std::int64_t count() const { return std::ranges::count(earlier_ + read(), '\n'); }

 private:
  std::optional<int> wait() {
    const auto ended = process_->wait();
    earlier_ += read();
    process_.reset();
    return ended;
  }
  // Behind its port.
  [[nodiscard]] std::string read() const {
    if (!process_) return {};
    const std::string out = process_->out();
    return out.substr(out.find('\n') + 1);
  }

  std::unique_ptr<Process> process_;
  std::string port_ = "0";
  std::string earlier_;
};

// What is kept of an event: there are many.
struct Told {
  explicit Told(const json& event)
      : id(event["id"]),
        request_id(event["request_id"]),
        octets(event.dump().size()),
        mark(gateway::load::find_mark(event.dump())) {}

  std::string id;
  std::int64_t request_id;
  std::size_t octets;
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
    ASSERT_TRUE(upstream_.start()) << upstream_.log();
    ASSERT_TRUE(alertmanager_.start("5m")) << alertmanager_.log();
    start_gateway("sinks:\n  file: { type: file, fsync_ms: 100, path: " + gateway_.events_path() +
                  " }\n  syslog: { type: syslog, format: json, to: \"" + syslog_.address() +
                  "\" }\n  upstream: { type: snmp, pdu: inform, community: public, to: \"" +
                  upstream_.v4() +
                  "\" }\n  alerts: { type: webhook, format: alertmanager, url: \"" +
                  alertmanager_.url() + "\", resend_secs: 1 }\n" + kUnitRules +
                  "routes:\n  sinks: [file, syslog, upstream]\n  routes:\n"
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
  void expect_syslog(const std::vector<Told>& file, std::int64_t read_before_kill) const;
  void expect_upstream(const std::vector<Told>& file) const;

  SyslogReceiver syslog_;
  ScratchDirectory upstream_scratch_;
  RunningGateway upstream_{upstream_scratch_.path()};
  Alertmanager alertmanager_;
  DatagramSender sender_{gateway_.port()};
};

// Nothing may be missing but what the killed receiver's host had accepted and nobody had read: one
// piece, behind what was read last.
void ReceiverOutage::expect_syslog(const std::vector<Told>& file,
                                   std::int64_t read_before_kill) const {
  DeliveryAudit audit;
  std::int64_t read = 0;
  std::string last_read;
  syslog_.each_event([&](const json& event) {
    audit.take(event);
    if (++read == read_before_kill) last_read = event["id"];
  });
  EXPECT_THAT(audit.mistakes(), IsEmpty());
  print("syslog", audit);

  const auto is_missing = [&](const Told& each) { return !audit.ids().contains(each.id); };
  const auto last = std::ranges::find(file, last_read, &Told::id);
  ASSERT_NE(last, file.end());
  const auto unread = std::next(last);
  const auto unread_end = std::find_if_not(unread, file.end(), is_missing);
  EXPECT_EQ(std::ranges::count_if(file, is_missing), unread_end - unread);
  std::size_t octets = 0;
  std::for_each(unread, unread_end, [&](const Told& each) { octets += each.octets; });
  std::printf("syslog: %td events, %zu octets of JSON, died with the receiver\n",
              unread_end - unread, octets);
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

TEST_F(ReceiverOutage, NothingIsMissingThatWasPromisedAndOrderIsKept) {
  outage(
      "syslog", "file", [&] { ASSERT_TRUE(syslog_.stop()); },
      [&] {
        restart_killed();
        ASSERT_TRUE(syslog_.start());
      });
  outage(
      "upstream", "file",
      [&] {
        upstream_.kill();
        restart_killed();
      },
      [&] { ASSERT_TRUE(upstream_.start()) << upstream_.log(); });
  std::int64_t read_before_kill = 0;
  outage(
      "syslog", "upstream",
      [&] {
        syslog_.kill();
        read_before_kill = syslog_.count();
      },
      [&] { ASSERT_TRUE(syslog_.start()); });
  if (HasFatalFailure()) return;
  ASSERT_TRUE(gateway_.wait_until_settled(kPatience)) << gateway_.status() << gateway_.log();
  ASSERT_TRUE(upstream_.wait_until_settled(kPatience)) << upstream_.status();

  DeliveryAudit audit;
  const std::vector<Told> file = told_by(gateway_.events_path(), audit);
  expect_whole("file", audit);
  EXPECT_EQ(audit.repeated(), 0U);
  // Acknowledged by TCP is not yet read.
  ASSERT_TRUE(wait_until([&] { return syslog_.has_read(file.back().id); }, kPatience));
  expect_syslog(file, read_before_kill);
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
