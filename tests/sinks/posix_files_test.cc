#include "sinks/posix_files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace trapline::sinks {
namespace {

TEST(PosixFiles, AppendReadCutAndSync) {
  const test_support::ScratchDirectory directory;
  PosixFiles files;
  const std::string path = directory / "f";
  const auto file = files.open(path, FileMode::append);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->append("hello "));
  EXPECT_TRUE((*file)->append("world"));
  EXPECT_TRUE((*file)->sync());
  const auto facts = (*file)->facts();
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->size_bytes, 11U);
  EXPECT_TRUE(facts->regular);
  std::array<char, 20> room;
  EXPECT_EQ(*(*file)->read_at(6, room), 5U);
  EXPECT_EQ(std::string_view(room.data(), 5), "world");
  EXPECT_TRUE((*file)->truncate(5));
  EXPECT_TRUE((*file)->append("!"));
  EXPECT_EQ((*file)->facts()->size_bytes, 6U) << "appends go to the end, wherever that is";
}

TEST(PosixFiles, NewFilesAreForOwnerAndGroup) {
  const test_support::ScratchDirectory directory;
  const mode_t before = ::umask(0);
  ASSERT_TRUE(PosixFiles().open(directory / "f", FileMode::append));
  ::umask(before);
  struct stat found {};
  ASSERT_EQ(::stat((directory / "f").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0640U);
}

TEST(PosixFiles, ErrorsAreNamed) {
  const test_support::ScratchDirectory directory;
  PosixFiles files;
  EXPECT_EQ(files.open(directory / "none/f", FileMode::append).error(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(files.open(directory / "none", FileMode::read).error(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(files.open(directory.path(), FileMode::append).error(), std::errc::is_a_directory);
  ASSERT_TRUE(files.open(directory / "f", FileMode::create_new));
  EXPECT_EQ(files.open(directory / "f", FileMode::create_new).error(), std::errc::file_exists);
  EXPECT_EQ(files.remove(directory / "g").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(files.list(directory / "g").error(), std::errc::no_such_file_or_directory);
}

TEST(PosixFiles, RenameKeepsTheFileAndChangesTheName) {
  const test_support::ScratchDirectory directory;
  PosixFiles files;
  const auto file = files.open(directory / "a", FileMode::append);
  ASSERT_TRUE(file);
  ASSERT_TRUE(files.rename(directory / "a", directory / "b"));
  const auto other = files.open(directory / "a", FileMode::append);
  ASSERT_TRUE(other);
  EXPECT_NE((*file)->facts()->identity, (*other)->facts()->identity);
  auto names = *files.list(directory.path());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{".", "..", "a", "b"}));
}

TEST(PosixFiles, ADeviceIsNotARegularFile) {
  const auto file = PosixFiles().open("/dev/null", FileMode::append);
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->facts()->regular);
  EXPECT_TRUE((*file)->append("gone"));
}

TEST(PosixFiles, DirectoriesOfPaths) {
  EXPECT_EQ(directory_of("/a/b"), "/a");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
  EXPECT_EQ(directory_of("./a"), ".");
  EXPECT_EQ(name_in_directory("/a/b"), "b");
  EXPECT_EQ(name_in_directory("b"), "b");
}

}  // namespace
}  // namespace trapline::sinks
