// What a Kafka sink is told, and what of librdkafka's own settings it may be told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace trapline::sinks {

// Events with the producer at most.
inline constexpr std::uint32_t kKafkaWindow = 16'384;

enum class KafkaFormat : std::uint8_t { json, cloudevents };
// What decides over an event's partition: events of one key keep their order.
enum class KafkaKey : std::uint8_t { agent, event_key };

// As configured under `sinks` with type `kafka`. Move-only, because of the secrets.
struct KafkaSinkOptions {
  std::string topic;
  KafkaFormat format = KafkaFormat::json;
  KafkaKey key = KafkaKey::agent;
  // librdkafka's names and values, `bootstrap.servers` among them; of equal names the last counts.
  std::vector<std::pair<std::string, base::Secret>> settings;
  // With events at the producer and no report for so long, the destination fails.
  std::chrono::milliseconds timeout{30'000};
};

// Why a property of librdkafka cannot be set to this: unknown, refused, or a value that it does not
// take; nothing when it can. The words never hold the value. Any thread.
[[nodiscard]] std::optional<std::string> kafka_setting_problem(const std::string& name,
                                                               std::string_view value);

// Asks the brokers for the topic. What failed, or nothing. Blocks for `at_most`.
[[nodiscard]] std::optional<std::string> probe_kafka(const KafkaSinkOptions& options,
                                                     std::chrono::milliseconds at_most);

}  // namespace trapline::sinks
