// Starting where another gateway is, stopping without losing what was read, reopening files.

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "gateway/load/mark_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::kPatience;
using test_support::ScratchDirectory;
using test_support::trapline_binary;

constexpr int kExitConfiguration = 78;

class StartAndStop : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(gateway_.start()) << gateway_.log(); }

  // How many notifications `trapline bench` sent to the gateway.
  std::uint64_t send(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"bench", "--json", "--target", gateway_.v4()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Finished done = trapline(arguments);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json::parse(done.out)["sent"];
  }

  // A gateway that must not start: what it said.
  std::string refused(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Finished done = trapline(arguments);
    EXPECT_EQ(done.exit_code, kExitConfiguration) << done.err;
    return done.err;
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(StartAndStop, ASecondGatewayOnTheSameDataDirectoryIsRefused) {
  const std::string other = "127.0.0.1:" + std::to_string(test_support::free_udp_port());
  const std::string said = refused({"--data-dir", gateway_.data_dir(), "--listen", other});
  EXPECT_NE(said.find(gateway_.data_dir()), std::string::npos) << said;
  EXPECT_TRUE(gateway_.process().running());
}

TEST_F(StartAndStop, ASecondGatewayOnTheSamePortIsRefused) {
  const std::string said = refused({"--data-dir", scratch_ / "other", "--listen", gateway_.v4()});
  EXPECT_NE(said.find(std::to_string(gateway_.port())), std::string::npos) << said;
}

TEST_F(StartAndStop, ADataDirectoryThatCannotBeMadeIsRefused) {
  const std::string file = scratch_.write("file", "not a directory");
  const std::string other = "127.0.0.1:" + std::to_string(test_support::free_udp_port());
  EXPECT_NE(refused({"--data-dir", file + "/data", "--listen", other}).find(file),
            std::string::npos);
}

TEST_F(StartAndStop, SigtermWritesEverythingThatWasReceived) {
  const std::uint64_t sent = send({"--flat-out", "--count", "20000"});
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  gateway::load::MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(gateway_.events_path(), error)) << error;
  EXPECT_EQ(audit.lines(), sent);
  EXPECT_EQ(audit.torn_lines() + audit.repeated_ids(), 0U);
  EXPECT_NE(gateway_.log().find("balanced=yes"), std::string::npos) << gateway_.log();
}

TEST_F(StartAndStop, WhatWasWrittenIsNotWrittenAgainAfterARestart) {
  const std::uint64_t sent = send({"--rate", "5000", "--count", "1000"});
  ASSERT_EQ(gateway_.stop(), 0);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  const std::uint64_t more = send({"--rate", "5000", "--count", "500"});
  ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
  ASSERT_EQ(gateway_.stop(), 0);
  gateway::load::MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(gateway_.events_path(), error)) << error;
  EXPECT_EQ(audit.lines(), sent + more);
  EXPECT_EQ(audit.torn_lines() + audit.repeated_ids(), 0U);
}

TEST_F(StartAndStop, Sigusr1OpensTheFileAnew) {
  send({"--rate", "5000", "--count", "100"});
  ASSERT_TRUE(gateway_.wait_until_settled());
  const std::string moved = gateway_.events_path() + ".1";
  std::filesystem::rename(gateway_.events_path(), moved);
  gateway_.process().signal(SIGUSR1);
  ASSERT_TRUE(test_support::wait_until([&] {
    return std::filesystem::exists(gateway_.events_path());
  })) << gateway_.log();
  send({"--rate", "5000", "--count", "50"});
  EXPECT_EQ(gateway_.wait_for_events(50).size(), 50U);
  gateway::load::MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(moved, error)) << error;
  EXPECT_EQ(audit.lines(), 100U);
}

TEST_F(StartAndStop, StatusOfNoGatewayIsUnavailable) {
  ASSERT_EQ(gateway_.stop(), 0);
  const Finished asked = trapline({"status", "--data-dir", gateway_.data_dir()});
  EXPECT_EQ(asked.exit_code, 69) << asked.err;
}

TEST(Configuration, AMistakeIsToldWithFileAndLine) {
  const ScratchDirectory scratch;
  const std::string path =
      scratch.write("trapline.yaml", "node: n\nlisteners:\n  - upd: 1.2.3.4:5\n");
  const Finished done = trapline({"run", "--config", path});
  EXPECT_EQ(done.exit_code, kExitConfiguration);
  EXPECT_NE(done.err.find("trapline.yaml:3"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("udp"), std::string::npos) << done.err;
}

TEST(CommandLine, AnUnknownVerbOrOptionIsAUsageError) {
  EXPECT_EQ(trapline({"nonsense"}).exit_code, 64);
  EXPECT_EQ(trapline({"run", "--nonsense"}).exit_code, 64);
  EXPECT_EQ(trapline({"bench", "--target", "192.0.2.1:162", "--count", "1"}).exit_code, 64);
}

}  // namespace
}  // namespace trapline::integration
