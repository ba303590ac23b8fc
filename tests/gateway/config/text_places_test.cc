#include "gateway/config/text_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/source_reader.h"
#include "gateway/config/yaml_parse.h"

namespace trapline::gateway {
namespace {

using Position = std::pair<std::uint32_t, std::uint32_t>;

// Where the character X of the text under `key` stands.
Position place_of_x(std::string_view yaml) {
  ConfigProblems problems;
  ConfigNode root;
  const auto file = problems.add_file("c.yaml");
  EXPECT_TRUE(parse_yaml(base::as_bytes(yaml), file, problems, root));
  const ConfigNode* node = root.find("key");
  if (node == nullptr) return {};
  const rules::SourceText source = source_of(*node);
  const std::size_t at = source.text.find('X');
  EXPECT_NE(at, std::string::npos) << source.text;
  const rules::Place place = source.at(at);
  return {place.line, place.column};
}

TEST(TextPlaces, PlainAndQuoted) {
  EXPECT_EQ(place_of_x("key: X == 1\n"), Position(1, 6));
  EXPECT_EQ(place_of_x("key: a == X # X\n"), Position(1, 11));
  EXPECT_EQ(place_of_x("key: 'X'\n"), Position(1, 7));
  EXPECT_EQ(place_of_x("key: \"a X\"\n"), Position(1, 9));
  EXPECT_EQ(place_of_x("key: 'äöü X'\n"), Position(1, 11));
}

TEST(TextPlaces, DoubledQuotesAndEscapes) {
  EXPECT_EQ(place_of_x("key: 'a == ''b'' || X'\n"), Position(1, 21));
  EXPECT_EQ(place_of_x("key: 'it''s X'\n"), Position(1, 13));
  EXPECT_EQ(place_of_x("key: \"a == \\\"b\\\" || X\"\n"), Position(1, 21));
  EXPECT_EQ(place_of_x("key: \"\\u00e4\\x41\\t X\"\n"), Position(1, 20));
}

TEST(TextPlaces, Blocks) {
  EXPECT_EQ(place_of_x("key: |\n  X == 1\n"), Position(2, 3));
  EXPECT_EQ(place_of_x("key: | # a comment\n  a &&\n  b == X\n"), Position(3, 8));
  EXPECT_EQ(place_of_x("key: |-\n  a &&\n    (b ||\n\n      X)\n"), Position(5, 7));
  EXPECT_EQ(place_of_x("key: |\n\n   X\n"), Position(3, 4));
  EXPECT_EQ(place_of_x("key: >\n  a &&\n  b &&\n\n  X\n"), Position(5, 3));
  EXPECT_EQ(place_of_x("key: >-\r\n  a &&\r\n  b X\r\n"), Position(3, 5));
}

TEST(TextPlaces, TextsOverSeveralLines) {
  EXPECT_EQ(place_of_x("key: a &&\n  b && X\n"), Position(2, 8));
  EXPECT_EQ(place_of_x("key: 'a &&\n\n  b && X'\n"), Position(3, 8));
  EXPECT_EQ(place_of_x("key: \"a && \\\n  b && X\"\n"), Position(2, 8));
}

}  // namespace
}  // namespace trapline::gateway
