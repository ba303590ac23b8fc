// The expression fuzzer's seeds, replayed.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fuzz/expression_invariants.h"
#include "tests/support/captures.h"

namespace trapline::rules {
namespace {

TEST(Seeds, OfTheExpressionFuzzerBreakNoInvariant) {
  const auto tests = std::filesystem::path(__FILE__).parent_path().parent_path();
  fuzz::ExpressionWorld world;
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(tests / "data/fuzz/expression")) {
    SCOPED_TRACE(file.path());
    const auto seed = test_support::read_capture(file.path());
    world.check(base::as_text(seed.octets));
    ++count;
  }
  EXPECT_GE(count, 6U);
}

}  // namespace
}  // namespace trapline::rules
