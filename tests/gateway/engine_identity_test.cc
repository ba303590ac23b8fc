#include "gateway/engine_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/engine_id_text.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::gateway {
namespace {

using test_support::SimFs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EngineIdentity : public ::testing::Test {
 protected:
  EngineIdentity() { (void)fs_.make_directory("/data"); }

  base::Result<protocol::usm::LocalEngine, std::string> start(std::string_view configured = {}) {
    std::vector<std::byte> id;
    if (!configured.empty()) id = *parse_engine_id(configured);
    return load_engine_identity(fs_, "/data", id, clock_, random_);
  }
  void put(std::string_view text) {
    const base::Bytes octets = base::as_bytes(text);
    fs_.put("/data/engine", {octets.begin(), octets.end()});
  }

  SimFs fs_{1};
  test_support::FakeClock clock_;
  test_support::SeededRandom random_{7};
};

TEST_F(EngineIdentity, IsMadeOnceAndItsBootsRiseWithEveryStart) {
  const auto first = start();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id.size(), 12U);
  EXPECT_THAT(engine_id_text(first->id), StartsWith("80007ed905"));
  EXPECT_EQ(first->boots, 1);
  for (int boots = 2; boots < 20; ++boots) {
    const auto again = start();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, first->id);
    EXPECT_EQ(again->boots, boots);
  }
}

TEST_F(EngineIdentity, BootsOnceHandedOutSurviveThePowerFailing) {
  std::int32_t highest = 0;
  for (std::uint64_t changes = 1; changes < 200; ++changes) {
    fs_.cut_power_after(changes % 12 + 1);
    const auto started = start();
    if (started) {
      ASSERT_GT(started->boots, highest) << "at " << changes;
      highest = started->boots;
    }
    fs_.power_cycle();
    (void)fs_.make_directory("/data");
  }
  EXPECT_GT(highest, 10);
}

TEST_F(EngineIdentity, TimeIsSecondsSinceTheStart) {
  const auto engine = start();
  ASSERT_TRUE(engine);
  EXPECT_EQ(engine->time_at(clock_.boot()), 0);
  EXPECT_EQ(engine->time_at(clock_.boot() + std::chrono::milliseconds(2'999)), 2);
}

TEST_F(EngineIdentity, AConfiguredEngineWithoutAFileGoesOnFromTheWallClock) {
  const auto first = start("8000000001020304");
  ASSERT_TRUE(first);
  EXPECT_EQ(engine_id_text(first->id), "8000000001020304");
  EXPECT_GT(first->boots, 3'000'000) << "minutes since 2020, at the end of 2025";
  fs_.remove("/data/engine");
  clock_.advance(std::chrono::minutes(5));
  const auto second = start("8000000001020304");
  ASSERT_TRUE(second);
  EXPECT_GT(second->boots, first->boots);
  clock_.advance(std::chrono::minutes(100));
  EXPECT_GT(start("8000000001020304")->boots, second->boots + 90) << "another was it meanwhile";
}

TEST_F(EngineIdentity, AnotherConfiguredEngineDoesNotInheritBoots) {
  const auto own = start();
  const auto other = start("800000000102030405");
  ASSERT_TRUE(own);
  ASSERT_TRUE(other);
  EXPECT_NE(own->id, other->id);
  EXPECT_GT(other->boots, 3'000'000);
}

TEST_F(EngineIdentity, SaysWhatToDoWhenItCannotGoOn) {
  put("rubbish");
  EXPECT_THAT(start().error(), HasSubstr("restore it, or set v3.engine.id"));
  EXPECT_TRUE(start("8000000001020304"));
  put("8000000001020304 2147483646\n");
  EXPECT_THAT(start().error(), HasSubstr("set another v3.engine.id"));
  fs_.set_faults({.sync = 1});
  put("8000000001020304 5\n");
  EXPECT_THAT(start().error(), HasSubstr("make data_dir writable"));
}

TEST(EngineIdText, ReadsWhatItWritesAndNothingElse) {
  EXPECT_EQ(engine_id_text(*parse_engine_id("0x80001F8801")), "80001f8801");
  for (const char* wrong : {"", "80001f88", "80001f880", "80001f88zz", "0x"}) {
    EXPECT_FALSE(parse_engine_id(wrong)) << wrong;
  }
  EXPECT_TRUE(parse_engine_id(std::string(64, 'a')));
  EXPECT_FALSE(parse_engine_id(std::string(66, 'a')));
}

}  // namespace
}  // namespace trapline::gateway
