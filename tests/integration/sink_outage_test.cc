// Each destination goes away under load and comes back, the gateway is killed meanwhile, and every
// acknowledged inform arrives everywhere, in order. TRAPLINE_OUTAGE_SECS=60 makes it long.

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/collector.h"
#include "tests/integration/delivery_audit.h"
#include "tests/integration/kafka_broker.h"
#include "tests/integration/running_gateway.h"
#include "tests/integration/small_file_system.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::trapline_binary;
using test_support::wait_until;
using ::testing::IsEmpty;

constexpr int kPerSec = 500;  // of each of two agents
constexpr auto kPatience = 10min;

int outage_secs() {
  const char* const wanted = std::getenv("TRAPLINE_OUTAGE_SECS");
  return wanted != nullptr ? std::atoi(wanted) : 1;
}

class SinkOutage : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.mounted()) << "this test needs to be root and to have loop devices";
    ASSERT_TRUE(broker_.start()) << broker_.log();
    ASSERT_TRUE(collector_.start());
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "node: gw-1\ndata_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\n  - udp: \"" + gateway_.v6() +
            "\"\ncommunities: [ { name: default, community: public } ]\n"
            "sinks:\n  file: { type: file, fsync_ms: 100, path: " +
            events_path() + " }\n  kafka: { type: kafka, topic: traps, brokers: [\"" +
            broker_.address() +
            "\"], properties: { reconnect.backoff.max.ms: \"500\" } }\n"
            "  http: { type: webhook, batch: { events: 50 }, tls: { ca: " +
            collector_.ca_path() + " }, url: \"" + collector_.url() + "/json\" }\n");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  [[nodiscard]] std::string events_path() const { return disk_.path() + "/events.jsonl"; }

  // Informs of two agents, half as long again as the outage; each is sent until it is answered.
  void start_load() {
    for (const std::string& target : {gateway_.v4(), gateway_.v6()}) {
      acked_.push_back(scratch_ / ("acked-" + std::to_string(acked_.size())));
      loads_.push_back(std::make_unique<Process>(std::vector<std::string>{
          trapline_binary(), "bench", "--json", "--target", target, "--kind", "inform", "--rate",
          std::to_string(kPerSec), "--count", std::to_string(kPerSec * (outage_secs() * 3 / 2 + 1)),
          "--window", "2000", "--timeout-ms", "250", "--retries", "400", "--acked",
          acked_.back()}));
    }
  }
  void finish_load() {
    for (const auto& load : loads_) {
      ASSERT_EQ(load->wait(kPatience), 0) << load->err();
      EXPECT_EQ(json::parse(load->out())["unanswered"], 0) << load->out();
    }
    loads_.clear();
  }
  [[nodiscard]] std::int64_t figure(const std::string& sink, const char* name) const {
    const json status = gateway_.status();
    if (!status.is_object()) return -1;
    for (const json& each : status["sinks"]) {
      if (each["name"] == sink) return each[name];
    }
    return -1;
  }
  // Takes a destination away once it is being delivered to, until it misses what the load sends in
  // the time of an outage; the others go on.
  void outage(const std::string& sink, const std::string& other, const std::function<void()>& away,
              const std::function<void()>& back) {
    const std::int64_t before = figure(sink, "delivered");
    start_load();
    ASSERT_TRUE(wait_until([&] { return figure(sink, "delivered") > before; })) << sink;
    away();
    const std::int64_t elsewhere = figure(other, "delivered");
    const auto is_long_enough = [&] {
      return figure(sink, "pending") >= 2 * kPerSec * outage_secs() &&
             figure(other, "delivered") > elsewhere;
    };
    ASSERT_TRUE(wait_until(is_long_enough, kPatience)) << sink << gateway_.status();
    back();
    ASSERT_NO_FATAL_FAILURE(finish_load());
  }
  void restart_killed() {
    gateway_.kill();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  void expect_whole(const std::string& name, const DeliveryAudit& audit) const {
    EXPECT_THAT(audit.mistakes(), IsEmpty()) << name;
    for (const std::string& acked : acked_) EXPECT_EQ(audit.missing_of(acked), 0U) << name;
    std::printf("%s: %zu events, %llu repeated\n", name.c_str(), audit.ids().size(),
                static_cast<unsigned long long>(audit.repeated()));
  }

  ScratchDirectory scratch_;
  SmallFileSystem disk_{scratch_, 64 + 16 * outage_secs()};
  KafkaBroker broker_;
  Collector collector_;
  RunningGateway gateway_{scratch_.path()};
  std::vector<std::unique_ptr<Process>> loads_;
  std::vector<std::string> acked_;
};

TEST_F(SinkOutage, NothingIsMissingAnywhereAndOrderIsKept) {
  outage(
      "kafka", "http",
      [&] {
        broker_.kill();
        restart_killed();
      },
      [&] { ASSERT_TRUE(broker_.start()) << broker_.log(); });
  outage(
      "http", "kafka", [&] { collector_.kill(); },
      [&] {
        restart_killed();
        ASSERT_TRUE(collector_.start());
      });
  outage(
      "file", "http", [&] { disk_.fill(); }, [&] { disk_.make_room(); });
  if (HasFatalFailure()) return;
  ASSERT_TRUE(gateway_.wait_until_settled(kPatience)) << gateway_.status() << gateway_.log();

  DeliveryAudit file, kafka, http;
  file.take_file(events_path());
  for (const KafkaMessage& message : broker_.consume("traps")) {
    kafka.take(json::parse(message.value, nullptr, false));
  }
  for (const json& batch : collector_.bodies("/json")) {
    for (const json& event : batch.is_array() ? batch : json::array({batch})) http.take(event);
  }
  expect_whole("file", file);
  expect_whole("kafka", kafka);
  expect_whole("http", http);
  EXPECT_EQ(file.repeated(), 0U);
  EXPECT_EQ(kafka.ids(), file.ids());
  EXPECT_EQ(http.ids(), file.ids());
  EXPECT_EQ(gateway_.stop(), 0) << gateway_.log();
}

}  // namespace
}  // namespace trapline::integration
