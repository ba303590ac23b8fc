// What the SNMP sinks have forwarded, so that what comes back is not forwarded again.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "gateway/journal/event_record.h"
#include "sinks/forward_guard.h"

namespace trapline::gateway {

// Remembers a digest of each notification for kWindow since it left last: what it says
// (protocol::append_content) and the address it is told to come from. A notification has come back
// when it says the same and claims that address for itself (snmpTrapAddress.0, agent-addr). One
// that claims nothing comes from a device and not from a forwarder, unless its agent has no IPv4
// address to claim: such are told apart by what they say alone.
//
// A device that repeats itself word for word, sysUpTime included, and tells its own address
// (SNMPv1) looks like a loop that leads through it. Loops are quick: beyond kRepeat it is a
// repetition.
//
// Bounded: kEntries in memory; where more would be needed in one window the oldest make room. What
// was forwarded before a restart is not known: it can make one more round. Any thread.
class LoopGuard final : public sinks::ForwardGuard {
 public:
  static constexpr std::chrono::minutes kWindow{5};
  static constexpr std::chrono::seconds kRepeat{2};
  static constexpr std::size_t kEntries = std::size_t{1} << 20;

  // `seed` is secret, so that nobody can aim for a collision.
  LoopGuard(const base::Clock& clock, std::uint64_t seed);

  sinks::ForwardDigest forwarding(const protocol::TrapMessage& message) override;
  void still_forwarding(const sinks::ForwardDigest& digest) override;
  [[nodiscard]] bool has_come_back(const protocol::TrapMessage& message) override;

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    std::uint64_t tag = 0;  // 0: free
    base::BootTime seen{};
  };
  using Set = std::array<Entry, kWays>;

  [[nodiscard]] journal::InformDigest digest_of(const protocol::TrapMessage& message,
                                                const std::optional<base::IpAddress>& origin) const;
  [[nodiscard]] bool is_known(const journal::InformDigest& digest,
                              std::chrono::seconds for_how_long);
  Set& set_of(const journal::InformDigest& digest) { return sets_[digest.low >> 1U & kSetMask]; }

  static constexpr std::size_t kSetMask = kEntries / kWays - 1;

  const base::Clock& clock_;
  const std::uint64_t seed_;
  std::mutex mutex_;
  std::vector<Set> sets_;  // guarded by mutex_
};

}  // namespace trapline::gateway
