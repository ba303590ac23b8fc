// Texts that have broken somebody's pipeline before, from the wire to every file and webhook at
// once: each destination's own rules accept what it gets, and no line of a file is split.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/collector.h"
#include "tests/integration/datagram_sender.h"
#include "tests/integration/running_gateway.h"
#include "tests/support/wire.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::read_file;
using test_support::ScratchDirectory;

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = {
      "",
      "<!channel> <http://evil.example|click> & *bold* `code` {{ summary }}",
      "line\r\nX-Injected: yes\r\n\r\n{\"a\":1}",
      R"("},{"evil":"\u0000)",
      std::string(60'000, 'A'),
      std::string(60'000, '<'),
      std::string(60'000, '"'),
      std::string(60'000, '\x01'),
      "\xff\xfe\xc3\x28\xf0\x9f\x98",
      "\xe2\x80\xae"
      "gnp.exe \xe2\x80\xa8 \x1b[31m \x9b \xc2\x85",
      std::string("a\0b", 3)};
  return texts;
}

constexpr const char* kRules = R"(
rules:
  - name: everything
    set:
      severity: major
      key: '{{ vars.ifIndex }}/{{ vars.ifDescr | default("") | truncate(300) }}'
      summary: '{{ vars.ifDescr | default("") }}'
      tags: { "a-tag": '{{ vars.ifDescr | default("") | truncate(900) }}' }
    state: raise
)";

class HostileText : public ::testing::Test {
 protected:
  [[nodiscard]] std::string webhook(const std::string& name, const std::string& more) const {
    return "  " + name + ": { type: webhook, url: \"" + collector_.url() + "/" + name +
           "\", tls: { ca: " + collector_.ca_path() +
           " }, rate_limit: { per_sec: 10000, burst: 100 }, " + more + " }\n";
  }
  [[nodiscard]] std::string file(const std::string& format) const {
    return "  " + format + "-file: { type: file, fsync_ms: 50, format: " + format +
           ", path: " + scratch_ / (format + ".log") + " }\n";
  }
  void SetUp() override {
    ASSERT_TRUE(collector_.start());
    std::string sinks = file("json") + file("text") + file("snmptrapd");
    for (const std::string format : {"json", "cloudevents", "slack", "teams", "otlp"}) {
      sinks += webhook(format, "format: " + format);
    }
    sinks += webhook("pagerduty", "format: pagerduty, routing_key: R0");
    sinks += webhook("alertmanager", "format: alertmanager");
    sinks += webhook("template",
                     R"(template: '{"it":"{{ summary | truncate(1000) | json }}"}', method: PUT)");
    sinks += webhook("careless", R"(template: '{"it":"{{ vars.ifDescr }}"}')");
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "node: gw-1\ndata_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\ncommunities: [ { name: default, community: public } ]\nsinks:\n" + sinks + kRules);
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  // One trap of each text, and of as many harmless ones.
  void send_all() {
    using namespace test_support;  // NOLINT(google-build-using-namespace)
    int number = 0;
    for (const bool harmless : {true, false}) {
      for (const std::string& text : hostile_texts()) {
        ++number;
        ASSERT_TRUE(sender_.send(
            message(1, pdu_v2(0xa7, number,
                              {uptime_varbind(), trap_oid_varbind("1.3.6.1.6.3.1.1.5.3"),
                               varbind("1.3.6.1.2.1.2.2.1.1.1", integer(number)),
                               varbind("1.3.6.1.2.1.2.2.1.2.1",
                                       octet_string(harmless ? "harmless" : text))}))));
      }
      ASSERT_TRUE(gateway_.wait_until_settled(1min)) << gateway_.status() << gateway_.log();
      if (harmless) before_ = lines();
    }
  }
  // How many lines each file has.
  std::vector<std::ptrdiff_t> lines() {
    std::vector<std::ptrdiff_t> counts;
    for (const std::string format : {"json", "text", "snmptrapd"}) {
      counts.push_back(std::ranges::count(read_file(scratch_ / (format + ".log")), '\n'));
    }
    return counts;
  }

  ScratchDirectory scratch_;
  Collector collector_;
  RunningGateway gateway_{scratch_.path()};
  DatagramSender sender_{gateway_.port()};
  std::vector<std::ptrdiff_t> before_;
};

TEST_F(HostileText, ReachesEveryDestinationAsData) {
  send_all();
  const auto events = 2 * hostile_texts().size();
  const json status = gateway_.status();
  for (const json& sink : status["sinks"]) {
    if (sink["name"] == "careless") {
      EXPECT_GT(sink["dead_lettered"], 0) << "what is no JSON is not sent";
      EXPECT_EQ(sink["dead_lettered"].get<std::size_t>() + sink["delivered"].get<std::size_t>(),
                events);
    } else {
      EXPECT_EQ(sink["delivered"], events) << sink;
      EXPECT_EQ(sink["dead_lettered"], 0) << sink;
    }
  }
  const auto after = lines();
  ASSERT_EQ(after.size(), before_.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i], 2 * before_[i]) << i;
  for (const std::string path :
       {"json", "cloudevents", "slack", "pagerduty", "teams", "template", "otlp"}) {
    EXPECT_EQ(collector_.bodies("/" + path).size(), events) << path;
  }
  std::set<std::string> alerts;
  for (const json& told : collector_.bodies("/alertmanager/api/v2/alerts")) {
    for (const json& alert : told) alerts.insert(alert["labels"].dump());
  }
  EXPECT_EQ(alerts.size(), events) << "told again or not, each by its own labels";
}

}  // namespace
}  // namespace trapline::integration
