// LocalEngine: who we are as an authoritative engine (RFC 3411 §3.1.1, RFC 3414 §2.2).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace trapline::protocol::usm {

// Engine boots and times stop here (RFC 3414 §2.2.1): an engine that got so far answers nobody.
inline constexpr std::int32_t kLastBoots = 2'147'483'647;

// Plain value, constant for the life of a process.
struct LocalEngine {
  std::vector<std::byte> id;
  std::int32_t boots = 0;
  base::BootTime started{};

  // snmpEngineTime: seconds since `started`.
  [[nodiscard]] std::int32_t time_at(base::BootTime now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - started).count();
    return seconds < kLastBoots ? static_cast<std::int32_t>(seconds) : kLastBoots;
  }
};

// Where salts come from: counters that start at random and are shared by all who send with the same
// keys (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1). Any thread.
struct SaltCounters {
  std::atomic<std::uint64_t> aes{0};
  std::atomic<std::uint32_t> des{0};
};

// What we owe the world as RFC 3414 §5's usmStats, in its order. Any thread.
struct UsmStats {
  std::atomic<std::uint32_t> unsupported_sec_levels{0};
  std::atomic<std::uint32_t> not_in_time_windows{0};
  std::atomic<std::uint32_t> unknown_user_names{0};
  std::atomic<std::uint32_t> unknown_engine_ids{0};
  std::atomic<std::uint32_t> wrong_digests{0};
  std::atomic<std::uint32_t> decryption_errors{0};
};

}  // namespace trapline::protocol::usm
