// Our restart under 500 senders of SNMPv3 informs: boots and time change under all of them, and
// none loses an inform.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "protocol/encode.h"
#include "protocol/usm/originator.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
namespace usm = protocol::usm;
using nlohmann::json;
using test_support::ScratchDirectory;

constexpr std::size_t kSenders = 500;
constexpr auto kTimeout = 500ms;
constexpr auto kPause = 100ms;  // from an acknowledgement to the next inform
constexpr int kRestarts = 3;
constexpr const char* kAuthPassword = "restart-auth-password";
constexpr const char* kPrivPassword = "restart-priv-password";

usm::UsmUser noc() {
  usm::UsmUser user;
  user.name = "noc";
  user.auth = usm::AuthProtocol::sha256;
  user.priv = usm::PrivProtocol::aes128;
  user.keys.push_back({usm::password_to_key(base::as_bytes(kAuthPassword), user.auth),
                       usm::password_to_key(base::as_bytes(kPrivPassword), user.auth)});
  return user;
}

// One device: its own address, its own notion of our engine, one inform at a time, which it repeats
// until it is acknowledged.
class Sender {
 public:
  Sender(const usm::UsmUser& user, std::uint16_t port, std::uint32_t number)
      : originator_(user, salts_, {user.highest_level(), {}, {}}),
        socket_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)),
        request_id_(static_cast<std::int32_t>(number << 16)) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&from), sizeof from), 0);
    sockaddr_in to = from;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    salts_.aes = std::uint64_t{number} << 32;
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender() { close(socket_); }

  [[nodiscard]] int descriptor() const { return socket_; }
  [[nodiscard]] unsigned acknowledged() const { return acknowledged_; }
  [[nodiscard]] bool waiting() const { return waiting_; }

  // Sends what is due: the next inform, or the same once more.
  void send(base::BootTime now, bool may_begin) {
    if (now < due_ || (!waiting_ && !may_begin)) return;
    waiting_ = true;
    transmit(now);
  }

  void receive(base::BootTime now) {
    std::array<std::byte, 2'048> octets;
    ssize_t size = 0;
    while ((size = recv(socket_, octets.data(), octets.size(), 0)) >= 0) {
      const auto reply =
          originator_.read(base::Bytes(octets).first(static_cast<std::size_t>(size)), now);
      if (!reply) continue;
      if (reply->kind == usm::ReplyKind::report) {
        transmit(now);
      } else if (waiting_ && reply->msg_id == request_id_) {
        waiting_ = false;
        ++acknowledged_;
        ++request_id_;
        due_ = now + kPause;
      }
    }
  }

 private:
  void transmit(base::BootTime now) {
    std::vector<std::byte> message;
    if (originator_.needs_discovery()) {
      originator_.write_probe(request_id_, message);
    } else {
      const protocol::Oid link_up = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.4");
      protocol::Notification notification;
      notification.pdu = protocol::PduKind::inform;
      notification.request_id = request_id_;
      notification.trap_oid = link_up;
      std::vector<std::byte> pdu;
      protocol::encode_pdu(notification, pdu);
      originator_.write(request_id_, pdu, true, now, message);
    }
    static_cast<void>(::send(socket_, message.data(), message.size(), 0));
    due_ = now + kTimeout;
  }

  usm::SaltCounters salts_;
  usm::Originator originator_;
  int socket_;
  std::int32_t request_id_;
  bool waiting_ = false;
  base::BootTime due_{};  // to send the next one, or the same again
  unsigned acknowledged_ = 0;
};

// All of them, on one thread.
class Senders {
 public:
  Senders(const usm::UsmUser& user, std::uint16_t port) {
    for (std::uint32_t number = 1; number <= kSenders; ++number) {
      senders_.push_back(std::make_unique<Sender>(user, port, number));
    }
  }

  // Sends until `condition`, and then waits for what is outstanding. False when patience ran out.
  bool run_until(const std::function<bool()>& condition) {
    const base::BootTime end = clock_.boot() + test_support::kPatience;
    bool over = false;
    while (clock_.boot() < end) {
      over = over || condition();
      turn(!over);
      if (over && std::ranges::none_of(senders_, [](const auto& one) { return one->waiting(); })) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool all_have(unsigned acknowledged) const {
    return std::ranges::all_of(
        senders_, [&](const auto& one) { return one->acknowledged() >= acknowledged; });
  }
  [[nodiscard]] std::size_t total() const {
    std::size_t total = 0;
    for (const auto& one : senders_) total += one->acknowledged();
    return total;
  }

 private:
  void turn(bool may_begin) {
    std::vector<pollfd> waiting;
    for (const auto& one : senders_) {
      one->send(clock_.boot(), may_begin);
      waiting.push_back({one->descriptor(), POLLIN, 0});
    }
    poll(waiting.data(), waiting.size(), 10);
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      if (waiting[i].revents != 0) senders_[i]->receive(clock_.boot());
    }
  }

  base::SystemClock clock_;
  std::vector<std::unique_ptr<Sender>> senders_;
};

TEST(V3Restart, FiveHundredSendersGoOnWithoutALostInform) {
  const ScratchDirectory scratch;
  RunningGateway gateway(scratch.path());
  gateway.config_path = scratch.write(
      "trapline.yaml",
      "data_dir: " + gateway.data_dir() + "\nlisteners:\n  - udp: " + gateway.v4() +
          "\nv3:\n  users:\n    - { name: noc, auth: sha256, auth_password: " + kAuthPassword +
          ", priv: aes128, priv_password: " + kPrivPassword +
          " }\nsinks:\n  events: { type: file, path: " + gateway.events_path() + " }\n");
  ASSERT_TRUE(gateway.start()) << gateway.log();
  const usm::UsmUser user = noc();
  Senders senders(user, gateway.port());
  unsigned each = 1;
  ASSERT_TRUE(senders.run_until([&] { return senders.all_have(each); })) << gateway.status();
  for (int restart = 0; restart < kRestarts; ++restart) {
    // The gateway is down while they send, and back while they repeat.
    std::thread restarting([&] {
      restart % 2 == 0 ? static_cast<void>(gateway.stop()) : gateway.kill();
      EXPECT_TRUE(gateway.start()) << gateway.log();
    });
    each += 2;
    const bool went_on = senders.run_until([&] { return senders.all_have(each); });
    restarting.join();
    ASSERT_TRUE(went_on) << "restart " << restart << ", acknowledged " << senders.total();
  }
  ASSERT_TRUE(gateway.wait_until_settled()) << gateway.status();
  EXPECT_EQ(gateway.status()["v3"]["engine_boots"], kRestarts + 1);
  ASSERT_EQ(gateway.stop(), 0);
  // Every inform acknowledged is written, and written once: request-ids are unique.
  std::set<int> written;
  const std::vector<json> events = gateway.events();
  for (const json& event : events) written.insert(event["request_id"].get<int>());
  EXPECT_EQ(written.size(), senders.total());
  EXPECT_EQ(events.size(), senders.total());
}

}  // namespace
}  // namespace trapline::integration
