#include "gateway/configured_sink.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "gateway/config/body_template.h"
#include "gateway/config/config_check.h"
#include "gateway/file_sink_options.h"
#include "sinks/file_sink.h"
#include "sinks/kafka_sink.h"
#include "sinks/net/sender.h"
#include "sinks/net/udp_link.h"
#include "sinks/snmp_sink.h"
#include "sinks/syslog_sink.h"
#include "sinks/webhook_sink.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

// Events at most at a sink that answers each; a cursor can say 1,024 exceptions.
constexpr std::uint32_t kMaxLaneWindow = 1'000;
constexpr std::uint32_t kSnmpWindowPerLane = 8;
constexpr auto kProbeKafka = 5s;  // for a broker to answer
constexpr auto kProbeLook = 5ms;

// What the sections of all types say in the same words.
template <class Section>
class OfSection : public ConfiguredSink {
 public:
  explicit OfSection(const Section& config) : config_(config) {}
  [[nodiscard]] std::string_view name() const override { return config_.name; }
  [[nodiscard]] bool required() const override { return config_.required; }
  [[nodiscard]] bool start_oldest() const override { return config_.start_oldest; }

 protected:
  [[nodiscard]] LanedDrive drive_in(unsigned lanes, std::uint32_t window_events) const {
    return {std::min(window_events, kMaxLaneWindow),
            {lanes, config_.per_sec, config_.burst, config_.max_age}};
  }

  const Section& config_;
};

// Why a connection cannot be made; nothing when it was, with the TLS handshake.
std::optional<std::string> unreachable(const sinks::SenderTarget& target) {
  std::string problem;
  if (sinks::make_sender(target)->open(problem)) return std::nullopt;
  return "cannot be reached: " + problem;
}

// Why a receiver that was reached does not tell what it has read; nothing when it does.
std::optional<std::string> unconfirmed(const sinks::SyslogSinkOptions& options,
                                       sinks::Sender& sender) {
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  std::string problem;
  while (sender.finish(problem)) {
    const auto standing = sender.look(problem);
    if (!standing) return problem + "; if it ends like that each time, set `confirm_ms: 0`";
    if (standing->finished) return std::nullopt;
    if (std::chrono::steady_clock::now() >= deadline) {
      return options.target.to_string() + ": has not closed its side " +
             std::to_string(options.timeout.count()) +
             " ms after it was told that nothing more comes; if it never does, set `confirm_ms: 0`";
    }
    std::this_thread::sleep_for(kProbeLook);
  }
  return problem;
}

class ConfiguredFile final : public OfSection<FileSinkConfig> {
 public:
  using OfSection::OfSection;
  [[nodiscard]] bool wants_json() const override { return config_.format == FileFormat::json; }
  [[nodiscard]] std::optional<LanedDrive> drive() const override { return std::nullopt; }
  [[nodiscard]] std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const override {
    return std::make_unique<sinks::FileSink>(file_sink_options(config_), parts.files, parts.clock,
                                             parts.mibs, parts.json);
  }
  [[nodiscard]] std::optional<std::string> probe() const override {
    const std::string& path = config_.path;
    std::error_code error;
    const bool exists = std::filesystem::exists(path, error);
    if (exists &&
        (std::filesystem::is_directory(path, error) || ::access(path.c_str(), W_OK) != 0)) {
      return "cannot write " + path + ": change its owner or mode, or set another path";
    }
    const std::string why = why_not_writable(std::filesystem::path(path).parent_path());
    if (why.empty()) return std::nullopt;
    return "cannot write " + path + ": " + why +
           "; make the directory writable, or set another path";
  }
};

class ConfiguredWebhook final : public OfSection<WebhookSinkConfig> {
 public:
  using OfSection::OfSection;
  [[nodiscard]] bool wants_json() const override {
    if (config_.body) return false;
    return config_.options.format == sinks::WebhookFormat::json ||
           config_.options.format == sinks::WebhookFormat::cloudevents;
  }
  [[nodiscard]] std::optional<LanedDrive> drive() const override {
    const sinks::WebhookSinkOptions& options = config_.options;
    return drive_in(options.lanes, 2 * options.lanes * options.batch.events);
  }
  [[nodiscard]] std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const override {
    const sinks::HttpTarget& target = config_.options.target;
    std::unique_ptr<sinks::BodyTemplate> body;
    if (config_.body) {
      // Checked when the configuration was loaded.
      rules::SpecProblems problems;
      auto compiled = compile_body(*config_.body, parts.enrichments, parts.mibs, problems);
      if (compiled) body = make_body_template(std::move(*compiled), parts.mibs);
    }
    return std::make_unique<sinks::WebhookSink>(
        config_.options, [&target] { return sinks::make_http_connection(target); }, parts.clock,
        parts.mibs, parts.json, sinks::RaisedSource{parts.board, config_.name}, std::move(body));
  }
  // A connection and its TLS handshake, without a request: a hook would take that for an event.
  [[nodiscard]] std::optional<std::string> probe() const override {
    const auto target = sinks::sender_target_of(config_.options.target);
    if (!target) return "cannot be reached: its `url` names no host";
    return unreachable(*target);
  }
};

