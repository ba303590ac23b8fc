#include "gateway/config/syslog_section.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/config/delivery_section.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/tls_section.h"

namespace trapline::gateway {
namespace {

using sinks::SyslogFormat;
using sinks::SyslogHostname;
using sinks::Transport;

constexpr IntegerRange kTimeoutMs{100, 600'000};
constexpr IntegerRange kConfirmMs{0, 600'000};
constexpr IntegerRange kMaxBytes{sinks::kLeastSyslogBytes, kMebibyte};
constexpr IntegerRange kEnterprise{1, 0xffff'ffff};

template <class Value>
using Choice = std::pair<std::string_view, Value>;

constexpr std::array kFormats = {Choice<SyslogFormat>{"text", SyslogFormat::text},
                                 Choice<SyslogFormat>{"json", SyslogFormat::json}};
constexpr std::array kHostnames = {Choice<SyslogHostname>{"agent", SyslogHostname::agent},
                                   Choice<SyslogHostname>{"node", SyslogHostname::node}};

// RFC 5424 §6.2.1, by the names that syslog.conf knows.
using Facility = Choice<std::uint8_t>;
constexpr std::array kFacilities = {
    Facility{"kern", 0},    Facility{"user", 1},      Facility{"mail", 2},
    Facility{"daemon", 3},  Facility{"auth", 4},      Facility{"syslog", 5},
    Facility{"lpr", 6},     Facility{"news", 7},      Facility{"uucp", 8},
    Facility{"cron", 9},    Facility{"authpriv", 10}, Facility{"ftp", 11},
    Facility{"ntp", 12},    Facility{"audit", 13},    Facility{"alert", 14},
    Facility{"clock", 15},  Facility{"local0", 16},   Facility{"local1", 17},
    Facility{"local2", 18}, Facility{"local3", 19},   Facility{"local4", 20},
    Facility{"local5", 21}, Facility{"local6", 22},   Facility{"local7", 23}};

void read_target(FieldReader& reader, const ConfigNode& map, ConfigProblems& problems,
                 sinks::SyslogSinkOptions& options) {
  constexpr const char* kHint = "like udp://HOST:514, tcp://HOST:PORT or tls://HOST:6514";
  std::string to;
  reader.require("to", kHint);
  reader.read_text("to", to);
  if (to.empty()) return;
  auto target = sinks::parse_sender_target(to);
  if (target) {
    options.target = std::move(*target);
  } else {
    problems.add(map.find("to")->place, "`" + reader.name_of("to") + "` is no destination", kHint);
  }
}

void read_size(FieldReader& reader, const ConfigNode& map, ConfigProblems& problems,
               sinks::SyslogSinkOptions& options) {
  const bool udp = options.target.transport == Transport::udp;
  options.max_bytes = udp ? sinks::kSyslogUdpBytes : sinks::kSyslogStreamBytes;
  reader.read_integer("max_bytes", kMaxBytes, options.max_bytes);
  if (!udp || options.max_bytes <= sinks::kMostSyslogUdpBytes) return;
  problems.add(map.find("max_bytes")->place,
               "`" + reader.name_of("max_bytes") + "`: no datagram is that large",
               "at most " + std::to_string(sinks::kMostSyslogUdpBytes));
}

}  // namespace

void read_syslog_sink(const ConfigNode& map, SyslogSinkConfig& sink, ConfigProblems& problems) {
  FieldReader reader(map, "sinks." + sink.name, problems);
  sinks::SyslogSinkOptions& options = sink.options;
  (void)reader.text_node("type");
  read_target(reader, map, problems, options);
  reader.read_choice<SyslogFormat>("format", kFormats, options.format);
  reader.read_choice<SyslogHostname>("hostname", kHostnames, options.hostname);
  reader.read_choice<std::uint8_t>("facility", kFacilities, options.facility);
  reader.read_integer("enterprise_number", kEnterprise, options.enterprise_number);
  read_size(reader, map, problems, options);
  if (map.find("tls") != nullptr && options.target.transport != Transport::tls) {
    problems.add(map.find("tls")->place,
                 "`" + reader.name_of("tls") + "` is for destinations called tls://", "");
  }
  read_tls(reader, problems, options.target.tls);
  reader.read_duration("timeout_ms", kTimeoutMs, options.timeout);
  if (map.find("confirm_ms") != nullptr && options.target.transport == Transport::udp) {
    problems.add(map.find("confirm_ms")->place,
                 "`" + reader.name_of("confirm_ms") + "` is for tcp:// and tls://", "");
  }
  reader.read_duration("confirm_ms", kConfirmMs, options.confirm);
  options.target.connect_timeout = std::min(options.target.connect_timeout, options.timeout);
  read_delivery(reader, problems, sink);
  reader.refuse_unsupported({"batch", "concurrency", "template"});
  reader.finish();
}

}  // namespace trapline::gateway
