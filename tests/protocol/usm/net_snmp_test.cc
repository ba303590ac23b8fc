// What net-snmp's tools send, opened by an Inbound; and what it answers, taken by them.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/protocol/usm/v3_peer.h"
#include "tests/support/process.h"

namespace trapline::protocol::usm {
namespace {

using test_support::Octets;
using test_support::Process;

// A UDP socket on a free port of 127.0.0.1.
class LoopbackPort {
 public:
  LoopbackPort() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~LoopbackPort() { close(socket_); }

  [[nodiscard]] const std::string& name() const { return name_; }
  // The next datagram; nothing when none comes within the tests' patience.
  Octets next() {
    pollfd ready{socket_, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(10'000).count())) != 1)
      return {};
    Octets octets(65'536);
    socklen_t size = sizeof peer_;
    const ssize_t got = recvfrom(socket_, octets.data(), octets.size(), 0,
                                 reinterpret_cast<sockaddr*>(&peer_), &size);
    octets.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return octets;
  }
  // To who sent the last one.
  void answer(base::Bytes octets) {
    sendto(socket_, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&peer_),
           sizeof peer_);
  }

 private:
  int socket_;
  std::string name_;
  sockaddr_in peer_{};
};

std::vector<std::string> arguments(const std::string& tool, const std::string& auth,
                                   const std::string& priv, const std::string& to) {
  std::vector<std::string> all = {tool, "-v3", "-m", "",   "-r0", "-t5",
                                  "-u", "ops", "-a", auth, "-A",  std::string(kAuthPassword)};
  if (priv.empty()) {
    all.insert(all.end(), {"-l", "authNoPriv"});
  } else {
    all.insert(all.end(), {"-l", "authPriv", "-x", priv, "-X", std::string(kPrivPassword)});
  }
  all.insert(all.end(), {to, "4711", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"});
  return all;
}

std::vector<std::string> environment(const test_support::ScratchDirectory& scratch) {
  return {"SNMPCONFPATH=" + scratch.path(), "SNMP_PERSISTENT_DIR=" + scratch.path()};
}

constexpr const char* kAuths[] = {"MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
constexpr const char* kPrivs[] = {"", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"};

UsmUser user_of(const char* auth, const char* priv) {
  const auto privacy = *priv == '\0' ? PrivProtocol::none : *priv_protocol_named(priv);
  return test_user("ops", *auth_protocol_named(auth), privacy);
}

TEST(NetSnmp, TrapsOfEveryPairOfProtocolsAreAccepted) {
  const test_support::ScratchDirectory scratch;
  LoopbackPort port;
  for (const char* const auth : kAuths) {
    for (const char* const priv : kPrivs) {
      SCOPED_TRACE(std::string(auth) + " " + priv);
      Receiver receiver(users(user_of(auth, priv)));
      const auto sent = test_support::run_program(arguments("snmptrap", auth, priv, port.name()),
                                                  environment(scratch));
      ASSERT_EQ(sent.exit_code, 0) << sent.err;
      ASSERT_TRUE(receiver.receive(port.next())) << receiver.verdict();
      EXPECT_EQ(receiver.message().trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
      EXPECT_EQ(receiver.message().security.level, receiver.user("ops").highest_level());
      EXPECT_TRUE(receiver.message().flags.empty());
    }
  }
}

TEST(NetSnmp, InformsAreAnsweredSoThatTheirSenderIsContent) {
  const test_support::ScratchDirectory scratch;
  LoopbackPort port;
  const std::pair<const char*, const char*> pairs[] = {{"MD5", "DES"},
                                                       {"SHA", ""},
                                                       {"SHA", "AES-256-C"},
                                                       {"SHA-256", "AES"},
                                                       {"SHA-512", "AES-256"}};
  for (const auto& [auth, priv] : pairs) {
    SCOPED_TRACE(std::string(auth) + " " + priv);
    Receiver receiver(users(user_of(auth, priv)));
    Process sender(arguments("snmpinform", auth, priv, port.name()), environment(scratch));
    bool accepted = false;
    for (int turn = 0; turn < 4 && !accepted; ++turn) {
      accepted = receiver.receive(port.next()).has_value();
      if (!accepted) port.answer(receiver.trace().report);
    }
    ASSERT_TRUE(accepted) << receiver.verdict();
    port.answer(receiver.response());
    EXPECT_EQ(sender.wait(), 0) << sender.err();
  }
}

}  // namespace
}  // namespace trapline::protocol::usm
