// Kafka, a web server and a disk: each goes away under load and comes back, the gateway is killed
// meanwhile, and every acknowledged inform arrives everywhere, in order. TRAPLINE_OUTAGE_SECS=60
// makes it long.

#include <string>

#include <gtest/gtest.h>

#include "tests/integration/collector.h"
#include "tests/integration/kafka_broker.h"
#include "tests/integration/outage.h"
#include "tests/integration/small_file_system.h"

namespace trapline::integration {
namespace {

using nlohmann::json;

class SinkOutage : public OutageTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.mounted()) << "this test needs to be root and to have loop devices";
    ASSERT_TRUE(broker_.start()) << broker_.log();
    ASSERT_TRUE(collector_.start());
    start_gateway("sinks:\n  file: { type: file, fsync_ms: 100, path: " + events_path() +
                  " }\n  kafka: { type: kafka, topic: traps, brokers: [\"" + broker_.address() +
                  "\"], properties: { reconnect.backoff.max.ms: \"500\" } }\n"
                  "  http: { type: webhook, batch: { events: 50 }, tls: { ca: " +
                  collector_.ca_path() + " }, url: \"" + collector_.url() + "/json\" }\n");
  }
  [[nodiscard]] std::string events_path() const { return disk_.path() + "/events.jsonl"; }

  SmallFileSystem disk_{scratch_, 64 + 16 * outage_secs()};
  KafkaBroker broker_;
  Collector collector_;
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
