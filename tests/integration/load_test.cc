// Under load: order, and the promise to informs across SIGKILL.

#include <cstdlib>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "gateway/load/acked_file.h"
#include "gateway/load/mark_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using gateway::load::MarkAudit;
using gateway::load::RunAudit;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::trapline_binary;

std::uint32_t run_of(const json& result) {
  return static_cast<std::uint32_t>(std::stoul(result["run"].get<std::string>(), nullptr, 16));
}

TEST(Order, TwentyThousandTrapsASecondFromManyPortsOfOneAddressArriveAsSent) {
  const ScratchDirectory scratch;
  RunningGateway gateway(scratch.path());
  ASSERT_TRUE(gateway.start()) << gateway.log();
  const Finished done = trapline({"bench", "--json", "--target", gateway.v4(), "--rate", "20000",
                                  "--sources", "200", "--secs", "3"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json result = json::parse(done.out);
  ASSERT_TRUE(gateway.wait_until_settled()) << gateway.status();
  ASSERT_EQ(gateway.stop(), 0);
  MarkAudit audit;
  std::string error;
  ASSERT_TRUE(audit.take_file(gateway.events_path(), error)) << error;
  audit.expect(run_of(result), result["sent"]);
  const RunAudit& run = audit.runs().at(run_of(result));
  EXPECT_EQ(run.missing(), 0U);
  EXPECT_EQ(run.repeated, 0U);
  EXPECT_EQ(run.out_of_order, 0U);
}

TEST(BenchVerb, ProvesThatNothingIsMissingAndFindsWhatIs) {
  const ScratchDirectory scratch;
  RunningGateway gateway(scratch.path());
  ASSERT_TRUE(gateway.start()) << gateway.log();
  const std::string acked = scratch / "acked";
  const Finished done = trapline({"bench", "--target", gateway.v6(), "--kind", "inform", "--count",
                                  "500", "--flat-out", "--sources", "7", "--acked", acked});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.out.find("500 acknowledged"), std::string::npos) << done.out;
  ASSERT_TRUE(gateway.wait_until_settled());
  ASSERT_EQ(gateway.stop(), 0);
  const std::vector<std::string> verify = {"bench",   "--verify", gateway.events_path(),
                                           "--acked", acked,      "--json"};
  const Finished whole = trapline(verify);
  EXPECT_EQ(whole.exit_code, 0) << whole.out;
  EXPECT_EQ(json::parse(whole.out)["runs"][0]["found"], 500);

  const std::string events = test_support::read_file(gateway.events_path());
  const std::size_t second = events.find('\n') + 1;
  scratch.write("data/events.jsonl", std::string_view(events).substr(second));
  const Finished less = trapline(verify);
  EXPECT_EQ(less.exit_code, 1) << less.out;
  EXPECT_EQ(json::parse(less.out)["acknowledged_missing"], 1);

  scratch.write("data/events.jsonl", events + events.substr(0, second / 2));
  EXPECT_EQ(json::parse(trapline(verify).out)["torn_lines"], 1);
}

// A gateway that is killed again and again while informs arrive.
class Kill : public ::testing::Test {
 protected:
  static constexpr auto kLoad = 1'500ms;

  void SetUp() override { ASSERT_TRUE(gateway_.start()) << gateway_.log(); }

  // Informs at 5,000 a second for kLoad; every one is sent again until it is answered.
  std::unique_ptr<Process> start_load(int round) {
    std::vector<std::string> arguments = {trapline_binary(),
                                          "bench",
                                          "--json",
                                          "--target",
                                          gateway_.v4(),
                                          "--kind",
                                          "inform",
                                          "--rate",
                                          "5000",
                                          "--secs",
                                          "1.5",
                                          "--window",
                                          "2000",
                                          "--timeout-ms",
                                          "250",
                                          "--retries",
                                          "200",
                                          "--acked",
                                          acked_path(round)};
    arguments.insert(arguments.end(), access_.begin(), access_.end());
    return std::make_unique<Process>(arguments);
  }

  [[nodiscard]] std::string acked_path(int round) const {
    return scratch_ / ("acked-" + std::to_string(round));
  }

  // Kills at a random moment of the load, sometimes once more soon after the restart.
  void kill_and_restart() {
    std::this_thread::sleep_for(random_time(kLoad));
    gateway_.kill();
    if (random_() % 3 == 0) {
      static_cast<void>(gateway_.start(random_time(100ms)));
      gateway_.kill();
    }
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }

  std::chrono::milliseconds random_time(std::chrono::milliseconds most) {
    return std::chrono::milliseconds(random_() % static_cast<std::uint64_t>(most.count()));
  }

  void run_round(int round) {
    const auto load = start_load(round);
    kill_and_restart();
    ASSERT_EQ(load->wait(90s), 0) << load->err();
    const json result = json::parse(load->out());
    EXPECT_EQ(result["unanswered"], 0) << result;
    ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
  }

  void expect_promises_kept(int rounds) {
    MarkAudit audit;
    std::string error;
    ASSERT_TRUE(audit.take_file(gateway_.events_path(), error)) << error;
    EXPECT_EQ(audit.torn_lines(), 0U);
    EXPECT_EQ(audit.repeated_ids(), 0U);
    EXPECT_EQ(audit.runs().size(), static_cast<std::size_t>(rounds));
    for (const auto& [run, found] : audit.runs()) EXPECT_EQ(found.repeated, 0U) << run;
    for (int round = 0; round < rounds; ++round) {
      const auto acked = gateway::load::read_acked_file(acked_path(round));
      ASSERT_TRUE(acked);
      EXPECT_GT(acked->sequences.size(), 1'000U);
      EXPECT_EQ(audit.count_missing(acked->run, acked->sequences), 0U) << "round " << round;
    }
  }

  void run_rounds();

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
  std::vector<std::string> access_;  // how the load's messages are let in
  std::mt19937_64 random_;
};

// The same with SNMPv3: after each restart our boots have changed, so every sender must learn them
// before its inform is taken again.
class KillV3 : public Kill {
 protected:
  void SetUp() override {
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "data_dir: " + gateway_.data_dir() +
                             "\nlisteners:\n  - udp: " + gateway_.v4() +
                             "\nv3:\n  users:\n    - { name: noc, auth: sha256, auth_password: "
                             "kill-auth-password, priv: aes128, priv_password: "
                             "kill-priv-password }\nsinks:\n  events: { type: file, path: " +
                             gateway_.events_path() + " }\n");
    access_ = {"--version", "v3",     "--user",          "noc",
               "--auth",    "sha256", "--auth-password", "kill-auth-password",
               "--priv",    "aes128", "--priv-password", "kill-priv-password"};
    Kill::SetUp();
  }
};

void Kill::run_rounds() {
  const char* const wanted = std::getenv("TRAPLINE_KILLS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 5;
  const char* const repeated = std::getenv("TRAPLINE_SEED");
  const std::uint64_t seed =
      repeated != nullptr ? std::strtoull(repeated, nullptr, 10) : std::random_device()();
  std::printf("TRAPLINE_SEED=%llu repeats the moments\n", static_cast<unsigned long long>(seed));
  random_.seed(seed);
  for (int round = 0; round < rounds; ++round) {
    run_round(round);
    if (HasFatalFailure()) return;
  }
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  expect_promises_kept(rounds);
}

TEST_F(Kill, EveryAcknowledgedInformIsWrittenOnceWhateverTheMoment) { run_rounds(); }

TEST_F(KillV3, EveryAcknowledgedInformIsWrittenOnceWhateverTheMoment) { run_rounds(); }

}  // namespace
}  // namespace trapline::integration
