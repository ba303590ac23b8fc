// What keeps notifications from going round in circles between gateways.
#pragma once

#include <cstdint>

#include "protocol/trap_message.h"

namespace trapline::sinks {

// What a guard knows a forwarded notification by. Plain value.
struct ForwardDigest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Remembers for a while what was forwarded. Any thread may call any member.
class ForwardGuard {
 public:
  virtual ~ForwardGuard() = default;
  // `message` is about to be forwarded: called before it leaves.
  virtual ForwardDigest forwarding(const protocol::TrapMessage& message) = 0;
  // What had to wait, or is repeated, leaves only now.
  virtual void still_forwarding(const ForwardDigest& digest) = 0;
  // Whether `message`, just received, is one of those come back.
  [[nodiscard]] virtual bool has_come_back(const protocol::TrapMessage& message) = 0;
};

}  // namespace trapline::sinks
