#include "gateway/config/poller_section.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "gateway/config/nearest_name.h"
#include "gateway/config/source_reader.h"
#include "gateway/config/v3_section.h"
#include "protocol/decode.h"

namespace trapline::gateway {
namespace {

using protocol::Version;
using Auths = std::map<std::string, std::shared_ptr<const PollAccess>, std::less<>>;

constexpr IntegerRange kTimeoutMs{10, 60'000};
constexpr IntegerRange kRetries{0, 10};
constexpr IntegerRange kBudgetMs{10, 60'000};
constexpr IntegerRange kInFlight{1, 10'000};
constexpr IntegerRange kPacketsPerSec{1, 1'000'000};
constexpr IntegerRange kPort{1, 65'535};
constexpr IntegerRange kCacheSecs{1, 31ULL * 86'400};

constexpr std::array kVersions = {std::pair<std::string_view, Version>{"v1", Version::v1},
                                  std::pair<std::string_view, Version>{"v2c", Version::v2c},
                                  std::pair<std::string_view, Version>{"v3", Version::v3}};

// What may stand in front of, or behind, a dot in an expression.
bool is_word(std::string_view text) {
  return is_rule_name(text, "") && (text.front() < '0' || text.front() > '9') &&
         text.find('-') == std::string_view::npos;
}

PollAccess read_auth(const ConfigNode& map, const std::string& where, ConfigProblems& problems) {
  FieldReader reader(map, where, problems);
  PollAccess access;
  reader.read_choice<Version>("version", kVersions, access.version);
  const bool v3 = access.version == Version::v3;
  if (v3) reader.require("user", "like `user: { name: poll, auth: sha256, auth_password: ... }`");
  if (!v3) reader.require("community", "like `community: \"${file:/etc/trapline/read-only}\"`");
  reader.read_secret("community", access.community, protocol::kMaxCommunityBytes);
  if (v3 && map.find("community") != nullptr) {
    problems.add(map.find("community")->place, "`" + where + ".community` is not SNMPv3's",
                 "remove it, or `version: v3`");
  }
  const ConfigNode* user = reader.map("user");
  std::string context;
  if (map.find("context") != nullptr) reader.read_text("context", context);
  if (user != nullptr && !v3) {
    problems.add(user->place, "`" + where + ".user` is SNMPv3's", "add `version: v3`");
  } else if (user != nullptr) {
    V3Access& with = access.v3.emplace();
    with.user = read_v3_user(*user, where + ".user", problems);
    with.level = with.user.least_level;
    with.context_name = context;
  }
  reader.finish();
  return access;
}

// The maps under a key, by name.
template <class Read>
void for_each_named(const ConfigNode* maps, const std::string& where, std::size_t most,
                    ConfigProblems& problems, Read&& read) {
  if (maps == nullptr) return;
  if (maps->keys.size() > most) {
    problems.add(maps->place, "too many `" + where + "`", "at most " + std::to_string(most));
    return;
  }
  for (std::size_t i = 0; i < maps->keys.size(); ++i) {
    const std::string name = where + "." + maps->keys[i].name;
    if (maps->items[i].kind == ConfigNode::Kind::map) {
      read(maps->keys[i], maps->items[i], name);
    } else {
      problems.add(maps->items[i].place, "`" + name + "` must be a map", "write `{ key: value }`");
    }
  }
}

void read_device(const ConfigNode& item, const std::string& where, const Auths& auths,
                 ConfigProblems& problems, PollerConfig& poller) {
  FieldReader reader(item, where, problems);
  PolledNetwork network;
  constexpr std::string_view kExample = "like `{ match: 10.0.0.0/8, auth: default }`";
  reader.require("match", kExample);
  reader.require("auth", kExample);
  const ConfigNode* match = reader.text_node("match");
  const auto prefix = match == nullptr ? std::nullopt : base::IpPrefix::parse(match->text);
  if (prefix) network.match = *prefix;
  if (match != nullptr && !prefix) {
    problems.add(match->place, "`" + where + ".match` is no network", kExample);
  }
  reader.read_integer("port", kPort, network.port);
  const ConfigNode* auth = reader.text_node("auth");
  reader.finish();
  if (auth == nullptr) return;
  const auto known = auths.find(auth->text);
  if (known != auths.end()) {
    network.access = known->second;
    if (prefix) poller.devices.push_back(std::move(network));
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& [name, access] : auths) names.push_back(name);
  const std::string_view nearest = nearest_name(auth->text, names);
  problems.add(auth->place, "no auth `" + auth->text + "`",
               nearest.empty() ? "name one of `poller.auths`"
                               : "did you mean `" + std::string(nearest) + "`?");
}

void read_enrichment(const ConfigKey& key, const ConfigNode& map, const std::string& where,
                     ConfigProblems& problems, rules::EnrichmentSpec& enrichment) {
  FieldReader reader(map, where, problems);
  enrichment.name = key.name;
  enrichment.place = key.place;
  if (!is_word(key.name)) {
    problems.add(key.place, "`" + key.name + "` is not the name of an enrichment",
                 "1 to 64 of the characters A-Z a-z 0-9 _, no digit first");
  }
  constexpr std::string_view kExample = "like `get: { sysName: SNMPv2-MIB::sysName.0 }`";
  reader.require("get", kExample);
  reader.read_duration("cache_secs", kCacheSecs, enrichment.keep);
  const ConfigNode* get = reader.map("get");
  reader.finish();
  if (get == nullptr) return;
  if (get->keys.empty() || get->keys.size() > kMaxEnrichmentMembers) {
    problems.add(get->place, "`" + where + ".get` must name 1 to 32 values", kExample);
    return;
  }
  FieldReader members(*get, where + ".get", problems);
  for (const ConfigKey& member : get->keys) {
    if (!is_word(member.name)) {
      problems.add(member.place, "`" + member.name + "` is not the name of a value",
                   "1 to 64 of the characters A-Z a-z 0-9 _, no digit first");
    }
    rules::SourceText name;
    name.text = member.name;
    name.place = member.place;
    if (auto oid = read_source(members, member.name, problems)) {
      enrichment.get.emplace_back(std::move(name), std::move(*oid));
    }
  }
}

void read_enrichments(const ConfigNode* maps, ConfigProblems& problems,
                      std::vector<rules::EnrichmentSpec>& enrichments) {
  for_each_named(maps, "poller.enrichments", kMaxEnrichments, problems,
                 [&](const ConfigKey& key, const ConfigNode& item, const std::string& where) {
                   read_enrichment(key, item, where, problems, enrichments.emplace_back());
                 });
}

}  // namespace

void read_enrichments(FieldReader& top, ConfigProblems& problems,
                      std::vector<rules::EnrichmentSpec>& enrichments) {
  const ConfigNode* map = top.map("poller");
  if (map == nullptr) return;
  FieldReader reader(*map, "poller", problems);
  read_enrichments(reader.map("enrichments"), problems, enrichments);
}

void read_poller(FieldReader& top, ConfigProblems& problems, PollerConfig& poller,
                 std::vector<rules::EnrichmentSpec>& enrichments) {
  const ConfigNode* map = top.map("poller");
  if (map == nullptr) return;
  FieldReader reader(*map, "poller", problems);
  reader.read_duration("timeout_ms", kTimeoutMs, poller.timeout);
  reader.read_integer("retries", kRetries, poller.retries);
  reader.read_duration("budget_ms", kBudgetMs, poller.budget);
  reader.read_integer("max_in_flight", kInFlight, poller.max_in_flight);
  reader.read_integer("packets_per_sec", kPacketsPerSec, poller.packets_per_sec);
  Auths auths;
  for_each_named(reader.map("auths"), "poller.auths", kMaxPollerAuths, problems,
                 [&](const ConfigKey& key, const ConfigNode& item, const std::string& where) {
                   auths.emplace(key.name, std::make_shared<const PollAccess>(
                                               read_auth(item, where, problems)));
                 });
  for_each_map(reader.list("devices"), "poller.devices", kMaxPollerDevices, problems,
               [&](const ConfigNode& item, const std::string& where) {
                 read_device(item, where, auths, problems, poller);
               });
  read_enrichments(reader.map("enrichments"), problems, enrichments);
  if (!enrichments.empty()) {
    reader.require("devices", "like `devices: [ { match: 10.0.0.0/8, auth: default } ]`");
  }
  reader.finish();
}

}  // namespace trapline::gateway
