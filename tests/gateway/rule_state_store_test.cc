#include "gateway/rule_state_store.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/sim_fs.h"

namespace trapline::gateway {
namespace {

using journal::Lsn;

std::vector<std::byte> octets(std::size_t size) {
  return std::vector<std::byte>(size, static_cast<std::byte>(size));
}

class RuleStateStoreTest : public testing::Test {
 protected:
  RuleStateStore store(RuleStateStore::Writing writing = RuleStateStore::Writing::at_once) {
    return {fs_, "/data/rules", log_, writing};
  }

  test_support::SimFs fs_{1};
  test_support::FakeClock clock_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
};

TEST_F(RuleStateStoreTest, GivesBackTheNewestThatIsNotAheadOfTheLog) {
  RuleStateStore states = store();
  EXPECT_FALSE(states.newest(Lsn{100}));
  states.save({Lsn{12}, Lsn{10}, octets(300)});
  states.save({Lsn{25}, Lsn{20}, octets(0)});
  const auto newest = states.newest(Lsn{20});
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->position, Lsn{25});
  EXPECT_TRUE(newest->octets.empty());
  const auto older = states.newest(Lsn{19});
  ASSERT_TRUE(older);
  EXPECT_EQ(older->position, Lsn{12});
  EXPECT_EQ(older->octets, octets(300));
  EXPECT_FALSE(states.newest(Lsn{9}));
}

TEST_F(RuleStateStoreTest, KeepsTwo) {
  RuleStateStore states = store();
  for (std::uint64_t i = 1; i <= 5; ++i) states.save({Lsn{i}, Lsn{i}, octets(i)});
  const auto listed = fs_.list("/data/rules");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), RuleStateStore::kKept);
}

TEST_F(RuleStateStoreTest, ADamagedStateIsPassedOverForAnOlderOne) {
  RuleStateStore states = store();
  states.save({Lsn{1}, Lsn{1}, octets(9)});
  states.save({Lsn{2}, Lsn{2}, octets(40)});
  auto file = fs_.open("/data/rules/state-00000000000000000002", journal::OpenMode::read_write);
  ASSERT_TRUE(file);
  const std::array<std::byte, 1> wrong{std::byte{0x55}};
  const base::Bytes piece(wrong);
  ASSERT_TRUE((*file)->write_at(45, std::span(&piece, 1)));
  const auto found = states.newest(Lsn{5});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->position, Lsn{1});
}

TEST_F(RuleStateStoreTest, InTheBackgroundEverythingIsWrittenBeforeItEnds) {
  {
    RuleStateStore states = store(RuleStateStore::Writing::background);
    for (std::uint64_t i = 1; i <= 20; ++i) states.save({Lsn{i}, Lsn{i}, octets(i)});
  }
  EXPECT_EQ(store().newest(Lsn{99})->position, Lsn{20});
}

}  // namespace
}  // namespace trapline::gateway
