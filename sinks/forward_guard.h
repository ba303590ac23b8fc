// What keeps notifications from going round in circles between gateways.
#pragma once

#include "protocol/trap_message.h"

namespace trapline::sinks {

// Remembers for a while what was forwarded. Any thread may call any member.
class ForwardGuard {
 public:
  virtual ~ForwardGuard() = default;
  // `message` is about to be forwarded: called before it leaves.
  virtual void forwarding(const protocol::TrapMessage& message) = 0;
  // Whether `message`, just received, is one of those come back.
  [[nodiscard]] virtual bool has_come_back(const protocol::TrapMessage& message) = 0;
};

}  // namespace trapline::sinks
