#include "gateway/poison.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using journal::Lsn;

class PoisonListTest : public testing::Test {
 protected:
  PoisonList load(const std::string& deaths) {
    return PoisonList::load(scratch_.write("deaths", deaths), Lsn{1'000}, log_);
  }

  const test_support::ScratchDirectory scratch_;
  test_support::FakeClock clock_;
  std::string logged_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_,
                 [this](std::string_view line) { logged_ += line; }};
};

TEST_F(PoisonListTest, ThreeDeathsOfOneEventAtOnePlaceMakeItPoison) {
  const PoisonList list = load(
      "sink hook 7\nsink hook 7\nsink file 7\nrouter - 7\nsink hook 7\nrouter - 8\nrouter - 8\n"
      "router - 8\nrouter - 8\n");
  EXPECT_TRUE(list.at_sink("hook", Lsn{7}));
  EXPECT_FALSE(list.at_sink("file", Lsn{7}));
  EXPECT_FALSE(list.at_router(Lsn{7}));
  EXPECT_TRUE(list.at_router(Lsn{8}));
  EXPECT_FALSE(list.at_sink("hook", Lsn{8}));
  EXPECT_NE(logged_.find("id=gateway.poison"), std::string::npos);
  EXPECT_NE(logged_.find("lsn=7"), std::string::npos);
}

TEST_F(PoisonListTest, WhatIsNotUnderstoodOrOfAnotherJournalIsPassedOver) {
  const PoisonList list = load(
      "router - 2000\nrouter - 2000\nrouter - 2000\n\nrubbish\nrouter -\nrouter - x\n"
      "router - 0\nrouter - 0\nrouter - 0\nrouter - 5");
  EXPECT_FALSE(list.at_router(Lsn{2'000}));
  EXPECT_FALSE(list.at_router(Lsn{0}));
  EXPECT_FALSE(list.at_router(Lsn{5}));
  EXPECT_EQ(logged_, "");
}

TEST_F(PoisonListTest, NoFileMeansThatNobodyDied) {
  const PoisonList list = PoisonList::load(scratch_ / "none", Lsn{9}, log_);
  EXPECT_FALSE(list.at_router(Lsn{1}));
}

TEST_F(PoisonListTest, AFileThatHasGrownIsCutToItsLastLines) {
  std::string deaths;
  for (int line = 0; line < 3'000; ++line)
    deaths += "router - " + std::to_string(line % 900) + "\n";
  EXPECT_FALSE(load(deaths).at_router(Lsn{1}));
  EXPECT_LT(test_support::read_file(scratch_ / "deaths").size(), deaths.size() / 2);
}

}  // namespace
}  // namespace trapline::gateway
