// What SNMPv3 refuses, told three times: by a counter, by a log line and by `explain`.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;
using Words = std::vector<std::string>;

constexpr const char* kEngine = "80001f880472656675736564";

// Receives one datagram, as hexadecimal: what `trapline send` puts on the wire.
class Catcher {
 public:
  Catcher() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  Catcher(const Catcher&) = delete;
  Catcher& operator=(const Catcher&) = delete;
  ~Catcher() { close(socket_); }

  [[nodiscard]] std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string next() const {
    unsigned char octets[2'048];
    const ssize_t size = recv(socket_, octets, sizeof octets, 0);
    std::string hex;
    for (ssize_t i = 0; i < size; ++i) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", octets[i]);
      hex += digits;
    }
    return hex;
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

class V3Refusal : public ::testing::Test {
 protected:
  void SetUp() override {
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "data_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\nv3:\n  users:\n"
            "    - { name: noc, auth: sha256, auth_password: right-auth-password, priv: aes128,\n"
            "        priv_password: right-priv-password,\n"
            "        next: { auth_password: next-auth-password, priv_password: next-priv-password "
            "} }\n"
            "    - { name: pinned, engines: [\"80001f880401020304\"] }\n"
            "    - { name: signer, auth: sha1, auth_password: right-auth-password }\n"
            "sinks:\n  events: { type: file, path: " +
            gateway_.events_path() + " }\n");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }

  static Words trap(const Words& access) {
    Words words = {"send", "trap", "--version", "v3", "--engine-id", kEngine};
    words.insert(words.end(), access.begin(), access.end());
    return words;
  }

  [[nodiscard]] Finished explain(const Words& access) const {
    const Catcher catcher;
    Words words = trap(access);
    words.insert(words.end(), {catcher.target(), "IF-MIB::linkUp"});
    EXPECT_EQ(trapline(words).exit_code, 0);
    return trapline({"explain", "--json", "--config", gateway_.config_path, catcher.next()});
  }

  // A trap with this access is refused for `reason`, and `explain` says so at `step`.
  void expect_refused(const Words& access, const std::string& reason, const std::string& user,
                      const std::string& step) {
    Words words = trap(access);
    words.insert(words.end(), {gateway_.v4(), "IF-MIB::linkUp"});
    ASSERT_EQ(trapline(words).exit_code, 0);
    EXPECT_TRUE(wait_until([&] { return gateway_.status()["reasons"]["refused"][reason] == 1; }))
        << gateway_.status()["reasons"];
    EXPECT_TRUE(wait_until([&] { return !line_of(reason).empty(); })) << gateway_.log();
    const std::string line = line_of(reason);
    for (const std::string& part : {std::string("peer=127.0.0.1:"), std::string(kEngine),
                                    "user=" + user, std::string("reception.v3_refused")}) {
      EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
    }
    const Finished explained = explain(access);
    EXPECT_EQ(explained.exit_code, 1) << explained.out << explained.err;
    const json last = json::parse(explained.out)["steps"].back();
    EXPECT_EQ(last["step"], step) << explained.out;
    EXPECT_EQ(last["verdict"], "refused");
    EXPECT_FALSE(last["advice"].get<std::string>().empty());
  }

  [[nodiscard]] std::string line_of(const std::string& reason) const {
    const std::string log = gateway_.log();
    const std::size_t at = log.find("reason=" + reason);
    if (at == std::string::npos) return {};
    const std::size_t begin = log.rfind('\n', at) + 1;
    return log.substr(begin, log.find('\n', at) - begin);
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

const Words kRight = {"--user",          "noc",
                      "--auth",          "sha256",
                      "--auth-password", "right-auth-password",
                      "--priv",          "aes128",
                      "--priv-password", "right-priv-password"};

Words changed(Words words, const std::string& from, const std::string& to) {
  for (std::string& word : words) {
    if (word == from) word = to;
  }
  return words;
}

TEST_F(V3Refusal, AWrongAuthenticationPassword) {
  expect_refused(changed(kRight, "right-auth-password", "wrong-auth-password"), "wrong_digest",
                 "noc", "digest");
}

TEST_F(V3Refusal, AnotherAuthenticationProtocol) {
  expect_refused(changed(kRight, "sha256", "sha512"), "wrong_digest", "noc", "digest");
}

TEST_F(V3Refusal, AWrongPrivacyPassword) {
  expect_refused(changed(kRight, "right-priv-password", "wrong-priv-password"),
                 "unreadable_plaintext", "noc", "decryption");
}

TEST_F(V3Refusal, AnUnknownUser) {
  expect_refused(changed(kRight, "noc", "nobody"), "unknown_user", "nobody", "user");
}

TEST_F(V3Refusal, TooLowALevel) {
  Words access = kRight;
  access.insert(access.end(), {"--level", "authNoPriv"});
  expect_refused(access, "level_too_low", "noc", "level");
}

TEST_F(V3Refusal, ALevelTheUserHasNoPasswordFor) {
  expect_refused(changed(changed(kRight, "noc", "signer"), "sha256", "sha1"), "unsupported_level",
                 "signer", "level");
}

TEST_F(V3Refusal, AnEngineTheUserIsNotPinnedTo) {
  expect_refused({"--user", "pinned"}, "engine_not_allowed", "pinned", "pinned");
}

TEST_F(V3Refusal, ExplainAcceptsWhatIsRightAndNamesTheNextPassword) {
  const Finished right = explain(kRight);
  EXPECT_EQ(right.exit_code, 0) << right.out << right.err;
  EXPECT_EQ(json::parse(right.out)["event"]["trap"]["name"], "IF-MIB::linkUp");
  const Finished next =
      explain(changed(changed(kRight, "right-auth-password", "next-auth-password"),
                      "right-priv-password", "next-priv-password"));
  EXPECT_EQ(next.exit_code, 0) << next.out << next.err;
  EXPECT_NE(next.out.find("`next`"), std::string::npos) << next.out;
}

TEST_F(V3Refusal, AnInformIsToldWhatToCorrect) {
  const auto inform = [&](const Words& access) {
    Words words = {"send", "inform", "--version", "v3", "--retries", "0"};
    words.insert(words.end(), access.begin(), access.end());
    words.insert(words.end(), {gateway_.v4(), "IF-MIB::linkUp"});
    return trapline(words);
  };
  const Finished right = inform(kRight);
  EXPECT_EQ(right.exit_code, 0) << right.err;
  const Finished password = inform(changed(kRight, "right-auth-password", "wrong-auth-password"));
  EXPECT_EQ(password.exit_code, 1) << password.out;
  EXPECT_NE(password.err.find("--auth-password"), std::string::npos) << password.err;
  const Finished user = inform(changed(kRight, "noc", "nobody"));
  EXPECT_EQ(user.exit_code, 1) << user.out;
  EXPECT_NE(user.err.find("--user"), std::string::npos) << user.err;
  EXPECT_EQ(gateway_.wait_for_events(1).size(), 1U);
}

}  // namespace
}  // namespace trapline::integration