class ConfiguredKafka final : public OfSection<KafkaSinkConfig> {
 public:
  using OfSection::OfSection;
  [[nodiscard]] bool wants_json() const override { return true; }
  // Brokers answer by the batch, and those of other partitions before: far more under way than a
  // cursor can name, so after a crash more comes twice.
  [[nodiscard]] std::optional<LanedDrive> drive() const override {
    LanedDrive drive = drive_in(1, kMaxLaneWindow);
    drive.window_events = drive.lanes.reach = sinks::kKafkaWindow;
    return drive;
  }
  [[nodiscard]] std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const override {
    return std::make_unique<sinks::KafkaSink>(config_.options, parts.clock, parts.mibs, parts.json);
  }
  [[nodiscard]] std::optional<std::string> probe() const override {
    auto why = sinks::probe_kafka(config_.options, kProbeKafka);
    if (why) why->insert(0, "reaches no topic: ");
    return why;
  }
};

class ConfiguredSyslog final : public OfSection<SyslogSinkConfig> {
 public:
  using OfSection::OfSection;
  [[nodiscard]] bool wants_json() const override {
    return config_.options.format == sinks::SyslogFormat::json;
  }
  [[nodiscard]] std::optional<LanedDrive> drive() const override {
    return drive_in(1, sinks::kSyslogWindow);
  }
  [[nodiscard]] std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const override {
    return std::make_unique<sinks::SyslogSink>(config_.options,
                                               sinks::make_sender(config_.options.target),
                                               parts.clock, parts.mibs, parts.json);
  }
  // Of UDP, all that can be told is whether the name is known; of the others, with `confirm_ms`,
  // also whether they close their side when nothing more comes.
  [[nodiscard]] std::optional<std::string> probe() const override {
    const sinks::SyslogSinkOptions& options = config_.options;
    const auto sender = sinks::make_sender(options.target);
    std::string problem;
    if (!sender->open(problem)) return "cannot be reached: " + problem;
    if (options.confirm == 0ms || options.target.transport == sinks::Transport::udp) {
      return std::nullopt;
    }
    auto why = unconfirmed(options, *sender);
    if (why) why->insert(0, "cannot tell what was read: ");
    return why;
  }
};

class ConfiguredSnmp final : public OfSection<SnmpSinkConfig> {
 public:
  using OfSection::OfSection;
  [[nodiscard]] bool wants_json() const override { return false; }
  [[nodiscard]] std::optional<LanedDrive> drive() const override {
    if (config_.options.pdu == protocol::PduKind::trap) return drive_in(1, kMaxLaneWindow);
    return drive_in(config_.options.lanes, kSnmpWindowPerLane * config_.options.lanes);
  }
  [[nodiscard]] std::unique_ptr<sinks::Sink> make(const SinkParts& parts) const override {
    const sinks::SnmpSinkOptions& options = config_.options;
    return std::make_unique<sinks::SnmpSink>(
        options, config_.name, sinks::make_udp_link(options.host, options.port, parts.clock),
        sinks::SnmpSinkParts{parts.clock, parts.random, parts.log, *parts.guard, parts.seed,
                             parts.identity});
  }
  [[nodiscard]] std::optional<std::string> probe() const override {
    return sinks::probe_snmp(config_.options);
  }
};

template <class Kind, class Section>
void add(const std::vector<Section>& sections, ConfiguredSinks& out) {
  for (const Section& section : sections) out.push_back(std::make_unique<Kind>(section));
}

}  // namespace

ConfiguredSinks configured_sinks(const Config& config) {
  ConfiguredSinks sinks;
  add<ConfiguredFile>(config.file_sinks, sinks);
  add<ConfiguredWebhook>(config.webhook_sinks, sinks);
  add<ConfiguredKafka>(config.kafka_sinks, sinks);
  add<ConfiguredSyslog>(config.syslog_sinks, sinks);
  add<ConfiguredSnmp>(config.snmp_sinks, sinks);
  return sinks;
}

}  // namespace trapline::gateway
