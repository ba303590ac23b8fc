// Lanes: how the events of one sink are spread over several requests at a time.
#pragma once

#include <cstdint>

#include "base/ip_address.h"

namespace trapline::sinks {

inline constexpr unsigned kMaxLanes = 64;

// The lane of an agent's events, 0 to `lanes` - 1: always the same one, so that their order is
// kept. Pure. The choice may differ between two versions of the gateway.
[[nodiscard]] inline unsigned lane_of(const base::IpAddress& agent, unsigned lanes) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;  // FNV-1a
  for (const std::uint8_t octet : agent.octets()) hash = (hash ^ octet) * 1'099'511'628'211ULL;
  hash = (hash ^ hash >> 33U) * 0xff51'afd7'ed55'8ccdULL;  // its high octets hardly differ
  return static_cast<unsigned>((hash >> 33U) % lanes);
}

}  // namespace trapline::sinks
