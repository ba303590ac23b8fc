#include "gateway/load/load_mark.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace trapline::gateway::load {
namespace {

std::string text_of(const Mark& mark) {
  std::array<char, kMarkBytes> text{};
  write_mark(mark, text);
  return {text.data(), text.size()};
}

TEST(LoadMark, IsTextOfFixedSize) {
  EXPECT_EQ(text_of({0x1a2b3c4d, 0x3ff, 0xa1}), "tl-1a2b3c4d-03ff-000000a1");
  EXPECT_EQ(text_of({0, 0, 0xffff'ffff}), "tl-00000000-0000-ffffffff");
}

TEST(LoadMark, IsFoundInALine) {
  const Mark mark{0x1a2b3c4d, 0x3ff, 0xdeadbeef};
  EXPECT_EQ(find_mark(R"({"value":")" + text_of(mark) + R"("})"), mark);
}

TEST(LoadMark, IsFoundBehindWhatOnlyBeginsLikeOne) {
  const Mark mark{1, 2, 3};
  EXPECT_EQ(find_mark("tl-tl-0000000g-0000-00000000 " + text_of(mark)), mark);
}

TEST(LoadMark, IsNotFoundInPart) {
  const std::string text = text_of({1, 2, 3});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(find_mark(std::string_view(text).substr(0, size)), std::nullopt);
  }
}

}  // namespace
}  // namespace trapline::gateway::load
