// Values below 64 ns have a bucket each; above, every power of two is split into 64 equal buckets.
#include "gateway/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace trapline::gateway::load {

std::size_t LatencyHistogram::bucket_of(std::uint64_t ns) {
  if (ns < kSubBuckets) return static_cast<std::size_t>(ns);
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - kSubBits - 1;
  const std::size_t bucket = (shift + 1) * kSubBuckets + ((ns >> shift) & (kSubBuckets - 1));
  return std::min(bucket, kBuckets - 1);
}

std::uint64_t LatencyHistogram::upper_edge(std::size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  const std::size_t shift = bucket / kSubBuckets - 1;
  const std::uint64_t low = (kSubBuckets + bucket % kSubBuckets) << shift;
  return low + (1ULL << shift) - 1;
}

void LatencyHistogram::add(std::chrono::nanoseconds latency) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
  ++counts_[bucket_of(ns)];
  ++count_;
  max_ = std::max(max_, latency);
}

std::chrono::nanoseconds LatencyHistogram::quantile(double q) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets && count_ > 0; ++bucket) {
    seen += counts_[bucket];
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    const auto edge = static_cast<std::int64_t>(upper_edge(bucket));
    return std::min(std::chrono::nanoseconds(edge), max_);
  }
  return {};
}

}  // namespace trapline::gateway::load
