// What senders see while the disk fails or is full: no Response, a living process, and Responses
// again soon after the disk is back.
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"
#include "tests/integration/small_file_system.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::wait_until;

constexpr auto kResumesWithin = 5s;

// Sends one inform, waiting `wait_ms` for its Response. True when it was acknowledged.
bool acknowledged(const RunningGateway& gateway, int number, int wait_ms) {
  const Finished sent =
      trapline({"send", "inform", gateway.v4(), "IF-MIB::linkDown", "ifIndex.1", "i",
                std::to_string(number), "--timeout-ms", std::to_string(wait_ms), "--retries", "0"});
  return sent.exit_code == 0;
}

// How long after now an inform is acknowledged again.
std::chrono::nanoseconds time_to_resume(const RunningGateway& gateway) {
  const auto since = std::chrono::steady_clock::now();
  int number = 10'000;
  if (!wait_until([&] { return acknowledged(gateway, ++number, 250); })) return 1h;
  return std::chrono::steady_clock::now() - since;
}

bool ready(const RunningGateway& gateway) { return gateway.status().value("ready", false); }

TEST(DiskTrouble, AFailedFdatasyncIsNeverAnsweredAndAcknowledgingResumes) {
  const ScratchDirectory scratch;
  const std::string flag = scratch.path() + "/failing";
  RunningGateway gateway(scratch.path());
  gateway.environment = {"LD_PRELOAD=" TRAPLINE_FAILING_DISK_LIBRARY,
                         "TRAPLINE_FAILING_DISK=" + flag};
  ASSERT_TRUE(gateway.start());
  EXPECT_TRUE(acknowledged(gateway, 1, 2'000));

  std::ofstream(flag) << "x";
  EXPECT_FALSE(acknowledged(gateway, 2, 1'500));
  EXPECT_FALSE(acknowledged(gateway, 3, 1'500));
  EXPECT_TRUE(gateway.process().running());
  EXPECT_FALSE(ready(gateway));

  std::remove(flag.c_str());
  EXPECT_LT(time_to_resume(gateway), kResumesWithin);
  EXPECT_TRUE(ready(gateway));
  EXPECT_TRUE(gateway.process().running());
  EXPECT_EQ(gateway.stop(), 0);
  EXPECT_TRUE(gateway.start());
  EXPECT_TRUE(gateway.wait_until_settled());
  EXPECT_GE(gateway.events().size(), 2U);
}

TEST(DiskTrouble, OnAFullFileSystemNothingIsAnsweredAndAcknowledgingResumes) {
  const ScratchDirectory scratch;
  const SmallFileSystem small(scratch, 400);
  ASSERT_TRUE(small.mounted()) << "this test needs to be root and to have loop devices";
  RunningGateway gateway(small.path());
  gateway.config_path = scratch.path() + "/trapline.yaml";
  std::ofstream(gateway.config_path)
      << "data_dir: " << gateway.data_dir() << "\n"
      << "listeners: [ { udp: '" << gateway.v4() << "' } ]\n"
      << "communities: [ { name: default, community: public } ]\n"
      << "sinks: { events: { type: file, path: " << scratch.path() << "/events.jsonl } }\n";
  ASSERT_TRUE(gateway.start());
  EXPECT_TRUE(acknowledged(gateway, 1, 2'000));

  small.fill();
  // What was set aside before still takes some; load until it is used up.
  for (int round = 0; round < 20 && ready(gateway); ++round) {
    (void)trapline({"bench", "--target", gateway.v4(), "--flat-out", "--secs", "1"});
  }
  ASSERT_FALSE(ready(gateway));
  EXPECT_FALSE(acknowledged(gateway, 2, 1'500));
  EXPECT_TRUE(gateway.process().running());

  small.make_room();
  EXPECT_LT(time_to_resume(gateway), kResumesWithin);
  EXPECT_TRUE(gateway.process().running());
  EXPECT_TRUE(gateway.wait_until_settled());
  EXPECT_EQ(gateway.stop(), 0);
}

}  // namespace
}  // namespace trapline::integration
