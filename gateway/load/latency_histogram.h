// Latencies counted in log-linear buckets: any quantile within 1.6 %, in constant memory.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace trapline::gateway::load {

// Not synchronised. Durations below 0 count as 0, those above about an hour as the last bucket.
class LatencyHistogram {
 public:
  // Counts one.
  void add(std::chrono::nanoseconds latency);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }
  // The latency that the share `q` (0 to 1) of all did not exceed; 0 when there are none.
  [[nodiscard]] std::chrono::nanoseconds quantile(double q) const;

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr std::size_t kSubBuckets = 1U << kSubBits;
  static constexpr unsigned kValueBits = 42;
  static constexpr std::size_t kBuckets = (kValueBits - kSubBits + 1) * kSubBuckets;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns);
  [[nodiscard]] static std::uint64_t upper_edge(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{};
};

}  // namespace trapline::gateway::load
