#include "base/secret.h"

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "base/undumped_buffer.h"

namespace trapline::base {
namespace {

TEST(Secret, EqualsItsOwnTextOnly) {
  const Secret secret("public");
  EXPECT_TRUE(secret.equals(as_bytes("public")));
  for (const char* const other :
       {"", "p", "publi", "publicc", "Public", "private", "publicpublic"}) {
    EXPECT_FALSE(secret.equals(as_bytes(other))) << other;
  }
}

TEST(Secret, TheEmptyOneEqualsTheEmptyTextOnly) {
  EXPECT_TRUE(Secret().equals({}));
  EXPECT_TRUE(Secret("").equals({}));
  EXPECT_FALSE(Secret("").equals(as_bytes("x")));
  EXPECT_FALSE(Secret("x").equals({}));
}

TEST(Secret, MayHoldAnyOctets) {
  const std::string_view text("a\0b", 3);
  const Secret secret(text);
  EXPECT_TRUE(secret.equals(as_bytes(text)));
  EXPECT_FALSE(secret.equals(as_bytes("a")));
  EXPECT_EQ(as_text(secret.reveal()), text);
}

TEST(Secret, MovesAndDoesNotCopy) {
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_copy_assignable_v<Secret>);
  Secret first("public");
  const Secret second = std::move(first);
  EXPECT_TRUE(second.equals(as_bytes("public")));
}

TEST(UndumpedBuffer, IsZeroedAndWritable) {
  UndumpedBuffer buffer(10'000);
  ASSERT_EQ(buffer.bytes().size(), 10'000U);
  for (const std::byte octet : buffer.bytes()) ASSERT_EQ(octet, std::byte{0});
  buffer.bytes()[9'999] = std::byte{7};
  const UndumpedBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.bytes()[9'999], std::byte{7});
  EXPECT_EQ(moved.size_bytes(), 10'000U);
}

TEST(UndumpedBuffer, MayBeEmpty) {
  EXPECT_TRUE(UndumpedBuffer().bytes().empty());
  EXPECT_TRUE(UndumpedBuffer(0).bytes().empty());
}

}  // namespace
}  // namespace trapline::base
