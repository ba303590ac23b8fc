#include "gateway/admission.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace trapline::gateway {
namespace {

constexpr std::size_t kWays = 4;

// Seeded 64-bit mix of an address.
std::uint64_t hash_of(const base::IpAddress& address, std::uint64_t seed) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.octets().data(), sizeof halves);
  std::uint64_t hash = seed;
  for (const std::uint64_t half : halves) {
    hash = (hash ^ half) * 0xd6e8feb86659fd93ULL;
    hash ^= hash >> 32;
    hash = (hash + seed) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

Admission::Admission(const SourcesConfig& sources, std::uint64_t seed)
    : allow_(sources.allow),
      per_sec_(sources.limit ? sources.limit->per_sec : 0),
      burst_(sources.limit ? sources.limit->burst : 0),
      seed_(seed),
      buckets_(sources.limit ? kBuckets : 0) {}

Admitted Admission::admit(const base::IpAddress& source, base::BootTime now) {
  if (!allowed(source)) return Admitted::not_allowed;
  if (buckets_.empty()) return Admitted::yes;
  Bucket& bucket = bucket_of(source, now);
  const std::chrono::duration<double> passed = now - bucket.filled_at;
  bucket.tokens = std::min(burst_, bucket.tokens + passed.count() * per_sec_);
  bucket.filled_at = now;
  if (bucket.tokens < 1) return Admitted::limited;
  bucket.tokens -= 1;
  return Admitted::yes;
}

bool Admission::allowed(const base::IpAddress& source) {
  if (allow_.empty() || (has_last_allowed_ && source == last_allowed_)) return true;
  const bool found = std::any_of(allow_.begin(), allow_.end(), [&](const base::IpPrefix& prefix) {
    return prefix.contains(source);
  });
  if (found) {
    last_allowed_ = source;
    has_last_allowed_ = true;
  }
  return found;
}

Admission::Bucket& Admission::bucket_of(const base::IpAddress& source, base::BootTime now) {
  const std::size_t set = hash_of(source, seed_) % (kBuckets / kWays) * kWays;
  const std::span<Bucket> ways(buckets_.data() + set, kWays);
  for (Bucket& bucket : ways) {
    if (bucket.used && bucket.source == source) return bucket;
  }
  Bucket& oldest =
      *std::min_element(ways.begin(), ways.end(),
                        [](const Bucket& a, const Bucket& b) { return a.filled_at < b.filled_at; });
  oldest = {source, now, burst_, true};
  return oldest;
}

}  // namespace trapline::gateway
