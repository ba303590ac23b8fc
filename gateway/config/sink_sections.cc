#include "gateway/config/sink_sections.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "gateway/config/delivery_section.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/kafka_section.h"
#include "gateway/config/nearest_name.h"
#include "gateway/config/snmp_section.h"
#include "gateway/config/syslog_section.h"
#include "gateway/config/webhook_section.h"

namespace trapline::gateway {
namespace {

constexpr IntegerRange kFsyncMs{1, 60'000};
constexpr IntegerRange kRotateBytes{1'024, 1024 * 1024 * kGibibyte};
constexpr IntegerRange kRotateKeep{0, 100'000};  // 0: all

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

constexpr std::array kFormats = {Choice<FileFormat>{"json", FileFormat::json},
                                 Choice<FileFormat>{"text", FileFormat::text},
                                 Choice<FileFormat>{"snmptrapd", FileFormat::snmptrapd}};
constexpr std::array kEvery = {Choice<RotateEvery>{"never", RotateEvery::never},
                               Choice<RotateEvery>{"hour", RotateEvery::hour},
                               Choice<RotateEvery>{"day", RotateEvery::day}};
constexpr std::array kCompressions = {Choice<Compression>{"none", Compression::none},
                                      Choice<Compression>{"zstd", Compression::zstd}};
constexpr std::array<std::string_view, 5> kTypes = {"file", "kafka", "snmp", "syslog", "webhook"};

bool is_sink_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= kMaxConfiguredSinkNameBytes &&
         std::ranges::all_of(text, allowed);
}

void read_rotate(FieldReader& sink, ConfigProblems& problems, RotateConfig& rotate) {
  const ConfigNode* map = sink.map("rotate");
  if (map == nullptr) return;
  FieldReader reader(*map, sink.name_of("rotate"), problems);
  reader.read_integer("bytes", kRotateBytes, rotate.bytes);
  reader.read_choice<RotateEvery>("every", kEvery, rotate.every);
  reader.read_integer("keep", kRotateKeep, rotate.keep);
  reader.read_choice<Compression>("compress", kCompressions, rotate.compress);
  reader.finish();
}

void refuse_shared_path(const ConfigNode& map, const FileSinkConfig& sink, ConfigProblems& problems,
                        const std::vector<FileSinkConfig>& others) {
  const auto normal = [](const std::string& path) {
    return std::filesystem::path(path).lexically_normal();
  };
  const ConfigNode* path = map.find("path");
  if (path == nullptr || sink.path.empty()) return;
  for (const FileSinkConfig& other : others) {
    if (normal(other.path) != normal(sink.path)) continue;
    problems.add(path->place,
                 "sinks `" + other.name + "` and `" + sink.name + "` write to one file",
                 "give each sink its own path");
  }
}

void read_file_sink(const ConfigNode& map, FileSinkConfig& sink, ConfigProblems& problems) {
  FieldReader reader(map, "sinks." + sink.name, problems);
  (void)reader.text_node("type");
  reader.require("path", "the file to write, like /var/log/trapline/events.jsonl");
  reader.read_text("path", sink.path);
  reader.read_choice<FileFormat>("format", kFormats, sink.format);
  read_rotate(reader, problems, sink.rotate);
  reader.read_duration("fsync_ms", kFsyncMs, sink.fsync);
  read_retention(reader, sink);
  reader.refuse_unsupported({"rate_limit", "batch", "concurrency", "max_age_secs", "headers",
                             "method", "timeout_ms", "template", "signing_secret", "tls"});
  reader.finish();
}

// The sink's type when it is one that can be read here; others are noted as problems.
std::string_view sink_type(const ConfigNode& map, const std::string& name,
                           ConfigProblems& problems) {
  FieldReader reader(map, "sinks." + name, problems);
  reader.require("type", "like `type: file`");
  const ConfigNode* type = reader.text_node("type");
  if (type == nullptr) return {};
  if (std::ranges::find(kTypes, type->text) != kTypes.end()) return type->text;
  const std::string_view nearest = nearest_name(type->text, kTypes);
  problems.add(type->place,
               "`sinks." + name + ".type`: " + "there is no sink type `" + type->text + "`",
               nearest.empty() ? "`file`, `kafka`, `snmp`, `syslog` and `webhook` are"
                               : "did you mean `" + std::string(nearest) + "`?");
  return {};
}

}  // namespace

void read_sinks(const ConfigNode& sinks, ConfigProblems& problems, Config& out) {
  if (sinks.keys.size() > kMaxConfiguredSinks) {
    problems.add(sinks.place, "too many sinks", "at most " + std::to_string(kMaxConfiguredSinks));
  }
  for (std::size_t i = 0; i < sinks.keys.size(); ++i) {
    const ConfigKey& key = sinks.keys[i];
    const ConfigNode& map = sinks.items[i];
    if (!is_sink_name(key.name)) {
      problems.add(key.place, "`" + key.name + "` is not a sink name",
                   "1 to 64 of the characters A-Z a-z 0-9 _ -");
    } else if (map.kind != ConfigNode::Kind::map) {
      problems.add(map.place, "`sinks." + key.name + "` must be a map",
                   "like `" + key.name + ": { type: file, path: /var/log/events.jsonl }`");
    } else if (const std::string_view type = sink_type(map, key.name, problems); type == "file") {
      FileSinkConfig sink;
      sink.name = key.name;
      read_file_sink(map, sink, problems);
      refuse_shared_path(map, sink, problems, out.file_sinks);
      out.file_sinks.push_back(std::move(sink));
    } else if (type == "webhook") {
      WebhookSinkConfig& sink = out.webhook_sinks.emplace_back();
      sink.name = key.name;
      read_webhook_sink(map, sink, problems);
    } else if (type == "kafka") {
      KafkaSinkConfig& sink = out.kafka_sinks.emplace_back();
      sink.name = key.name;
      read_kafka_sink(map, sink, problems);
    } else if (type == "syslog") {
      SyslogSinkConfig& sink = out.syslog_sinks.emplace_back();
      sink.name = key.name;
      read_syslog_sink(map, sink, problems);
    } else if (type == "snmp") {
      SnmpSinkConfig& sink = out.snmp_sinks.emplace_back();
      sink.name = key.name;
      read_snmp_sink(map, sink, problems);
    }
  }
}

}  // namespace trapline::gateway
