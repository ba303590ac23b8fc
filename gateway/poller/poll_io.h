// What the poller has of the outside: a way to send, and to be called again. Tests have their own.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace trapline::gateway {

// Called on the poller's thread, and calls the poller on it, but never from within these.
class PollIo {
 public:
  virtual ~PollIo() = default;
  // Sends one datagram from the socket of the address's family. 0, or the errno; what leaves a
  // little later and is then refused is told by Poller::on_send_failed.
  [[nodiscard]] virtual int send(const base::Endpoint& to, base::Bytes datagram) = 0;
  // Has Poller::on_time called once, at `at` or as soon after as possible. Replaces what was asked
  // before.
  virtual void wake_at(base::BootTime at) = 0;
};

}  // namespace trapline::gateway
