// SIGKILL in the middle of what rules add to a gateway: the swap of a reload, and the saving of
// their state. What was decided is what a replay from the beginning decides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using test_support::ScratchDirectory;
using ::testing::HasSubstr;

constexpr int kKilled = 128 + 9;

class RuleCrashPoint : public ::testing::Test {
 protected:
  RuleCrashPoint() {
    gateway_.program = TRAPLINE_CRASHING_PROGRAM;
    configure("minor");
  }

  void configure(const std::string& severity) {
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "data_dir: " + gateway_.data_dir() + "\nlisteners: [ { udp: '" +
                             gateway_.v4() +
                             "' } ]\ncommunities: [ { name: default, community: public } ]\n"
                             "sinks: { events: { type: file, path: " +
                             gateway_.events_path() +
                             " } }\nrules: [ { name: down, match: IF-MIB::linkDown, state: raise, "
                             "set: { severity: " +
                             severity + ", key: 'if/{{ vars.ifIndex }}' } } ]\n");
  }
  void crash_at(const std::string& place) { gateway_.environment = {"TRAPLINE_CRASH_AT=" + place}; }
  void expect_killed_and_start() {
    ASSERT_EQ(gateway_.process().wait(), kKilled);
    gateway_.environment.clear();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  // The same interface goes down once more; it is the `count`th event, and so often raised.
  void raise(std::size_t count, const std::string& severity) {
    const Finished sent =
        trapline({"send", "inform", gateway_.v4(), "IF-MIB::linkDown", "ifIndex.7", "i", "7"});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
    const auto events = gateway_.wait_for_events(count);
    ASSERT_EQ(events.size(), count);
    EXPECT_EQ(events.back()["severity"], severity);
    const Finished listed = trapline({"problems", "--json", "--data-dir", gateway_.data_dir()});
    ASSERT_EQ(listed.exit_code, 0) << listed.err;
    const auto problems = nlohmann::json::parse(listed.out)["problems"];
    ASSERT_EQ(problems.size(), 1U) << listed.out;
    EXPECT_EQ(problems[0]["count"], count);
    EXPECT_EQ(problems[0]["raise_id"], events.front()["id"]);
  }
  void expect_verified() {
    ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
    const Finished verified = trapline({"replay", "--verify", "--config", gateway_.config_path});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_THAT(verified.out, HasSubstr(" 0 differ"));
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(RuleCrashPoint, ReloadSwap) {
  crash_at("reload-swap");
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  raise(1, "minor");
  configure("major");
  // Whether the answer still gets out is chance.
  static_cast<void>(trapline({"reload", "--data-dir", gateway_.data_dir()}));
  ASSERT_NO_FATAL_FAILURE(expect_killed_and_start());
  raise(2, "major");
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
}

TEST_F(RuleCrashPoint, TheFirstSavingIsHalfDone) {
  crash_at("checkpoint-half:1");
  static_cast<void>(gateway_.start());
  ASSERT_NO_FATAL_FAILURE(expect_killed_and_start());
  raise(1, "minor");
  expect_verified();
}

TEST_F(RuleCrashPoint, TheSavingAtTheStopIsHalfDone) {
  crash_at("checkpoint-half:2");
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  raise(1, "minor");
  gateway_.process().signal(SIGTERM);
  ASSERT_NO_FATAL_FAILURE(expect_killed_and_start());
  raise(2, "minor");
  expect_verified();
}

TEST(ReplayArguments, WhatIsWrongWithThemIsTold) {
  const ScratchDirectory scratch;
  const std::string config = scratch.write(
      "c.yaml", "data_dir: " + scratch / "data" + "\nsinks: { a: { type: file, path: /tmp/a } }\n");
  const auto replay = [&](std::vector<std::string> rest) {
    rest.insert(rest.begin(), {"replay", "--config", config});
    return trapline(rest);
  };
  for (const char* const bound : {"--from", "--to"}) {
    const Finished wrong = replay({bound, "yesterday"});
    EXPECT_EQ(wrong.exit_code, 64) << wrong.err;
    EXPECT_THAT(wrong.err, HasSubstr(std::string(bound) + " yesterday: expected an LSN"));
  }
  const Finished no_sink = replay({"--sink", "nobody"});
  EXPECT_EQ(no_sink.exit_code, 69) << no_sink.err;
  EXPECT_THAT(no_sink.err, HasSubstr("no sink `nobody`"));
  const Finished no_journal = replay({});
  EXPECT_EQ(no_journal.exit_code, 78) << no_journal.err;
  EXPECT_THAT(no_journal.err, HasSubstr("cannot read the journal in " + scratch / "data"));
  EXPECT_NE(replay({"--verify", "--sink", "a"}).exit_code, 0);
  EXPECT_NE(replay({"--dry-run", "--sink", "a"}).exit_code, 0);
}

}  // namespace
}  // namespace trapline::integration
