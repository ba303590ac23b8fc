// SIGKILL at the places where it could hurt most. The program is that of this build, which knows
// the places by name; the one that is shipped does not.
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

#include "gateway/load/acked_file.h"
#include "gateway/load/mark_audit.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using gateway::load::MarkAudit;
using nlohmann::json;
using test_support::ScratchDirectory;
using test_support::trapline_binary;

constexpr int kKilled = 128 + 9;

// A gateway with small segments that go as soon as nobody needs them, under a load that fills more
// than one of them.
class CrashPoint : public ::testing::TestWithParam<std::string_view> {
 protected:
  CrashPoint() {
    gateway_.program = TRAPLINE_CRASHING_PROGRAM;
    gateway_.config_path = scratch_.write(
        "trapline.yaml", "data_dir: " + gateway_.data_dir() + "\nlisteners: [ { udp: '" +
                             gateway_.v4() +
                             "' } ]\n"
                             "communities: [ { name: default, community: public } ]\n"
                             "journal: { max_bytes: 16777216, keep_secs: 0 }\n"
                             "sinks: { events: { type: file, path: " +
                             gateway_.events_path() + " } }\n");
  }

  // Informs of 1.2 KB each; every one is sent again until it is answered.
  void start_load() {
    load_ = std::make_unique<Process>(std::vector<std::string>{trapline_binary(),
                                                               "bench",
                                                               "--json",
                                                               "--target",
                                                               gateway_.v4(),
                                                               "--kind",
                                                               "inform",
                                                               "--varbinds",
                                                               "60",
                                                               "--rate",
                                                               "5000",
                                                               "--count",
                                                               "5000",
                                                               "--window",
                                                               "1000",
                                                               "--timeout-ms",
                                                               "250",
                                                               "--retries",
                                                               "200",
                                                               "--acked",
                                                               scratch_ / "acked"});
  }
  void set_crash_point() {
    gateway_.environment = {"TRAPLINE_CRASH_AT=" + std::string(GetParam())};
  }
  void expect_killed() {
    ASSERT_EQ(gateway_.process().wait(), kKilled) << "not passed: " << GetParam();
    gateway_.environment.clear();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }
  // No acknowledged inform missing, none twice, the books even.
  void expect_promises_kept() {
    ASSERT_EQ(load_->wait(20s), 0) << load_->err();
    EXPECT_EQ(json::parse(load_->out())["unanswered"], 0);
    ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
    ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
    MarkAudit audit;
    std::string error;
    ASSERT_TRUE(audit.take_file(gateway_.events_path(), error)) << error;
    EXPECT_EQ(audit.torn_lines(), 0U);
    EXPECT_EQ(audit.repeated_ids(), 0U);
    ASSERT_EQ(audit.runs().size(), 1U);
    EXPECT_EQ(audit.runs().begin()->second.repeated, 0U);
    const auto acked = gateway::load::read_acked_file(scratch_ / "acked");
    ASSERT_TRUE(acked);
    EXPECT_EQ(acked->sequences.size(), 5'000U);
    EXPECT_EQ(audit.count_missing(acked->run, acked->sequences), 0U);
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
  std::unique_ptr<Process> load_;
};

std::string name_of(const testing::TestParamInfo<std::string_view>& info) {
  std::string name(info.param.substr(0, info.param.find(':')));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// Each is passed that often before it kills: in the middle of the load.
class UnderLoad : public CrashPoint {};

TEST_P(UnderLoad, LosesNoAcknowledgedInformAndWritesNoneTwice) {
  set_crash_point();
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  start_load();
  ASSERT_NO_FATAL_FAILURE(expect_killed());
  expect_promises_kept();
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, UnderLoad,
    testing::Values("batch-filled:100", "write-short:100", "write-done-before-sync:100",
                    "sync-done-before-lsn:100", "lsn-before-response:100", "response-sent:100",
                    "segment-preallocated:2", "segment-header-written:2", "segment-dir-unsynced:2",
                    "seal-half:1", "first-wanted-before-unlink:1", "unlink-before-dir-sync:1",
                    "outcome-before-commit:100", "sink-accepted-before-cursor:1"),
    name_of);

// Killed under load, and once more while it starts.
class AtTheRestart : public CrashPoint {};

TEST_P(AtTheRestart, LosesNoAcknowledgedInformAndWritesNoneTwice) {
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  start_load();
  ASSERT_FALSE(gateway_.wait_for_events(1'000).empty());
  gateway_.kill();
  set_crash_point();
  ASSERT_FALSE(gateway_.start());
  ASSERT_NO_FATAL_FAILURE(expect_killed());
  expect_promises_kept();
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, AtTheRestart,
                         testing::Values("seal-half:1", "segment-preallocated:1",
                                         "segment-header-written:1", "segment-dir-unsynced:1",
                                         "write-short:1", "sync-done-before-lsn:1",
                                         "dedup-rebuild:1"),
                         name_of);

}  // namespace
}  // namespace trapline::integration
