// Admission: who may speak at all, judged by source address alone, before any decoding.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "gateway/config/config.h"

namespace trapline::gateway {

enum class Admitted : std::uint8_t { yes, not_allowed, limited };

// The allow-list and the storm limit. One per listener; used by its thread only. Memory is fixed:
// the buckets stand in a table of kBuckets, four ways a set; the source idle longest makes room for
// a new one, which starts with a full bucket.
class Admission {
 public:
  static constexpr std::size_t kBuckets = 65'536;

  // `seed` keeps outsiders from choosing who shares a set with whom. Copies what it needs of
  // `sources`.
  Admission(const SourcesConfig& sources, std::uint64_t seed);

  // Judges one datagram from `source`, and takes a token from its bucket when it passes.
  [[nodiscard]] Admitted admit(const base::IpAddress& source, base::BootTime now);

 private:
  struct Bucket {
    base::IpAddress source;
    base::BootTime filled_at{};
    double tokens = 0;
    bool used = false;
  };

  [[nodiscard]] bool allowed(const base::IpAddress& source);
  [[nodiscard]] Bucket& bucket_of(const base::IpAddress& source, base::BootTime now);

  const std::vector<base::IpPrefix> allow_;
  const double per_sec_;
  const double burst_;
  const std::uint64_t seed_;
  std::vector<Bucket> buckets_;  // empty without a limit
  base::IpAddress last_allowed_;
  bool has_last_allowed_ = false;
};

}  // namespace trapline::gateway
