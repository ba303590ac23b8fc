// The Kafka sink and a real broker: what net-snmp's snmptrap sent, read by kcat and by the broker's
// own console consumer, in the partitions that Java's producer chooses.

#include "tests/integration/kafka_broker.h"

#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/delivery_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::run_program;
using test_support::ScratchDirectory;
using ::testing::IsEmpty;

constexpr int kAgents = 20;
constexpr int kLoad = 4'000;
constexpr int kEvents = kAgents + kLoad;
using Partitions = std::map<std::string, std::set<int>>;  // by key

class KafkaTopic : public ::testing::Test {
 protected:
  void SetUp() override {
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "node: gw-1\ndata_dir: " + gateway_.data_dir() +
                             "\nlisteners:\n  - udp: " + gateway_.v4() +
                             "\nsources: { trusted_relays: [127.0.0.1/32] }\n"
                             "communities: [ { name: default, community: public } ]\n"
                             "sinks:\n  kafka: { type: kafka, topic: traps, brokers: [\"" +
                             broker_.address() + "\"] }\n");
    ASSERT_TRUE(broker_.start()) << broker_.log();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }

  // One v1 trap of each agent, as a relay hands it on.
  void send_of_each_agent() {
    for (int agent = 1; agent <= kAgents; ++agent) {
      const Finished sent = run_program(
          {"snmptrap", "-m", "", "-v1", "-c", "public", gateway_.v4(), "1.3.6.1.4.1.9.1.1",
           agent_of(agent), "2", "0", "4711", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"},
          {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + scratch_.path()});
      ASSERT_EQ(sent.exit_code, 0) << sent.err;
    }
  }
  void send_load() {
    const Finished sent = trapline(
        {"bench", "--target", gateway_.v4(), "--rate", "4000", "--count", std::to_string(kLoad)});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  static std::string agent_of(int number) { return "10.20.30." + std::to_string(number); }

  // Where Java's producer puts these keys.
  Partitions as_java_chooses(const Partitions& keys);
  // What Java's consumer reads of the topic `traps`.
  Partitions as_java_reads();

  ScratchDirectory scratch_;
  KafkaBroker broker_;
  RunningGateway gateway_{scratch_.path()};
};

Partitions KafkaTopic::as_java_chooses(const Partitions& keys) {
  std::string lines;
  for (const auto& [key, partitions] : keys) lines += key + "|x\n";
  const std::string input = scratch_.write("keys", lines);
  std::vector<std::string> arguments = {"sh", "-c", "exec \"$@\" <\"$0\"", input};
  for (const std::string& each :
       KafkaBroker::java("kafka.tools.ConsoleProducer",
                         {"--bootstrap-server", broker_.address(), "--topic", "java", "--property",
                          "parse.key=true", "--property", "key.separator=|"})) {
    arguments.push_back(each);
  }
  const Finished produced = run_program(arguments);
  EXPECT_EQ(produced.exit_code, 0) << produced.err;
  Partitions chosen;
  for (const KafkaMessage& message : broker_.consume("java")) {
    chosen[message.key].insert(message.partition);
  }
  return chosen;
}

Partitions KafkaTopic::as_java_reads() {
  const Finished read = run_program(KafkaBroker::java(
      "org.apache.kafka.tools.consumer.ConsoleConsumer",
      {"--bootstrap-server", broker_.address(), "--topic", "traps", "--from-beginning",
       "--max-messages", std::to_string(kEvents), "--timeout-ms", "20000", "--property",
       "print.key=true", "--property", "print.partition=true", "--property", "print.value=false"}));
  EXPECT_EQ(read.exit_code, 0) << read.err;
  constexpr std::string_view kBefore = "Partition:";
  Partitions found;
  std::istringstream lines(read.out);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    if (!line.starts_with(kBefore) || tab == std::string::npos) continue;
    found[line.substr(tab + 1)].insert(std::stoi(line.substr(kBefore.size())));
  }
  return found;
}

TEST_F(KafkaTopic, HasEachEventOnceInThePartitionThatJavaChooses) {
  send_of_each_agent();
  send_load();
  ASSERT_TRUE(gateway_.wait_until_settled(2min)) << gateway_.status() << gateway_.log();
  EXPECT_EQ(gateway_.status()["sinks"][0]["delivered"], kEvents);

  const auto messages = broker_.consume("traps");
  ASSERT_EQ(messages.size(), static_cast<std::size_t>(kEvents));
  DeliveryAudit audit;
  Partitions partitions;
  for (const KafkaMessage& message : messages) {
    const json event = json::parse(message.value, nullptr, false);
    audit.take(event);
    ASSERT_EQ(message.headers.value("id", ""), event["id"]);
    ASSERT_EQ(message.headers.value("schema", ""), "1");
    ASSERT_EQ(message.headers.value("trap", ""), "IF-MIB::linkDown");
    ASSERT_EQ(message.headers.value("severity", ""), "info");
    ASSERT_EQ(message.key, event["agent"]["ip"]);
    partitions[message.key].insert(message.partition);
  }
  EXPECT_THAT(audit.mistakes(), IsEmpty());
  EXPECT_EQ(audit.ids().size(), static_cast<std::size_t>(kEvents));
  ASSERT_EQ(partitions.size(), static_cast<std::size_t>(kAgents + 1));
  std::set<int> used;
  for (const auto& [key, of_key] : partitions) {
    EXPECT_EQ(of_key.size(), 1U) << key;
    used.insert(of_key.begin(), of_key.end());
  }
  EXPECT_GT(used.size(), 3U) << "keys do not spread";
  EXPECT_EQ(as_java_chooses(partitions), partitions);
  EXPECT_EQ(as_java_reads(), partitions);
  EXPECT_EQ(gateway_.stop(), 0) << gateway_.log();
}

}  // namespace
}  // namespace trapline::integration
