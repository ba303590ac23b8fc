// SilentDevices: the devices that do not answer what rules ask them, as the log tells it.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/ip_address.h"
#include "gateway/journal/answer_record.h"
#include "rules/routed_trap.h"

namespace trapline::gateway {

// A function of the ANSWERs read so far, so that a replay tells of the same changes, and a start
// goes on with what was told before it. Bounded: of more than so many nobody hears. One thread.
class SilentDevices {
 public:
  // Takes an ANSWER: device_unreachable when its device has fallen silent, device_reachable when it
  // is heard again, `none` when that was so before.
  rules::Synthetic take(const journal::Answer& answer);
  [[nodiscard]] std::size_t size() const { return devices_.size(); }

  // The whole as octets, and back: false, and empty, when they are damaged.
  void save(std::vector<std::byte>& out) const;
  [[nodiscard]] bool restore(base::Bytes saved);

  static constexpr std::size_t kMostDevices = 20'000;

 private:
  std::set<base::IpAddress> devices_;
};

// The EVENT payload that such a change is told with: a notification about the device that nobody
// sent, without an OID of its own (0.0).
[[nodiscard]] std::vector<std::byte> device_event_payload(const base::IpAddress& device);

}  // namespace trapline::gateway
