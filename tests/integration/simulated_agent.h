// SNMP agents in a test: UDP sockets on loopback that answer as the test says.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/gateway/poller/fake_network.h"

namespace trapline::integration {

using test_support::Octets;

// Answers on one port of several loopback addresses, by one thread, until it dies.
class SimulatedAgent {
 public:
  // What a request gets; nothing for silence. Called on the agent's thread.
  using Answer = std::function<Octets(const gateway::SentRequest&)>;

  // `port` 0: any, the same for all.
  SimulatedAgent(const std::vector<std::string>& addresses, std::uint16_t port, Answer answer)
      : port_(port), answer_(std::move(answer)) {
    for (const std::string& address : addresses) open(address);
    thread_ = std::thread([this] { run(); });
  }
  ~SimulatedAgent() {
    stop_ = true;
    thread_.join();
    for (const pollfd& socket : sockets_) ::close(socket.fd);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  // A second socket's datagram to whoever asked last: a reply that comes from elsewhere.
  std::atomic<bool> answer_from_elsewhere = false;

 private:
  void open(const std::string& address) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port_);
    inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    auto* const generic = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(::bind(fd, generic, sizeof at), 0) << address;
    socklen_t size = sizeof at;
    ::getsockname(fd, generic, &size);
    port_ = ntohs(at.sin_port);
    sockets_.push_back({fd, POLLIN, 0});
  }

  void run() {
    std::vector<std::byte> room(65'536);
    while (!stop_) {
      if (::poll(sockets_.data(), sockets_.size(), 20) <= 0) continue;
      for (const pollfd& socket : sockets_) {
        if ((socket.revents & POLLIN) != 0) answer_one(socket.fd, room);
      }
    }
  }

  void answer_one(int fd, std::vector<std::byte>& room) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    auto* const generic = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t count = ::recvfrom(fd, room.data(), room.size(), 0, generic, &size);
    if (count < 0) return;
    const auto request =
        gateway::read_request(base::Bytes(room).first(static_cast<std::size_t>(count)));
    const Octets reply = answer_(request);
    if (reply.empty()) return;
    int from = fd;
    if (answer_from_elsewhere) from = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ::sendto(from, reply.data(), reply.size(), 0, generic, size);
    if (from != fd) ::close(from);
  }

  std::uint16_t port_;
  const Answer answer_;
  std::vector<pollfd> sockets_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// A v2c Response of these.
inline Octets response_to(const gateway::SentRequest& request,
                          std::initializer_list<Octets> varbinds) {
  return test_support::message(1, test_support::pdu_v2(0xa2, request.id, varbinds));
}

}  // namespace trapline::integration
