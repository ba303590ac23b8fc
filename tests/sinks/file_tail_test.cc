#include "sinks/file_tail.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/sinks/memory_files.h"

namespace trapline::sinks {
namespace {

FileResult<FileTail> tail_of(const std::string& content) {
  MemoryFiles files;
  files.put("/f", content);
  const auto file = files.open("/f", FileMode::read);
  return read_tail(**file, content.size());
}

void expect_tail(const std::string& content, std::uint64_t whole_bytes, std::string_view line) {
  const auto tail = tail_of(content);
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->whole_bytes, whole_bytes);
  EXPECT_EQ(tail->last_line, line);
}

TEST(FileTail, EndsInAWholeLine) {
  expect_tail("", 0, "");
  expect_tail("a", 0, "");
  expect_tail("\n", 1, "");
  expect_tail("a\n", 2, "a");
  expect_tail("a\nbc\n", 5, "bc");
  expect_tail("a\nbc\nd", 5, "bc");
}

TEST(FileTail, LinesWithANulAreTorn) {
  expect_tail(std::string("a\nb\0c\nd", 7), 2, "a");
  expect_tail(std::string("\0\n\0\n", 4), 0, "");
}

TEST(FileTail, LongLinesAreReadInGrowingPieces) {
  for (const std::size_t length : {65'534U, 65'535U, 65'536U, 65'537U, 300'000U, 2'000'000U}) {
    const std::string line(length, 'x');
    expect_tail("a\n" + line + "\n", length + 3, line);
    expect_tail(line + "\n" + line, length + 1, line);
    expect_tail("a\n" + line, 2, "a");
    expect_tail("a\n" + std::string(length, '\0'), 2, "a");
  }
}

TEST(FileTail, WithoutALineItIsNotOurs) {
  const auto tail = tail_of(std::string(kLongestLineBytes + 1, 'x'));
  ASSERT_FALSE(tail);
  EXPECT_EQ(tail.error(), std::errc::file_too_large);
}

}  // namespace
}  // namespace trapline::sinks
