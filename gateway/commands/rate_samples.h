// The counters of one device from poll to poll, and the rates between them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/poller/polled_varbind.h"
#include "gateway/poller/rate.h"
#include "protocol/oid_order.h"

namespace trapline::gateway {

// One poll: every counter under its name. Not synchronised.
class RateSamples {
 public:
  // The poll begins; `uptime_ticks` is the device's sysUpTime, where it told.
  RateSamples(std::chrono::nanoseconds at, std::optional<std::uint32_t> uptime_ticks)
      : at_(at), uptime_ticks_(uptime_ticks) {}

  // Takes a Counter32 or Counter64; false for anything else.
  bool add(const PolledVarBind& value);
  // Takes each counter of IF-MIB away that has its 64-bit counterpart here too (RFC 2863 §3.1.6).
  void prefer_wide();

  // One line for each counter of this poll against the one `before`: "IF-MIB::ifHCInOctets.2 =
  // 1250.00/s"; as JSON with name, kind, per_sec, delta, wrapped, bits and, unless empty, the host.
  [[nodiscard]] std::vector<std::string> lines(const RateSamples& before,
                                               double most_per_sec) const;
  [[nodiscard]] std::vector<std::string> json(const RateSamples& before, double most_per_sec,
                                              std::string_view host) const;
  [[nodiscard]] std::size_t size() const { return samples_.size(); }

 private:
  struct InAgentsOrder {
    bool operator()(const protocol::Oid& a, const protocol::Oid& b) const {
      return protocol::lexicographic_order(a, b) < 0;
    }
  };
  [[nodiscard]] Rate rate_of(const protocol::Oid& name, const RateSamples& before,
                             double most_per_sec) const;

  const std::chrono::nanoseconds at_;
  const std::optional<std::uint32_t> uptime_ticks_;
  std::map<protocol::Oid, CounterSample, InAgentsOrder> samples_;
};

// The 64-bit columns of IF-MIB that stand beside the 32-bit ones among `columns`: to be asked for
// too.
[[nodiscard]] std::vector<protocol::Oid> wide_columns_of(const std::vector<protocol::Oid>& columns);

}  // namespace trapline::gateway
