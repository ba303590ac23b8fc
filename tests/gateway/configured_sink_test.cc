#include "gateway/configured_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_check.h"
#include "gateway/config/config_loader.h"
#include "gateway/loop_guard.h"
#include "sinks/posix_files.h"
#include "tests/support/fake_clock.h"
#include "tests/support/peer.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A port of 127.0.0.1 that takes connections and says nothing, until this dies.
class SilentPort {
 public:
  SilentPort() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(descriptor_, generic, size), 0);
    EXPECT_EQ(::listen(descriptor_, 8), 0);
    EXPECT_EQ(::getsockname(descriptor_, generic, &size), 0);
    host_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  ~SilentPort() { close(); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  int descriptor_;
  std::string host_;
};

std::vector<std::string> problems_of(const std::string& sinks) {
  const ScratchDirectory scratch;
  const auto config = load_config(
      scratch.write("c.yaml", "data_dir: " + scratch.path() + "\nsinks: { " + sinks + " }\n"));
  return config ? probe_config(*config) : config.error().lines;
}

TEST(ConfiguredSink, ProbesTakeConnectionsForReachable) {
  const SilentPort port;
  EXPECT_THAT(problems_of("hook: { type: webhook, url: \"http://" + port.host() +
                          "/path\" }, log: { type: syslog, confirm_ms: 0, to: \"tcp://" +
                          port.host() + "\" }, lost: { type: syslog, to: \"udp://127.0.0.1\" }"),
              IsEmpty());
}

TEST(ConfiguredSink, AProbeTellsOfAReceiverThatClosesNothing) {
  const SilentPort port;
  EXPECT_THAT(
      problems_of("log: { type: syslog, timeout_ms: 200, to: \"tcp://" + port.host() + "\" }"),
      ElementsAre(
          "sink `log` cannot tell what was read: tcp://" + port.host() +
          ": has not closed its side 200 ms after it was told that nothing more comes; if it "
          "never does, set `confirm_ms: 0`"));
}

TEST(ConfiguredSink, AProbeSeesAReceiverCloseItsSide) {
  test_support::Peer peer("syslog_peer.py");
  ASSERT_TRUE(peer.start({"tcp", "0"}));
  EXPECT_THAT(problems_of("log: { type: syslog, to: \"tcp://127.0.0.1:" + peer.port() + "\" }"),
              IsEmpty());
}

TEST(ConfiguredSink, ProbesNameTheSinkAndTheReason) {
  SilentPort port;
  const std::string host = port.host();
  port.close();
  EXPECT_THAT(
      problems_of("hook: { type: webhook, url: \"http://" + host +
                  "/secret\" }, log: { type: syslog, to: \"tcp://" + host + "\" }"),
      ElementsAre(
          "sink `hook` cannot be reached: tcp://" + host + ": cannot connect: Connection refused",
          "sink `log` cannot be reached: tcp://" + host + ": cannot connect: Connection refused"));
  EXPECT_THAT(problems_of("log: { type: syslog, to: \"udp://nowhere.invalid\" }"),
              ElementsAre(HasSubstr("cannot look up nowhere.invalid")));
}

TEST(ConfiguredSink, AProbeShakesHandsWhereThereIsTls) {
  const SilentPort port;
  EXPECT_THAT(problems_of("hook: { type: webhook, timeout_ms: 200, url: \"https://" + port.host() +
                          "/\" }, log: { type: syslog, timeout_ms: 200, to: \"tls://" +
                          port.host() + "\" }"),
              ElementsAre(HasSubstr("`hook` cannot be reached: tls://127.0.0.1"),
                          HasSubstr("the TLS handshake timed out")));
}

TEST(ConfiguredSink, EveryTypeIsMadeWithoutTouchingAnything) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write(
      "c.yaml",
      "sinks:\n  a: { type: file, path: /nowhere/x }\n  b: { type: kafka, brokers: "
      "[nowhere.invalid],"
      " topic: t }\n  c: { type: webhook, url: \"http://nowhere.invalid/\", required: true }\n"
      "  d: { type: syslog, to: \"udp://nowhere.invalid\", start: oldest }\n"
      "  e: { type: snmp, to: nowhere.invalid, community: public }\n"));
  ASSERT_TRUE(config) << config.error().lines.front();
  const ConfiguredSinks sinks = configured_sinks(*config);
  ASSERT_THAT(sinks, SizeIs(config->sink_names.size()));
  sinks::PosixFiles files;
  const test_support::FakeClock clock;
  base::SystemRandom random;
  base::Log log(base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {});
  LoopGuard guard(clock, 1);
  for (const auto& sink : sinks) {
    EXPECT_NE(sink->make({files, clock, protocol::mib::MibIndex::built_in(), random, log, nullptr,
                          &guard}),
              nullptr);
    EXPECT_EQ(sink->drive().has_value(), sink->name() != "a");
    EXPECT_EQ(sink->required(), sink->name() == "c");
    EXPECT_EQ(sink->start_oldest(), sink->name() == "d");
  }
}

}  // namespace
}  // namespace trapline::gateway
