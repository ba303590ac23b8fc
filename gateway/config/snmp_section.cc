#include "gateway/config/snmp_section.h"

#include <array>
#include <utility>

#include "gateway/commands/udp_target.h"
#include "gateway/config/delivery_section.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/nearest_name.h"
#include "protocol/decode.h"

namespace trapline::gateway {
namespace {

using protocol::PduKind;
using protocol::Version;

constexpr IntegerRange kTimeoutMs{50, 60'000};
constexpr IntegerRange kRetries{0, 10};
constexpr IntegerRange kConcurrency{1, 64};
constexpr IntegerRange kMessageBytes{484, sinks::kMaxUdpPayloadBytes};
constexpr std::size_t kMaxContextBytes = 255;

template <class Enum>
using Choice = std::pair<std::string_view, Enum>;

constexpr std::array kVersions = {Choice<Version>{"v1", Version::v1},
                                  Choice<Version>{"v2c", Version::v2c},
                                  Choice<Version>{"v3", Version::v3}};
constexpr std::array kPdus = {Choice<PduKind>{"trap", PduKind::trap},
                              Choice<PduKind>{"inform", PduKind::inform}};
constexpr std::array kCounters = {Choice<bool>{"omit", false}, Choice<bool>{"refuse", true}};

void read_target(FieldReader& reader, const ConfigNode& map, sinks::SnmpSinkOptions& options,
                 ConfigProblems& problems) {
  reader.require("to", "the upstream manager, like nms.example.net:162");
  std::string text;
  reader.read_text("to", text);
  if (text.empty()) return;
  const auto target = parse_udp_target(text);
  if (!target || target->host.find_first_of("[]/ \t\r\n") != std::string::npos) {
    problems.add(map.find("to")->place, "`" + reader.name_of("to") + "` is no target",
                 "HOST, HOST:PORT or [IPV6]:PORT");
    return;
  }
  options.host = target->host;
  options.port = target->port;
}

void refuse(const ConfigNode& map, const FieldReader& reader, std::string_view key,
            const std::string& why, ConfigProblems& problems) {
  if (const ConfigNode* node = map.find(key)) {
    problems.add(node->place, "`" + reader.name_of(key) + "` " + why, "remove the key");
  }
}

// What belongs to one version or kind of PDU only.
void check_keys(FieldReader& reader, const ConfigNode& map, const sinks::SnmpSinkOptions& options,
                ConfigProblems& problems) {
  const bool v3 = options.version == Version::v3;
  if (options.version == Version::v1 && options.pdu == PduKind::inform) {
    problems.add(map.find("pdu")->place, "`" + reader.name_of("pdu") + "`: SNMPv1 has no informs",
                 "`version: v2c` or `v3`, or `pdu: trap`");
  }
  if (v3) {
    reader.require("user", "a name of `v3.users`");
    refuse(map, reader, "community", "is not for `version: v3`", problems);
  } else {
    reader.require("community", "what the upstream expects, like \"${file:/etc/trapline/nms}\"");
    refuse(map, reader, "user", "is for `version: v3`", problems);
    refuse(map, reader, "context", "is for `version: v3`", problems);
  }
  if (options.version == Version::v1) {
    refuse(map, reader, "trap_community", "is not for `version: v1`", problems);
  } else {
    refuse(map, reader, "counter64", "is for `version: v1`, which has none", problems);
  }
  if (options.pdu == PduKind::inform) return;
  for (const std::string_view key : {"timeout_ms", "retries", "concurrency"}) {
    refuse(map, reader, key, "is for `pdu: inform`: nobody answers a trap", problems);
  }
}

}  // namespace

void read_snmp_sink(const ConfigNode& map, SnmpSinkConfig& sink, ConfigProblems& problems) {
  sinks::SnmpSinkOptions& options = sink.options;
  FieldReader reader(map, "sinks." + sink.name, problems);
  (void)reader.text_node("type");
  read_target(reader, map, options, problems);
  reader.read_choice<Version>("version", kVersions, options.version);
  reader.read_choice<PduKind>("pdu", kPdus, options.pdu);
  reader.read_secret("community", options.community, protocol::kMaxCommunityBytes);
  reader.read_text("user", options.user);
  reader.read_text("context", options.context);
  if (options.context.size() > kMaxContextBytes) {
    problems.add(map.find("context")->place, "`" + reader.name_of("context") + "` is too long",
                 "at most 255 octets");
  }
  reader.read_secret("trap_community", options.trap_community, protocol::kMaxCommunityBytes);
  reader.read_choice<bool>("counter64", kCounters, options.refuse_counter64);
  reader.read_duration("timeout_ms", kTimeoutMs, options.timeout);
  reader.read_integer("retries", kRetries, options.retries);
  reader.read_integer("concurrency", kConcurrency, options.lanes);
  reader.read_integer("max_message_bytes", kMessageBytes, options.max_message_bytes);
  read_delivery(reader, problems, sink);
  check_keys(reader, map, options, problems);
  reader.finish();
}

void check_snmp_users(const ConfigNode& sinks, const Config& config, ConfigProblems& problems) {
  if (!problems.empty()) return;
  std::vector<std::string_view> names;
  for (const auto& user : config.v3.users.all()) names.push_back(user.name);
  for (const SnmpSinkConfig& sink : config.snmp_sinks) {
    if (sink.options.version != Version::v3) continue;
    if (config.v3.users.find(sink.options.user) != nullptr) continue;
    const std::string_view nearest = nearest_name(sink.options.user, names);
    const ConfigNode* map = sinks.find(sink.name);
    problems.add(
        map->find("user")->place,
        "`sinks." + sink.name + ".user`: there is no user `" + sink.options.user + "`",
        nearest.empty() ? "add it to `v3.users`" : "did you mean `" + std::string(nearest) + "`?");
  }
}

}  // namespace trapline::gateway
