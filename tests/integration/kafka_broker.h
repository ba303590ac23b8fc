// A real Kafka broker: one KRaft node on free loopback ports.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::integration {

// A record as kcat read it. Plain value.
struct KafkaMessage {
  int partition = 0;
  std::string key;
  std::string value;
  nlohmann::json headers;  // name to value
};

// Runs from the jars that `./dev test` fetches. Topics make themselves, with 6 partitions. Can be
// killed and started again on the same data. Used by one thread.
class KafkaBroker {
 public:
  static constexpr int kPartitions = 6;

  // Chooses its ports and formats its directory; nothing is started yet.
  KafkaBroker();

  // Starts it and waits until it serves. False, with its log in `log`, when it does not.
  [[nodiscard]] bool start();
  // Starts it, and waits for nothing.
  void launch();
  // Ends it by SIGKILL.
  void kill();

  // "127.0.0.1:PORT"
  [[nodiscard]] const std::string& address() const { return address_; }
  // What it said of warnings and errors so far.
  [[nodiscard]] std::string log() const;

  // Everything in a topic, by kcat; within a partition in its order. The topic must be at rest:
  // what the broker says there is decides, and kcat, which may end early, reads until it has that.
  [[nodiscard]] std::vector<KafkaMessage> consume(const std::string& topic) const;
  // What to run for the broker's own console tools: the program, then the tool's class.
  [[nodiscard]] static std::vector<std::string> java(const std::string& main_class,
                                                     std::vector<std::string> arguments);

 private:
  // The offset behind the last record, by partition; fewer of them when the broker does not answer.
  [[nodiscard]] std::map<int, std::int64_t> ends(const std::string& topic) const;

  test_support::ScratchDirectory scratch_;
  std::string address_;
  std::string properties_;
  std::string log_;
  std::unique_ptr<test_support::Process> process_;
};

}  // namespace trapline::integration
