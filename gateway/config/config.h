// The configuration as the rest of the gateway sees it: checked, defaults filled in, immutable.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/log.h"
#include "base/secret.h"
#include "gateway/config/rule_test_spec.h"
#include "gateway/poller/polled_network.h"
#include "protocol/usm/user.h"
#include "rules/rule_spec.h"
#include "sinks/kafka_options.h"
#include "sinks/snmp_options.h"
#include "sinks/syslog_options.h"
#include "sinks/webhook_options.h"

namespace trapline::gateway {

inline constexpr std::uint64_t kMebibyte = 1ULL << 20;
inline constexpr std::uint64_t kGibibyte = 1ULL << 30;

// listeners[]
struct ListenerConfig {
  std::string name;  // as configured ("0.0.0.0:162"); shown in events
  base::Endpoint udp;
  std::uint64_t receive_buffer_bytes = 64 * kMebibyte;
  unsigned shards = 1;
};

// sources.limit: a token bucket per source address.
struct SourceLimitConfig {
  std::uint32_t per_sec = 0;
  std::uint32_t burst = 0;
};

// sources
struct SourcesConfig {
  std::vector<base::IpPrefix> allow;  // empty: everyone
  std::vector<base::IpPrefix> trusted_relays;
  std::optional<SourceLimitConfig> limit;
};

// communities[]
struct CommunityConfig {
  std::string name;
  base::Secret community;
  std::vector<base::IpPrefix> from;  // empty: from anywhere
};

// limits
struct LimitsConfig {
  std::uint16_t varbinds = 256;
  std::chrono::seconds duplicate_window{150};
  std::uint32_t duplicate_entries = 1'000'000;
};

// journal
struct JournalConfig {
  std::uint64_t max_bytes = 20 * kGibibyte;
  std::chrono::seconds keep{86'400};
  std::chrono::milliseconds trap_commit{5};
  std::uint64_t ring_bytes = 64 * kMebibyte;
};

// v3
struct V3Config {
  std::vector<std::byte> engine_id;  // empty: made at first start, then kept
  protocol::usm::UserTable users;    // with their keys; passwords are not kept
};

enum class FileFormat : std::uint8_t { json, text, snmptrapd };
enum class RotateEvery : std::uint8_t { never, hour, day };
enum class Compression : std::uint8_t { none, zstd };

// sinks.NAME.rotate
struct RotateConfig {
  std::uint64_t bytes = 0;  // 0: never by size
  RotateEvery every = RotateEvery::never;
  std::uint32_t keep = 14;  // rolled files kept
  Compression compress = Compression::none;
};

// sinks.NAME: what every sink has
struct SinkConfig {
  std::string name;
  bool required = false;
  bool start_oldest = false;
};

// sinks.NAME of a destination that takes or refuses each event
struct LanedSinkConfig : SinkConfig {
  std::uint32_t per_sec = 0;  // rate_limit; 0: none
  std::uint32_t burst = 0;
  std::chrono::seconds max_age{86'400};
};

// sinks.NAME with type: file
struct FileSinkConfig : SinkConfig {
  std::string path;
  FileFormat format = FileFormat::json;
  RotateConfig rotate;
  std::chrono::milliseconds fsync{1'000};
};

// sinks.NAME with type: webhook
struct WebhookSinkConfig : LanedSinkConfig {
  sinks::WebhookSinkOptions options;
  std::optional<rules::SourceText> body;  // template
};

// sinks.NAME with type: kafka
struct KafkaSinkConfig : LanedSinkConfig {
  sinks::KafkaSinkOptions options;
};

// sinks.NAME with type: syslog
struct SyslogSinkConfig : LanedSinkConfig {
  sinks::SyslogSinkOptions options;
};

// sinks.NAME with type: snmp
struct SnmpSinkConfig : LanedSinkConfig {
  sinks::SnmpSinkOptions options;
};

// poller: how devices are asked what rules want to know. What they are asked is `rules`'.
struct PollerConfig {
  std::chrono::milliseconds timeout{600};
  unsigned retries = 1;
  std::chrono::milliseconds budget{2'000};
  std::uint32_t max_in_flight = 200;
  unsigned packets_per_sec = 0;  // 0: as many as there are
  std::vector<PolledNetwork> devices;
};

// log
struct LogConfig {
  base::LogFormat format = base::LogFormat::logfmt;
  base::LogLevel level = base::LogLevel::info;
};

// A top-level key, and what stands under it as a number.
struct SectionDigest {
  std::string name;
  std::uint64_t digest = 0;
  friend auto operator<=>(const SectionDigest&, const SectionDigest&) = default;
};

// All of it. Move-only, because of the secrets.
struct Config {
  std::string node;  // empty: host name at first start, then kept
  std::string data_dir;
  std::vector<ListenerConfig> listeners;
  SourcesConfig sources;
  std::vector<CommunityConfig> communities;
  LimitsConfig limits;
  V3Config v3;
  JournalConfig journal;
  std::vector<std::string> sink_names;  // of all kinds, in the order of the configuration
  std::vector<FileSinkConfig> file_sinks;
  std::vector<WebhookSinkConfig> webhook_sinks;
  std::vector<KafkaSinkConfig> kafka_sinks;
  std::vector<SyslogSinkConfig> syslog_sinks;
  std::vector<SnmpSinkConfig> snmp_sinks;
  PollerConfig poller;
  rules::RulesSpec rules;  // its places are of `files`
  std::vector<RuleTestSpec> tests;
  std::vector<SectionDigest> sections;  // sorted
  std::vector<std::string> files;       // the configuration's, as messages name them
  LogConfig log;
  std::chrono::seconds drain{10};
  bool terminal =
      false;  // the embedded default: also show events when standard output is a terminal
};

}  // namespace trapline::gateway
