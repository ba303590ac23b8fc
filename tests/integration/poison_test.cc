// Events at which the process dies: by its own fault three times, and it goes on without them.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::wait_until;

// In a new journal the CHECKPOINT is record 1, the first EVENT 2 and its OUTCOME 3.
class Poison : public ::testing::Test {
 protected:
  Poison() {
    gateway_.program = TRAPLINE_CRASHING_PROGRAM;
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "data_dir: " + gateway_.data_dir() + "\nlisteners: [ { udp: '" +
                             gateway_.v4() +
                             "' } ]\n"
                             "communities: [ { name: default, community: public } ]\n"
                             "sinks: { events: { type: file, path: " +
                             gateway_.events_path() +
                             " } }\n"
                             "rules: [ { name: all, set: { severity: major } } ]\n");
  }
  void send() {
    const Finished sent =
        trapline({"send", "trap", gateway_.v4(), "IF-MIB::linkDown", "ifIndex.7", "i", "7"});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  // Dies so often of the signal at the place, and is started once more, the place being as deadly
  // as before or not.
  void die(const std::string& place, int number, int times, bool stays_deadly) {
    gateway_.environment = {"TRAPLINE_DIE_AT=" + place + ":" + std::to_string(number)};
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
    send();
    for (int death = 1; death <= times; ++death) {
      ASSERT_EQ(gateway_.process().wait(), 128 + number) << death << gateway_.log();
      if (death == times && !stays_deadly) gateway_.environment.clear();
      (void)gateway_.start();  // which may end before it is ready
    }
    ASSERT_TRUE(gateway_.process().running()) << gateway_.log();
  }
  // What `deadletter ls` lists.
  std::string letters() {
    return trapline({"deadletter", "ls", "--config", gateway_.config_path}).out;
  }

  const ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(Poison, AtASinkBecomesADeadLetterAfterThreeDeaths) {
  die("sink:events:3", 11, 3, true);
  ASSERT_TRUE(wait_until([&] { return !letters().empty(); })) << gateway_.log();
  EXPECT_NE(letters().find("the process has died three times"), std::string::npos) << letters();
  send();
  const auto events = gateway_.wait_for_events(1);
  ASSERT_EQ(events.size(), 1U);
  ASSERT_TRUE(wait_until([&] { return balances(gateway_.status()); })) << gateway_.status();
  EXPECT_NE(gateway_.log().find("id=gateway.poison"), std::string::npos);
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
}

TEST_F(Poison, AtTheRouterPassesUndecidedAfterThreeDeaths) {
  die("router::2", 6, 3, true);
  send();
  const auto events = gateway_.wait_for_events(2);
  ASSERT_EQ(events.size(), 2U) << gateway_.log();
  EXPECT_EQ(events[0]["flags"], json::array({"rule_error"}));
  EXPECT_EQ(events[0]["severity"], "info");
  EXPECT_EQ(events[1]["severity"], "major");
  EXPECT_TRUE(letters().empty());
  ASSERT_TRUE(wait_until([&] { return balances(gateway_.status()); })) << gateway_.status();
  // What the rules remember is built from the journal again: still without that event.
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
}

TEST_F(Poison, AKillIsNoDeathOfItsOwn) {
  die("sink:events:3", 9, 4, false);
  ASSERT_EQ(gateway_.wait_for_events(1).size(), 1U);
  EXPECT_TRUE(letters().empty());
  EXPECT_EQ(test_support::read_file(gateway_.data_dir() + "/deaths"), "");
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
}

}  // namespace
}  // namespace trapline::integration
