// The configuration fuzzer's seeds, replayed.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fuzz/config_invariants.h"
#include "tests/support/captures.h"

namespace trapline::gateway {
namespace {

TEST(Seeds, OfTheConfigurationFuzzerBreakNoInvariant) {
  const auto tests = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(tests / "data/fuzz/config")) {
    SCOPED_TRACE(file.path());
    fuzz::check_config(test_support::read_capture(file.path()).octets);
    ++count;
  }
  EXPECT_GE(count, 2U);
}

}  // namespace
}  // namespace trapline::gateway
