// What `trapline bench` is asked to send, and what came of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ip_address.h"
#include "gateway/load/latency_histogram.h"
#include "protocol/trap_message.h"

namespace trapline::gateway::load {

inline constexpr unsigned kMaxSources = 1'024;
inline constexpr unsigned kMaxWindow = 16'384;
inline constexpr unsigned kLeastVarbinds = 3;  // the standard two and the mark
inline constexpr unsigned kMaxVarbinds = 256;

// Plain value; `bench` fills it from the command line.
struct LoadOptions {
  base::Endpoint target;
  protocol::PduKind kind = protocol::PduKind::trap;
  protocol::Version version = protocol::Version::v2c;
  std::optional<double> per_sec;                     // nothing: flat out
  std::optional<std::chrono::nanoseconds> duration;  // nothing: until `count`
  std::optional<std::uint64_t> count;                // nothing: until `duration`
  unsigned window = 256;                             // informs outstanding at a time
  unsigned sources = 1;
  unsigned varbinds = 6;  // the standard two among them
  std::string community = "public";
  std::chrono::milliseconds timeout{1'000};  // of each attempt of an inform
  unsigned retries = 5;                      // further attempts, of the same octets
  std::chrono::microseconds burst{1'000};    // paced traps leave together for so long
  std::string acked_path;                    // where acknowledged sequence numbers go; or empty
  std::uint32_t run = 0;
};

// Plain value: what one run did. The inform figures stay 0 for traps.
struct LoadResult {
  std::size_t message_bytes = 0;
  std::uint64_t sent = 0;     // notifications, resends not among them
  std::uint64_t refused = 0;  // sends the kernel would not take, even on a second attempt
  std::uint64_t acknowledged = 0;
  std::uint64_t retransmitted = 0;
  std::uint64_t unanswered = 0;        // given up after all attempts
  std::uint64_t stray = 0;             // Responses to nothing outstanding: late or repeated
  std::chrono::nanoseconds sending{};  // from the first to the last first attempt
  std::chrono::nanoseconds whole{};    // until the last answer, too
  LatencyHistogram latency;            // of acknowledged informs, from their first attempt
};

}  // namespace trapline::gateway::load
