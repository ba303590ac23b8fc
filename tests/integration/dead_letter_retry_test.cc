// Dead letters on their way back, with and without a gateway, and under SIGKILL.
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"
#include "tests/support/peer.h"

namespace trapline::integration {
namespace {

using test_support::ScratchDirectory;
using test_support::trapline_binary;
using test_support::wait_until;

class DeadLetterRetry : public ::testing::Test {
 protected:
  DeadLetterRetry() {
    answer("422");
    EXPECT_TRUE(peer_.start({scratch_ / "answer"}));
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "data_dir: " + gateway_.data_dir() + "\nlisteners: [ { udp: '" +
                             gateway_.v4() +
                             "' } ]\n"
                             "communities: [ { name: default, community: public } ]\n"
                             "sinks: { hook: { type: webhook, url: 'http://127.0.0.1:" +
                             peer_.port() + "/' } }\n");
  }

  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }
  void answer(const char* status) { std::ofstream(scratch_ / "answer") << status; }
  std::size_t letters() {
    const Finished listed = trapline({"deadletter", "ls", "--config", gateway_.config_path});
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    return lines(listed.out).size();
  }
  std::vector<std::string> retry_all() {
    return {trapline_binary(), "deadletter", "retry", "--all", "--config", gateway_.config_path};
  }
  // The ids that arrived, repetitions included.
  std::vector<std::string> arrived() { return lines(peer_.told()); }
  std::set<std::string> different() {
    const auto ids = arrived();
    return {ids.begin(), ids.end()};
  }
  // So many events that nobody would take.
  void make_letters(std::size_t count) {
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
    const Finished sent = trapline({"bench", "--json", "--target", gateway_.v4(), "--kind", "trap",
                                    "--rate", "1000", "--count", std::to_string(count)});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
    ASSERT_TRUE(wait_until([&] { return letters() == count; })) << letters();
  }

  const ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
  test_support::Peer peer_{"http_peer.py"};
};

TEST_F(DeadLetterRetry, GoesThroughTheGatewayAndIsDeliveredOnceOrIsBackInTheLog) {
  make_letters(20);
  const Finished refused = test_support::run_program(retry_all());
  EXPECT_EQ(refused.exit_code, 0) << refused.err;
  ASSERT_TRUE(wait_until([&] { return letters() == 20; }));
  EXPECT_TRUE(arrived().empty());
  answer("200");
  const Finished done = test_support::run_program(retry_all());
  EXPECT_EQ(done.exit_code, 0) << done.err;
  ASSERT_TRUE(wait_until([&] { return arrived().size() == 20; }));
  ASSERT_TRUE(wait_until([&] { return balances(gateway_.status()); }));
  EXPECT_EQ(different().size(), 20U);
  EXPECT_EQ(letters(), 0U);
  const Finished none =
      trapline({"deadletter", "ls", "--sink", "hook", "--config", gateway_.config_path});
  EXPECT_EQ(none.err, "no dead letters of sink `hook`\n");
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  const Finished verified = trapline({"replay", "--verify", "--config", gateway_.config_path});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

TEST_F(DeadLetterRetry, GoesDirectlyWhenNoGatewayRuns) {
  make_letters(20);
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  const Finished refused = test_support::run_program(retry_all());
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_EQ(letters(), 20U);
  answer("200");
  const Finished done = test_support::run_program(retry_all());
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(letters(), 0U);
  EXPECT_EQ(different().size(), 20U);
  EXPECT_EQ(arrived().size(), 20U);
}

TEST_F(DeadLetterRetry, LosesNothingWhenTheGatewayOrTheCommandIsKilled) {
  make_letters(60);
  answer("200");
  for (std::size_t killed_at = 0; killed_at < 4; ++killed_at) {
    Process retry(retry_all());
    const std::size_t before = arrived().size();
    const std::size_t wanted = before + killed_at * 3;
    (void)wait_until([&] { return arrived().size() >= wanted || !retry.running(); });
    if (killed_at % 2 == 0) gateway_.kill();
    retry.signal(SIGKILL);
    if (killed_at % 2 == 0) {
      ASSERT_TRUE(gateway_.start()) << gateway_.log();
    }
  }
  const Finished rest = test_support::run_program(retry_all());
  EXPECT_TRUE(rest.exit_code == 0 || letters() == 0) << rest.err;
  ASSERT_TRUE(wait_until([&] { return different().size() == 60; })) << different().size();
  EXPECT_EQ(letters(), 0U);
}

TEST_F(DeadLetterRetry, ReplayReachesAWebhook) {
  make_letters(20);
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  answer("200");
  const Finished done = trapline({"replay", "--sink", "hook", "--config", gateway_.config_path});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.out.find("20 delivered to hook"), std::string::npos) << done.out;
  EXPECT_EQ(different().size(), 20U);
  answer("422");
  const Finished refused = trapline({"replay", "--sink", "hook", "--config", gateway_.config_path});
  EXPECT_EQ(refused.exit_code, 69);
  EXPECT_NE(refused.err.find("0 of 20 delivered, 20 refused"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace trapline::integration
