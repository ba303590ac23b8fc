// The network as the SNMP sink sees it: a seam, so that tests can lose, delay, repeat and forge
// what goes over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace trapline::sinks {

enum class SendFate : std::uint8_t {
  sent,
  busy,       // the kernel's buffer is full: try again soon
  too_large,  // this datagram will never go
  failed,     // nobody listens there, or there is no way to it
};

// UDP to one host. Used by one thread, `on_readable`'s function excepted.
class DatagramLink {
 public:
  virtual ~DatagramLink() = default;

  // Makes the link ready: looks the host up anew and, called again after a failure, goes on to its
  // next address. Waits for the name service a second or two; when it answers later, the call after
  // that has its answer. False with `reason` when there is no address to send to.
  virtual bool connect(std::string& reason) = 0;
  // Looks the host up in the background now and then, and moves when its address has changed. To be
  // called at any time after `connect`, as often as one likes.
  virtual void refresh(base::BootTime now) = 0;
  // Where datagrams go; of the last `connect` that succeeded.
  [[nodiscard]] virtual base::Endpoint peer() const = 0;

  // Whether `ip` is the peer's, or another address that its name was found to stand for.
  [[nodiscard]] virtual bool is_peer(const base::IpAddress& ip) const { return peer().ip == ip; }

  // Hands datagrams to the kernel in their order, and returns how many it took. `fate` is that of
  // the first it did not take; `words` says more of `failed`.
  virtual std::size_t send(std::span<const base::Bytes> datagrams, SendFate& fate,
                           std::string& words) = 0;
  // The next datagram that has arrived, and where from; false when there is none.
  virtual bool receive(std::vector<std::byte>& datagram, base::Endpoint& from) = 0;
  // Waits until one arrives or `deadline` (boot time) has come.
  virtual void wait(base::BootTime deadline) = 0;
  // What to call, from any thread, when something has arrived after `receive` said there was
  // nothing. An empty function takes it back.
  virtual void on_readable(std::function<void()> wake) = 0;
};

}  // namespace trapline::sinks
