// The sockets a load leaves from: one per source port, all connected to one target.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ip_address.h"
#include "base/result.h"

namespace trapline::gateway::load {

// Non-blocking UDP sockets, closed when this dies. Used by one thread.
class LoadSockets {
 public:
  // `sources` sockets connected to `target`. Failing, says why, with what to do.
  [[nodiscard]] static base::Result<std::unique_ptr<LoadSockets>, std::string> open(
      const base::Endpoint& target, unsigned sources);
  LoadSockets(const LoadSockets&) = delete;
  LoadSockets& operator=(const LoadSockets&) = delete;
  ~LoadSockets();

  [[nodiscard]] unsigned count() const { return static_cast<unsigned>(sockets_.size()); }
  // Sends all messages from one source, in order; returns how many the kernel did not take even on
  // a second attempt (a first one fails when an earlier message found the port closed).
  std::size_t send(unsigned source, std::span<mmsghdr> messages);
  // Waits until a socket is readable or `until`. False at once when interrupted by a signal.
  bool wait_readable(base::BootTime now, base::BootTime until);
  // Reads what has arrived, at most `kReceiveBatch` datagrams of it, and calls
  // `take(source, datagram)` for each. Returns how many.
  template <class Take>
  std::size_t receive(Take&& take) {
    std::size_t received = 0;
    for (unsigned source = 0; source < count(); ++source) {
      if (count() > 1 && !readable_[source]) continue;
      const std::size_t taken = receive_batch(source);
      for (std::size_t i = 0; i < taken; ++i) take(source, datagram(i));
      received += taken;
    }
    return received;
  }

 private:
  static constexpr std::size_t kReceiveBatch = 64;
  static constexpr std::size_t kDatagramBytes = 8'192;

  LoadSockets();
  [[nodiscard]] std::size_t receive_batch(unsigned source);
  [[nodiscard]] base::Bytes datagram(std::size_t index) const;

  std::vector<int> sockets_;
  std::vector<bool> readable_;  // as of the last wait
  int epoll_ = -1;
  std::vector<std::byte> buffer_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
};

}  // namespace trapline::gateway::load
