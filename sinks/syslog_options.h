// What a syslog sink is told.
#pragma once

#include <chrono>
#include <cstdint>

#include "sinks/net/sender.h"

namespace trapline::sinks {

enum class SyslogFormat : std::uint8_t { text, json };
// Who stands in HOSTNAME.
enum class SyslogHostname : std::uint8_t { agent, node };

inline constexpr std::uint32_t kSyslogUdpBytes = 2'048;     // RFC 5424 §6.1: what all should take
inline constexpr std::uint32_t kSyslogStreamBytes = 8'192;  // RFC 5425 §4.3.1
inline constexpr std::uint32_t kLeastSyslogBytes = 480;     // RFC 5424 §6.1: what all must take
inline constexpr std::uint32_t kMostSyslogUdpBytes = 65'507;
inline constexpr std::uint32_t kSyslogWindow = 1'000;  // events at the sink at most

// As configured under `sinks` with type `syslog`. Plain value.
struct SyslogSinkOptions {
  SenderTarget target;
  SyslogFormat format = SyslogFormat::text;
  SyslogHostname hostname = SyslogHostname::agent;
  std::uint8_t facility = 3;                // RFC 5424 §6.2.1: daemon
  std::uint32_t enterprise_number = 32473;  // of the structured data's names
  std::uint32_t max_bytes = kSyslogUdpBytes;
  // With octets under way and nothing acknowledged for so long, the destination fails; and six
  // times as long after it was told that nothing more comes, when it has not closed its side.
  std::chrono::milliseconds timeout{10'000};
  // For so long a connection is used, then finished and made anew: what was sent counts as
  // delivered when the receiver has read it. 0: never finished; what TCP acknowledged counts.
  std::chrono::milliseconds confirm{5'000};
};

}  // namespace trapline::sinks
