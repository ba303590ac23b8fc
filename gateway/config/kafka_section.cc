#include "gateway/config/kafka_section.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/config/delivery_section.h"
#include "gateway/config/field_reader.h"

namespace trapline::gateway {
namespace {

using sinks::KafkaFormat;
using sinks::KafkaKey;

constexpr IntegerRange kTimeoutMs{1'000, 600'000};
constexpr IntegerRange kLingerMs{0, 60'000};
constexpr IntegerRange kMessageBytes{1'024, 64 * kMebibyte};
constexpr std::size_t kMaxBrokers = 64;
constexpr std::size_t kMaxProperties = 128;
constexpr std::size_t kMaxSecretBytes = 65'536;
constexpr std::size_t kMaxTopicBytes = 249;

enum class Security : std::uint8_t { plaintext, ssl, sasl_plaintext, sasl_ssl };

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

constexpr std::array kFormats = {Choice<KafkaFormat>{"json", KafkaFormat::json},
                                 Choice<KafkaFormat>{"cloudevents", KafkaFormat::cloudevents}};
constexpr std::array kKeys = {Choice<KafkaKey>{"agent", KafkaKey::agent},
                              Choice<KafkaKey>{"key", KafkaKey::event_key}};
constexpr std::array<std::string_view, 5> kCompressionNames = {"none", "lz4", "zstd", "gzip",
                                                               "snappy"};
constexpr std::array<std::string_view, 4> kSecurityNames = {"plaintext", "ssl", "sasl_plaintext",
                                                            "sasl_ssl"};

// Indices as choices, so that the names can be handed on as they are.
template <std::size_t N>
std::array<Choice<std::size_t>, N> indexed(const std::array<std::string_view, N>& names) {
  std::array<Choice<std::size_t>, N> choices;
  for (std::size_t i = 0; i < N; ++i) choices[i] = {names[i], i};
  return choices;
}

// The settings of librdkafka that a sink's keys stand for.
class Settings {
 public:
  explicit Settings(sinks::KafkaSinkOptions& options) : options_(options) {}

  void add(std::string name, std::string_view value) {
    options_.settings.emplace_back(std::move(name), base::Secret(value));
  }
  // A text that is no secret, when it was given.
  void read(FieldReader& reader, std::string_view key, const char* name) {
    std::string text;
    reader.read_text(key, text);
    if (!text.empty()) add(name, text);
  }
  void read_secret(FieldReader& reader, std::string_view key, const char* name) {
    base::Secret secret;
    reader.read_secret(key, secret, kMaxSecretBytes);
    if (!secret.reveal().empty()) options_.settings.emplace_back(name, std::move(secret));
  }
  template <std::size_t N>
  void read_choice(FieldReader& reader, std::string_view key, const char* name,
                   const std::array<std::string_view, N>& names) {
    std::size_t index = N;
    reader.read_choice<std::size_t>(key, indexed(names), index);
    if (index < N) add(name, names[index]);
  }
  void read_number(FieldReader& reader, std::string_view key, IntegerRange range,
                   const char* name) {
    constexpr std::uint64_t kUnset = UINT64_MAX;
    std::uint64_t value = kUnset;
    reader.read_integer(key, range, value);
    if (value != kUnset) add(name, std::to_string(value));
  }

 private:
  sinks::KafkaSinkOptions& options_;
};

bool is_topic(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTopicBytes && name != "." && name != ".." &&
         std::ranges::all_of(name, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '.' || c == '_' || c == '-';
         });
}

void read_brokers(FieldReader& reader, ConfigProblems& problems, Settings& settings) {
  reader.require("brokers", "like `[kafka-1.example.net:9092]`");
  const ConfigNode* list = reader.list("brokers");
  if (list == nullptr) return;
  if (list->items.empty() || list->items.size() > kMaxBrokers) {
    problems.add(list->place, "`" + reader.name_of("brokers") + "` must name 1 to 64 brokers", "");
    return;
  }
  std::string joined;
  for (const ConfigNode& item : list->items) {
    std::string text;
    if (item.kind != ConfigNode::Kind::text ||
        !resolve_text(item, reader.name_of("brokers"), problems, text) || text.empty() ||
        text.find_first_of(" ,\t\r\n/") != std::string::npos) {
      problems.add(item.place, "`" + reader.name_of("brokers") + "`: this is no broker",
                   "HOST or HOST:PORT");
      continue;
    }
    joined += (joined.empty() ? "" : ",") + text;
  }
  settings.add("bootstrap.servers", joined);
}

void read_topic(FieldReader& reader, const ConfigNode& map, KafkaSinkConfig& sink,
                ConfigProblems& problems) {
  reader.require("topic", "the topic to write to");
  reader.read_text("topic", sink.options.topic);
  if (!sink.options.topic.empty() && !is_topic(sink.options.topic)) {
    problems.add(map.find("topic")->place, "`" + reader.name_of("topic") + "` is no topic",
                 "1 to 249 of the characters A-Z a-z 0-9 . _ -");
  }
}

void read_security(FieldReader& sink, const ConfigNode& map, ConfigProblems& problems,
                   Settings& settings) {
  std::size_t chosen = 0;
  sink.read_choice<std::size_t>("security_protocol", indexed(kSecurityNames), chosen);
  settings.add("security.protocol", kSecurityNames[chosen]);
  const auto security = static_cast<Security>(chosen);
  const bool with_sasl = security == Security::sasl_plaintext || security == Security::sasl_ssl;
  const bool with_tls = security == Security::ssl || security == Security::sasl_ssl;
  const ConfigNode* sasl = sink.map("sasl");
  if (sasl != nullptr) {
    FieldReader reader(*sasl, sink.name_of("sasl"), problems);
    reader.require("mechanism", "like SCRAM-SHA-512");
    settings.read(reader, "mechanism", "sasl.mechanism");
    settings.read(reader, "username", "sasl.username");
    settings.read_secret(reader, "password", "sasl.password");
    reader.finish();
  }
  const ConfigNode* tls = sink.map("tls");
  if (tls != nullptr) {
    FieldReader reader(*tls, sink.name_of("tls"), problems);
    settings.read(reader, "ca", "ssl.ca.location");
    settings.read(reader, "cert", "ssl.certificate.location");
    settings.read(reader, "key", "ssl.key.location");
    settings.read_secret(reader, "key_password", "ssl.key.password");
    reader.finish();
  }
  if ((sasl != nullptr) != with_sasl) {
    problems.add(map.place,
                 "`" + sink.name_of("sasl") + "` and `security_protocol: " +
                     std::string(kSecurityNames[chosen]) + "` do not go together",
                 "sasl_plaintext and sasl_ssl have it, and need it");
  }
  if (tls != nullptr && !with_tls) {
    problems.add(map.place,
                 "`" + sink.name_of("tls") + "` and `security_protocol: " +
                     std::string(kSecurityNames[chosen]) + "` do not go together",
                 "ssl and sasl_ssl use it");
  }
}

// Last, so that they win over what the other keys stand for.
void read_properties(FieldReader& sink, ConfigProblems& problems, KafkaSinkConfig& out) {
  const ConfigNode* map = sink.map("properties");
  if (map == nullptr) return;
  if (map->keys.size() > kMaxProperties) {
    problems.add(map->place, "too many `properties`", "at most " + std::to_string(kMaxProperties));
    return;
  }
  FieldReader reader(*map, sink.name_of("properties"), problems);
  for (const ConfigKey& key : map->keys) {
    base::Secret value;
    reader.read_secret(key.name, value, kMaxSecretBytes);
    if (value.reveal().empty()) continue;
    const auto problem = sinks::kafka_setting_problem(key.name, base::as_text(value.reveal()));
    if (problem) problems.add(key.place, "`" + reader.name_of(key.name) + "`: " + *problem, "");
    out.options.settings.emplace_back(key.name, std::move(value));
  }
  reader.finish();
}

}  // namespace

void read_kafka_sink(const ConfigNode& map, KafkaSinkConfig& sink, ConfigProblems& problems) {
  FieldReader reader(map, "sinks." + sink.name, problems);
  Settings settings(sink.options);
  (void)reader.text_node("type");
  read_brokers(reader, problems, settings);
  read_topic(reader, map, sink, problems);
  reader.read_choice<KafkaFormat>("format", kFormats, sink.options.format);
  reader.read_choice<KafkaKey>("key", kKeys, sink.options.key);
  settings.read_choice(reader, "compression", "compression.codec", kCompressionNames);
  settings.read_number(reader, "linger_ms", kLingerMs, "linger.ms");
  settings.read_number(reader, "max_message_bytes", kMessageBytes, "message.max.bytes");
  read_security(reader, map, problems, settings);
  reader.read_duration("timeout_ms", kTimeoutMs, sink.options.timeout);
  read_properties(reader, problems, sink);
  read_delivery(reader, problems, sink);
  reader.finish();
}

}  // namespace trapline::gateway
