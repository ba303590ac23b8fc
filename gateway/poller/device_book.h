// DeviceBook: who may be asked now, and who had better be left alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/ip_address.h"

namespace trapline::gateway {

// A device did not answer any more, or answers again.
enum class DeviceChange : std::uint8_t { none, unreachable, reachable };

// A circuit breaker for each device: one that does not answer is left alone for a second, then
// twice as long each time, 300 s at most; one question then tells whether it is back. Besides, how
// many devices may be asked for the first time: the source of a trap can be forged. Bounded: the
// device of which nothing was heard for the longest time is forgotten. One thread.
class DeviceBook {
 public:
  enum class Leave : std::uint8_t {
    ask,     // ask it; `answered`, `silent` or `not_asked` follows
    wait,    // nobody asked it before, and too many were asked for the first time just now
    closed,  // it does not answer: not before `retry_in`
  };

  // Whether a device may be asked now.
  [[nodiscard]] Leave ask(const base::IpAddress& device, base::BootTime now);
  // It has answered, whatever that was.
  DeviceChange answered(const base::IpAddress& device);
  // It has not answered in time, or cannot be reached.
  DeviceChange silent(const base::IpAddress& device, base::BootTime now);
  // It was not asked after all.
  void not_asked(const base::IpAddress& device);
  // Whether it was asked before and is not forgotten.
  [[nodiscard]] bool knows(const base::IpAddress& device) const {
    return by_address_.contains(device);
  }
  // How long a device is still to be left alone.
  [[nodiscard]] std::chrono::nanoseconds retry_in(const base::IpAddress& device,
                                                  base::BootTime now) const;
  // How many do not answer now.
  [[nodiscard]] std::size_t unreachable() const { return unreachable_; }
  [[nodiscard]] std::size_t size() const { return devices_.size(); }

  static constexpr std::size_t kMostDevices = 20'000;
  static constexpr unsigned kFirstAskedPerSec = 50;
  static constexpr std::chrono::seconds kFirstBackOff{1};
  static constexpr std::chrono::seconds kMostBackOff{300};

 private:
  struct Device {
    base::IpAddress address;
    std::chrono::seconds back_off{0};  // 0: it answers, as far as is known
    base::BootTime retry_at{};
    bool probing = false;  // the one question is under way
  };
  struct AddressHash {
    std::size_t operator()(const base::IpAddress& address) const;
  };
  using Devices = std::list<Device>;

  [[nodiscard]] bool may_meet(base::BootTime now);
  Device* touch(const base::IpAddress& device);
  void forget_oldest();

  Devices devices_;  // the one touched last in front
  std::unordered_map<base::IpAddress, Devices::iterator, AddressHash> by_address_;
  std::size_t unreachable_ = 0;
  std::chrono::nanoseconds allowance_ = std::chrono::seconds(1);  // of strangers, as time
  base::BootTime allowed_at_{};
};

}  // namespace trapline::gateway
