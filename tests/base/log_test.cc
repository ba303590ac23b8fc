#include "base/log.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace trapline::base {
namespace {

using test_support::FakeClock;

// A log whose lines are kept.
struct Fixture {
  explicit Fixture(LogFormat format, LogLevel least = LogLevel::debug)
      : log(format, least, clock, [this](std::string_view line) { lines.emplace_back(line); }) {}

  FakeClock clock;
  std::vector<std::string> lines;
  Log log;
};

TEST(Log, WritesLogfmt) {
  Fixture f(LogFormat::logfmt);
  f.log.write(LogLevel::warning, "listener.bind", "cannot bind",
              {{"port", 162}, {"name", "main"}, {"why", "in use"}});
  ASSERT_EQ(f.lines.size(), 1U);
  EXPECT_EQ(f.lines[0],
            "time=2026-01-01T00:00:00.000Z level=warning id=listener.bind msg=\"cannot bind\" "
            "port=162 name=main why=\"in use\"\n");
}

TEST(Log, WritesJson) {
  Fixture f(LogFormat::json);
  f.clock.advance(std::chrono::milliseconds(1'042));
  f.log.write(LogLevel::error, "disk.full", "no space", {{"free", 0}});
  ASSERT_EQ(f.lines.size(), 1U);
  EXPECT_EQ(f.lines[0], R"({"time":"2026-01-01T00:00:01.042Z","level":"error","id":"disk.full",)"
                        R"("msg":"no space","free":"0"})"
                        "\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Fixture f(LogFormat::logfmt, LogLevel::warning);
  f.log.write(LogLevel::debug, "a", "a");
  f.log.write(LogLevel::info, "a", "a");
  f.log.write(LogLevel::warning, "a", "a");
  f.log.write(LogLevel::error, "a", "a");
  EXPECT_EQ(f.lines.size(), 2U);
}

TEST(Log, NothingFromTheNetworkSplitsALineOrMovesACursor) {
  for (const LogFormat format : {LogFormat::logfmt, LogFormat::json}) {
    Fixture f(format);
    const std::string_view hostile("x\r\ny\x1b[2J\0\"=\\\x80", 14);
    f.log.write(LogLevel::info, "trap.refused", hostile, {{"text", hostile}});
    ASSERT_EQ(f.lines.size(), 1U);
    const std::string line = f.lines[0].substr(0, f.lines[0].size() - 1);
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
}

TEST(Log, QuotesWhatIsNoPlainWord) {
  Fixture f(LogFormat::logfmt);
  f.log.write(LogLevel::info, "a", "a", {{"empty", ""}, {"equals", "a=b"}, {"quote", "a\"b"}});
  EXPECT_NE(f.lines[0].find(R"(empty="" equals="a=b" quote="a\"b")"), std::string::npos)
      << f.lines[0];
}

TEST(Log, ASiteHasABudgetPerSecondAndTellsWhatItHeldBack) {
  Fixture f(LogFormat::logfmt);
  LogSite site;
  for (int i = 0; i < 20; ++i) f.log.write_limited(site, LogLevel::info, "a", "a");
  EXPECT_EQ(f.lines.size(), LogSite::kPerSecond);
  f.clock.advance(std::chrono::seconds(1));
  f.log.write_limited(site, LogLevel::info, "a", "a");
  ASSERT_EQ(f.lines.size(), LogSite::kPerSecond + 1);
  EXPECT_NE(f.lines.back().find("suppressed=15"), std::string::npos) << f.lines.back();
  f.log.write_limited(site, LogLevel::info, "a", "a");
  EXPECT_EQ(f.lines.back().find("suppressed"), std::string::npos);
}

TEST(Log, ALineBelowTheLevelCostsNoBudget) {
  Fixture f(LogFormat::logfmt, LogLevel::warning);
  LogSite site;
  for (int i = 0; i < 20; ++i) f.log.write_limited(site, LogLevel::debug, "a", "a");
  f.log.write_limited(site, LogLevel::error, "a", "a");
  EXPECT_EQ(f.lines.size(), 1U);
}

TEST(Log, SitesHaveBudgetsOfTheirOwn) {
  Fixture f(LogFormat::logfmt);
  LogSite one;
  LogSite other;
  for (int i = 0; i < 20; ++i) f.log.write_limited(one, LogLevel::info, "a", "a");
  f.log.write_limited(other, LogLevel::info, "b", "b");
  EXPECT_EQ(f.lines.size(), LogSite::kPerSecond + 1);
}

}  // namespace
}  // namespace trapline::base
