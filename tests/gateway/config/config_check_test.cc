#include "gateway/config/config_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "gateway/config/nearest_name.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> warnings_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", yaml));
  return config ? config_warnings(*config) : config.error().lines;
}

constexpr std::string_view kSink = "sinks: { a: { type: file, path: x } }\n";

TEST(ConfigWarnings, NothingIsConfigured) {
  EXPECT_THAT(warnings_of(""), ElementsAre(HasSubstr("every notification will be refused"),
                                           HasSubstr("no sink configured")));
}

TEST(ConfigWarnings, NoneForAnOrdinaryConfiguration) {
  EXPECT_THAT(warnings_of(std::string(kSink) + "communities: [{ name: a, community: x }]\n"),
              IsEmpty());
}

TEST(ConfigWarnings, SameTextFromTheSameSources) {
  const std::string two = std::string(kSink) +
                          "communities:\n  - { name: a, community: x, from: [10.0.0.0/8] }\n"
                          "  - { name: b, community: x, from: [";
  EXPECT_THAT(warnings_of(two + "10.1.0.0/16] }\n"),
              ElementsAre(HasSubstr("`a` and `b` have the same text")));
  EXPECT_THAT(warnings_of(two + "192.0.2.0/24] }\n"), IsEmpty());
}

TEST(ConfigWarnings, CommunityThatCanNeverMatch) {
  EXPECT_THAT(warnings_of(std::string(kSink) +
                          "sources: { allow: [10.0.0.0/8] }\n"
                          "communities: [{ name: a, community: x, from: [192.0.2.0/24] }]\n"),
              ElementsAre(HasSubstr("`a` can never match")));
}

TEST(ConfigWarnings, SinkInTheJournalAndCompressionThatNeverHappens) {
  EXPECT_THAT(warnings_of("data_dir: /d\ncommunities: [{ name: a, community: x }]\nsinks:\n"
                          "  a: { type: file, path: /d/journal/x, rotate: { compress: zstd } }\n"),
              ElementsAre(HasSubstr("journal's directory"), HasSubstr("never rolls")));
}

TEST(ConfigProbe, ToldWhatCannotBeWritten) {
  const ScratchDirectory scratch;
  scratch.write("file", "");
  Config config = embedded_default({}, scratch / "new/data");
  EXPECT_THAT(probe_config(config), IsEmpty());
  config.file_sinks[0].path = scratch / "file/events.jsonl";
  EXPECT_THAT(probe_config(config), ElementsAre(HasSubstr("file is not a directory")));
  config.file_sinks[0].path = scratch.path();
  EXPECT_THAT(probe_config(config), ElementsAre(HasSubstr("cannot write")));
}

TEST(NearestName, WithinAThirdOfItsLength) {
  const std::array<std::string_view, 3> names = {"listeners", "limits", "log"};
  EXPECT_EQ(nearest_name("lisetners", names), "listeners");
  EXPECT_EQ(nearest_name("limit", names), "limits");
  EXPECT_EQ(nearest_name("lgo", names), "log");
  EXPECT_EQ(nearest_name("sinks", names), "");
  EXPECT_EQ(nearest_name(std::string(1'000, 'x'), names), "");
}

}  // namespace
}  // namespace trapline::gateway
