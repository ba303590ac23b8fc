// A network that a test holds in its hand.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sinks/datagram_link.h"
#include "tests/support/fake_clock.h"

namespace trapline::sinks {

// Keeps what was sent, and delivers what a test says has arrived.
class FakeLink final : public DatagramLink {
 public:
  using Octets = std::vector<std::byte>;

  // What a test looks at and changes; it outlives the link.
  struct Network {
    std::vector<Octets> sent;
    std::deque<std::pair<Octets, base::Endpoint>> arriving;
    std::string unreachable;  // why `connect` fails, if it does
    SendFate fate = SendFate::sent;
    std::string words;
    std::size_t takes = SIZE_MAX;  // so many more are taken before `fate` is the answer
    base::Endpoint peer = *base::Endpoint::parse("10.9.9.9:162");
    int connects = 0;
    std::function<void()> on_wait;  // what happens while somebody waits
    std::function<void(const Octets&)> on_send;
    test_support::FakeClock* clock = nullptr;  // moved on by `wait`
  };

  explicit FakeLink(Network& network) : network_(network) {}

  bool connect(std::string& reason) override {
    ++network_.connects;
    reason = network_.unreachable;
    return reason.empty();
  }
  void refresh(base::BootTime /*now*/) override {}
  [[nodiscard]] base::Endpoint peer() const override { return network_.peer; }
  std::size_t send(std::span<const base::Bytes> datagrams, SendFate& fate,
                   std::string& words) override {
    std::size_t sent = 0;
    fate = SendFate::sent;
    for (const base::Bytes datagram : datagrams) {
      if (network_.fate != SendFate::sent && network_.takes == 0) {
        fate = network_.fate;
        words = network_.words;
        return sent;
      }
      if (network_.takes != SIZE_MAX) --network_.takes;
      ++sent;
      network_.sent.emplace_back(datagram.begin(), datagram.end());
      if (network_.on_send) network_.on_send(network_.sent.back());
    }
    return sent;
  }
  bool receive(std::vector<std::byte>& datagram, base::Endpoint& from) override {
    if (network_.arriving.empty()) return false;
    std::tie(datagram, from) = std::move(network_.arriving.front());
    network_.arriving.pop_front();
    return true;
  }
  void wait(base::BootTime deadline) override {
    if (network_.on_wait) network_.on_wait();
    if (network_.clock == nullptr || !network_.arriving.empty()) return;
    if (deadline > network_.clock->boot())
      network_.clock->advance(deadline - network_.clock->boot());
  }
  void on_readable(std::function<void()> wake) override { wake_ = std::move(wake); }

 private:
  Network& network_;
  std::function<void()> wake_;
};

}  // namespace trapline::sinks
