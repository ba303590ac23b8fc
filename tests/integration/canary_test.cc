// No community's text in any file, log line or core of a run: unusual ones are sent in every way
// there is, and then searched for.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

namespace fs = std::filesystem;
using test_support::read_file;
using test_support::run_program;
using test_support::ScratchDirectory;

constexpr const char* kRight = "canary-8c1e44d0-right";
constexpr const char* kWrong = "canary-5b77aa92-wrong";
constexpr const char* kRelayed = "canary-e30d6f15-relayed";
constexpr const char* kSnmpTrapCommunity = "1.3.6.1.6.3.18.1.4.0";

class Canary : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string community = scratch_.write("secret/community", kRight);
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "data_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\nsources: { trusted_relays: [127.0.0.1/32] }\n"
            "communities:\n  - { name: core, community: \"${file:" +
            community +
            "}\" }\n"
            "log: { level: debug }\nsinks:\n  events: { type: file, path: " +
            gateway_.events_path() + " }\n  snmptrapd: { type: file, format: snmptrapd, path: " +
            (scratch_ / "snmptrapd.log") +
            " }\n  text: { type: file, format: text, path: " + (scratch_ / "text.log") + " }\n");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
  }

  void send(const std::string& kind, const std::string& version, const std::string& community) {
    static_cast<void>(trapline({"send", kind, "--version", version, "--community", community,
                                "--timeout-ms", "300", "--retries", "0", gateway_.v4(),
                                "IF-MIB::linkDown", kSnmpTrapCommunity, "s", kRelayed}));
  }

  static void expect_clean(const std::string& where, const std::string& text) {
    for (const char* const canary : {kRight, kWrong, kRelayed}) {
      EXPECT_EQ(text.find(canary), std::string::npos) << canary << " in " << where;
    }
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

TEST_F(Canary, IsNowhere) {
  for (const char* const community : {kRight, kWrong}) {
    send("trap", "v1", community);
    send("trap", "v2c", community);
    send("inform", "v2c", community);
  }
  ASSERT_EQ(gateway_.wait_for_events(3).size(), 3U);
  expect_clean("status", gateway_.status().dump());
  const std::string pid = std::to_string(gateway_.process().pid());
  const Finished cored = run_program({"gcore", "-o", scratch_ / "core", pid});
  ASSERT_EQ(cored.exit_code, 0) << cored.err;
  const std::string core = read_file(scratch_ / ("core." + pid));
  EXPECT_NE(core.find("IF-MIB::linkDown"), std::string::npos) << "the core holds no events";
  ASSERT_EQ(gateway_.stop(), 0);
  expect_clean("log", gateway_.log());
  expect_clean("journal dump",
               trapline({"journal", "dump", "--json", "--data-dir", gateway_.data_dir()}).out);
  fs::remove_all(scratch_ / "secret");
  std::size_t searched = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(scratch_.path())) {
    if (!entry.is_regular_file()) continue;
    expect_clean(entry.path(), read_file(entry.path()));
    ++searched;
  }
  EXPECT_GE(searched, 5U);  // journal, three outputs, core
}

}  // namespace
}  // namespace trapline::integration
