// Informs over a network that loses three datagrams of ten, each way.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "gateway/load/mark_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::ScratchDirectory;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Stands between one sender and a port of this host. A thread of its own, until it dies.
class LossyProxy {
 public:
  LossyProxy(std::uint16_t to, double loss, std::uint64_t seed)
      : port_(test_support::free_udp_port()), loss_(loss), dice_(seed) {
    const sockaddr_in here = loopback(port_);
    const sockaddr_in there = loopback(to);
    good_ = bind(front_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0 &&
            connect(back_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;
  ~LossyProxy() {
    thread_ = {};
    close(front_);
    close(back_);
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void run(const std::stop_token& stop) {
    std::array<pollfd, 2> watched{{{front_, POLLIN, 0}, {back_, POLLIN, 0}}};
    while (!stop.stop_requested()) {
      if (poll(watched.data(), watched.size(), 20) <= 0) continue;
      if (watched[0].revents != 0) forward_question();
      if (watched[1].revents != 0) forward_answer();
    }
  }
  void forward_question() {
    socklen_t size = sizeof sender_;
    const ssize_t got = recvfrom(front_, octets_.data(), octets_.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&sender_), &size);
    if (got <= 0 || lost()) return;
    static_cast<void>(send(back_, octets_.data(), static_cast<std::size_t>(got), 0));
  }
  void forward_answer() {
    const ssize_t got = recv(back_, octets_.data(), octets_.size(), MSG_DONTWAIT);
    if (got <= 0 || lost()) return;
    static_cast<void>(sendto(front_, octets_.data(), static_cast<std::size_t>(got), 0,
                             reinterpret_cast<const sockaddr*>(&sender_), sizeof sender_));
  }
  bool lost() { return std::uniform_real_distribution<double>()(dice_) < loss_; }

  const int front_ = socket(AF_INET, SOCK_DGRAM, 0);
  const int back_ = socket(AF_INET, SOCK_DGRAM, 0);
  const std::uint16_t port_;
  const double loss_;
  std::mt19937_64 dice_;
  bool good_ = false;
  sockaddr_in sender_{};
  std::array<char, 65'536> octets_{};
  std::jthread thread_;
};

TEST(LossyNetwork, EveryInformIsAcknowledgedInTheEndAndDeliveredOnce) {
  const ScratchDirectory scratch;
  RunningGateway gateway(scratch.path());
  ASSERT_TRUE(gateway.start()) << gateway.log();
  const LossyProxy proxy(gateway.port(), 0.3, 1);
  ASSERT_TRUE(proxy.good());
  const Finished done = trapline({"bench", "--json", "--target", proxy.address(), "--kind",
                                  "inform", "--rate", "2000", "--count", "4000", "--window", "1000",
                                  "--timeout-ms", "100", "--retries", "100"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json result = json::parse(done.out);
  EXPECT_EQ(result["acknowledged"], 4'000);
  EXPECT_EQ(result["unanswered"], 0);
  EXPECT_GT(result["retransmitted"], 2'000);
  ASSERT_TRUE(gateway.wait_until_settled()) << gateway.status();
  EXPECT_GT(gateway.status()["ledger"]["duplicate"], 500);
  ASSERT_EQ(gateway.stop(), 0);
  gateway::load::MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(gateway.events_path(), error)) << error;
  ASSERT_EQ(audit.runs().size(), 1U);
  const auto run =
      static_cast<std::uint32_t>(std::stoul(result["run"].get<std::string>(), nullptr, 16));
  audit.expect(run, result["sent"]);
  EXPECT_EQ(audit.runs().at(run).missing(), 0U);
  EXPECT_EQ(audit.runs().at(run).repeated, 0U);
}

}  // namespace
}  // namespace trapline::integration
