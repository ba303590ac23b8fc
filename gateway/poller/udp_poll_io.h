// UdpPollIo: the poller's sockets, one for each address family, and its timer.
#pragma once

#include <memory>

#include "gateway/poller/poll_io.h"

namespace boost::asio {
class io_context;
}

namespace trapline::gateway {

class Poller;

// On the thread that runs the io_context, which outlives it. What the poller sends while datagrams
// are handed to it, or time, leaves together when that is done: a system call and a wake-up less
// for each. Sockets are opened by the first datagram of their family; from then on the io_context
// has work, until `close`.
class UdpPollIo final : public PollIo {
 public:
  UdpPollIo(boost::asio::io_context& context, const base::Clock& clock);
  ~UdpPollIo() override;

  // Whom datagrams and time go to; outlives this. To be called before the io_context runs.
  void serve(Poller& poller);
  // Closes the sockets and stops the timer: the io_context may then run out of work.
  void close();

  [[nodiscard]] int send(const base::Endpoint& to, base::Bytes datagram) override;
  void wake_at(base::BootTime at) override;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace trapline::gateway
