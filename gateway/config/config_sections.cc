#include "gateway/config/config_sections.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "gateway/config/config_loader.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/poller_section.h"
#include "gateway/config/routes_section.h"
#include "gateway/config/rules_section.h"
#include "gateway/config/sink_sections.h"
#include "gateway/config/snmp_section.h"
#include "gateway/config/tables_section.h"
#include "gateway/config/tests_section.h"
#include "gateway/config/v3_section.h"
#include "protocol/decode.h"

namespace trapline::gateway {
namespace {

constexpr std::uint64_t kTebibyte = kGibibyte << 10;
constexpr IntegerRange kReceiveBufferBytes{64 << 10, kGibibyte};  // SO_RCVBUF is an int, doubled
constexpr IntegerRange kShards{1, 64};
constexpr IntegerRange kLimitPerSec{1, 1'000'000};
constexpr IntegerRange kLimitBurst{1, 100'000'000};
constexpr IntegerRange kVarbinds{1, protocol::kHighestMaxVarbinds};
constexpr IntegerRange kDuplicateWindowSecs{1, 86'400};
constexpr IntegerRange kDuplicateEntries{1'000, 100'000'000};
constexpr IntegerRange kJournalBytes{16 * kMebibyte, 1024 * kTebibyte};
constexpr IntegerRange kKeepSecs{0, 315'360'000};  // ten years
constexpr IntegerRange kTrapCommitMs{0, 1'000};
constexpr IntegerRange kRingBytes{kMebibyte, 64 * kGibibyte};
constexpr IntegerRange kDrainSecs{0, 3'600};
constexpr std::size_t kMostListeners = 64;
constexpr std::size_t kMostCommunities = 4'096;
constexpr std::size_t kMaxCommunityNameBytes = 64;
constexpr std::size_t kMaxNodeBytes = 32;  // part of every event id

bool is_name(std::string_view text, std::size_t most_bytes, std::string_view also) {
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           also.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= most_bytes && std::ranges::all_of(text, allowed);
}

void read_endpoint(const ConfigNode* node, std::string_view name, ConfigProblems& problems,
                   ListenerConfig& listener) {
  if (node == nullptr || !resolve_text(*node, name, problems, listener.name)) return;
  if (const auto endpoint = base::Endpoint::parse(listener.name); endpoint && endpoint->port != 0) {
    listener.udp = *endpoint;
    return;
  }
  problems.add(node->place, "`" + std::string(name) + "` is not an address and port",
               "like 0.0.0.0:162 or \"[::]:162\"");
}

void read_listeners(FieldReader& top, ConfigProblems& problems, Config& config) {
  const ConfigNode* list = top.list("listeners");
  const auto read_item = [&](const ConfigNode& item, const std::string& where) {
    FieldReader reader(item, where, problems);
    ListenerConfig listener;
    reader.require("udp", "like `udp: 0.0.0.0:162`");
    const ConfigNode* udp = reader.text_node("udp");
    read_endpoint(udp, reader.name_of("udp"), problems, listener);
    reader.read_integer("receive_buffer_bytes", kReceiveBufferBytes, listener.receive_buffer_bytes);
    reader.read_integer("shards", kShards, listener.shards);
    reader.finish();
    const bool twice = std::ranges::find(config.listeners, listener.udp, &ListenerConfig::udp) !=
                       config.listeners.end();
    if (udp != nullptr && twice && listener.udp.port != 0) {
      problems.add(udp->place, "`" + listener.name + "` is listened on twice",
                   "remove one of them");
    }
    config.listeners.push_back(std::move(listener));
  };
  for_each_map(list, "listeners", kMostListeners, problems, read_item);
  if (list != nullptr && list->items.empty()) {
    problems.add(list->place, "`listeners` is an empty list",
                 "leave the key out to listen on UDP 162, or list an address");
  }
}

void read_sources(FieldReader& top, ConfigProblems& problems, SourcesConfig& sources) {
  const ConfigNode* map = top.map("sources");
  if (map == nullptr) return;
  FieldReader reader(*map, "sources", problems);
  reader.read_prefixes("allow", sources.allow);
  reader.read_prefixes("trusted_relays", sources.trusted_relays);
  if (const ConfigNode* limit_map = reader.map("limit")) {
    FieldReader limit_reader(*limit_map, "sources.limit", problems);
    SourceLimitConfig& limit = sources.limit.emplace();
    limit_reader.require("per_sec", "like `limit: { per_sec: 2000, burst: 10000 }`");
    limit_reader.read_integer("per_sec", kLimitPerSec, limit.per_sec);
    limit.burst = limit.per_sec;
    limit_reader.read_integer("burst", kLimitBurst, limit.burst);
    limit_reader.finish();
  }
  reader.finish();
}

void read_community(const ConfigNode& item, const std::string& where, ConfigProblems& problems,
                    std::vector<CommunityConfig>& communities) {
  FieldReader reader(item, where, problems);
  CommunityConfig community;
  reader.require("name", "the name that events and logs show in place of the community");
  reader.require("community", "like `community: \"${file:/etc/trapline/community}\"`");
  if (const ConfigNode* name = reader.text_node("name")) {
    community.name = name->text;
    if (!is_name(name->text, kMaxCommunityNameBytes, "_-.")) {
      problems.add(name->place, "`" + where + ".name` is not a name",
                   "1 to 64 of the characters A-Z a-z 0-9 _ - .");
    } else if (std::ranges::find(communities, name->text, &CommunityConfig::name) !=
               communities.end()) {
      problems.add(name->place, "duplicate community name `" + name->text + "`",
                   "each name stands for one community");
    }
  }
  reader.read_secret("community", community.community, protocol::kMaxCommunityBytes);
  reader.read_prefixes("from", community.from);
  reader.finish();
  communities.push_back(std::move(community));
}

void read_limits(FieldReader& top, ConfigProblems& problems, LimitsConfig& limits) {
  const ConfigNode* map = top.map("limits");
  if (map == nullptr) return;
  FieldReader reader(*map, "limits", problems);
  reader.read_integer("varbinds", kVarbinds, limits.varbinds);
  reader.read_duration("duplicate_window_secs", kDuplicateWindowSecs, limits.duplicate_window);
  reader.read_integer("duplicate_entries", kDuplicateEntries, limits.duplicate_entries);
  reader.finish();
}

void read_journal(FieldReader& top, ConfigProblems& problems, JournalConfig& journal) {
  const ConfigNode* map = top.map("journal");
  if (map == nullptr) return;
  FieldReader reader(*map, "journal", problems);
  reader.read_integer("max_bytes", kJournalBytes, journal.max_bytes);
  reader.read_duration("keep_secs", kKeepSecs, journal.keep);
  reader.read_duration("trap_commit_ms", kTrapCommitMs, journal.trap_commit);
  reader.read_integer("ring_bytes", kRingBytes, journal.ring_bytes);
  reader.finish();
}

void read_log(FieldReader& top, ConfigProblems& problems, LogConfig& log) {
  using Format = std::pair<std::string_view, base::LogFormat>;
  using Level = std::pair<std::string_view, base::LogLevel>;
  static constexpr std::array kFormats = {Format{"logfmt", base::LogFormat::logfmt},
                                          Format{"json", base::LogFormat::json}};
  static constexpr std::array kLevels = {
      Level{"debug", base::LogLevel::debug}, Level{"info", base::LogLevel::info},
      Level{"warning", base::LogLevel::warning}, Level{"error", base::LogLevel::error}};
  const ConfigNode* map = top.map("log");
  if (map == nullptr) return;
  FieldReader reader(*map, "log", problems);
  reader.read_choice<base::LogFormat>("format", kFormats, log.format);
  reader.read_choice<base::LogLevel>("level", kLevels, log.level);
  reader.finish();
}

void read_node(FieldReader& top, ConfigProblems& problems, std::string& node_name) {
  const ConfigNode* node = top.text_node("node");
  if (node == nullptr || !resolve_text(*node, "node", problems, node_name)) return;
  if (is_name(node_name, kMaxNodeBytes, "_-")) return;
  problems.add(node->place, "`node` is not a node name",
               "1 to 32 of the characters A-Z a-z 0-9 _ -: it is part of every event id");
}

void add_default_listeners(Config& config) {
  for (const char* text : {"0.0.0.0:162", "[::]:162"}) {
    ListenerConfig& listener = config.listeners.emplace_back();
    listener.name = text;
    listener.udp = *base::Endpoint::parse(text);
  }
}

void read_rule_sections(FieldReader& top, ConfigProblems& problems, Config& config) {
  read_rules(top, problems, config.rules.rules);
  read_routes(top, problems, config.rules);
  read_tables(top, problems, config.rules.tables);
  read_tests(top, problems, config.tests);
}

std::vector<std::string> names_of(const ConfigNode& sinks) {
  std::vector<std::string> names;
  for (const ConfigKey& key : sinks.keys) names.push_back(key.name);
  return names;
}

}  // namespace

Config read_rules_config(const ConfigNode& root, ConfigProblems& problems) {
  Config config;
  FieldReader top(root, "", problems);
  if (const ConfigNode* sinks = top.map("sinks")) config.sink_names = names_of(*sinks);
  read_enrichments(top, problems, config.rules.enrichments);
  read_rule_sections(top, problems, config);
  return config;
}

Config read_config(const ConfigNode& root, ConfigProblems& problems) {
  Config config;
  config.data_dir = kDefaultDataDir;
  FieldReader top(root, "", problems);
  read_node(top, problems, config.node);
  top.read_text("data_dir", config.data_dir);
  read_listeners(top, problems, config);
  if (config.listeners.empty()) add_default_listeners(config);
  read_sources(top, problems, config.sources);
  const auto read_item = [&](const ConfigNode& item, const std::string& where) {
    read_community(item, where, problems, config.communities);
  };
  for_each_map(top.list("communities"), "communities", kMostCommunities, problems, read_item);
  read_limits(top, problems, config.limits);
  read_journal(top, problems, config.journal);
  if (const ConfigNode* sinks = top.map("sinks")) {
    config.sink_names = names_of(*sinks);
    read_sinks(*sinks, problems, config);
  }
  read_log(top, problems, config.log);
  top.read_duration("drain_secs", kDrainSecs, config.drain);
  read_v3(top, problems, config.v3);
  if (const ConfigNode* sinks = top.map("sinks")) check_snmp_users(*sinks, config, problems);
  read_poller(top, problems, config.poller, config.rules.enrichments);
  read_rule_sections(top, problems, config);
  top.refuse_unsupported({"mib", "admin"});
  top.finish();
  return config;
}

}  // namespace trapline::gateway
