#include "base/json_writer.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace trapline::base {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_json_escaped(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenMembersAndElements) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a");
  json.value(1);
  json.key("b");
  json.begin_array();
  json.value("x");
  json.value(true);
  json.null();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.escaped_key("c\"");
  json.plain("1.3.6");
  json.end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",true,null,{}],"c\"":"1.3.6"})");
}

TEST(JsonWriter, NumbersBeyondWhatADoubleHoldsAreStrings) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.value(std::uint64_t{9'007'199'254'740'992});
  json.value(std::uint64_t{9'007'199'254'740'993});
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(std::int64_t{-9'007'199'254'740'992});
  json.value(std::numeric_limits<std::int64_t>::min());
  json.value(-5);
  json.end_array();
  EXPECT_EQ(out, R"([9007199254740992,"9007199254740993","18446744073709551615",)"
                 R"(-9007199254740992,"-9223372036854775808",-5])");
}

TEST(JsonWriter, FloatsReadBackAndNonNumbersAreNull) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.value(0.1);
  json.value(1e300);
  json.value(std::numeric_limits<double>::infinity());
  json.value(std::numeric_limits<double>::quiet_NaN());
  json.end_array();
  const auto parsed = nlohmann::json::parse(out);
  EXPECT_EQ(parsed[0], 0.1);
  EXPECT_EQ(parsed[1], 1e300);
  EXPECT_TRUE(parsed[2].is_null());
  EXPECT_TRUE(parsed[3].is_null());
}

TEST(JsonWriter, EscapesWhatCouldBreakALineOrATerminal) {
  EXPECT_EQ(escaped("plain text, <b>&amp;</b>"), "plain text, <b>&amp;</b>");
  EXPECT_EQ(escaped("\"\\"), R"(\"\\)");
  EXPECT_EQ(escaped(std::string_view("\0\r\n\t\x1b\x7f", 6)),
            R"(\u0000\u000d\u000a\u0009\u001b\u007f)");
  EXPECT_EQ(escaped("\xc2\x80\xc2\x9f\xc2\xa0"), "\\u0080\\u009f\xc2\xa0");
  EXPECT_EQ(escaped("\xe2\x80\xa8\xe2\x80\xa9"), R"(\u2028\u2029)");
  EXPECT_EQ(escaped("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"), R"(\u200e\u200f\u061c)");
  EXPECT_EQ(escaped("\xe2\x80\xaa\xe2\x80\xae"), R"(\u202a\u202e)");
  EXPECT_EQ(escaped("\xe2\x81\xa6\xe2\x81\xa9"), R"(\u2066\u2069)");
  EXPECT_EQ(escaped("\xe2\x80\x8d\xe2\x80\xb0\xf0\x9f\x98\x80"),
            "\xe2\x80\x8d\xe2\x80\xb0\xf0\x9f\x98\x80");
}

TEST(JsonWriter, EachInvalidOctetBecomesTheReplacementCharacter) {
  EXPECT_EQ(escaped("a\xff\xfe"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(escaped("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(JsonWriter, EveryCharacterReadsBackAtEveryPlaceInAWord) {
  for (char32_t c = 0; c < 0x3000; ++c) {
    std::string character;
    if (c < 0x80) {
      character += static_cast<char>(c);
    } else if (c < 0x800) {
      character += static_cast<char>(0xc0 | (c >> 6));
      character += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      character += static_cast<char>(0xe0 | (c >> 12));
      character += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
      character += static_cast<char>(0x80 | (c & 0x3f));
    }
    for (std::size_t before = 0; before < 9; before += 4) {
      const std::string text = std::string(before, 'x') + character + "yyyyyyyyy";
      const std::string line = "\"" + escaped(text) + "\"";
      ASSERT_EQ(nlohmann::json::parse(line).get<std::string>(), text) << std::hex << int(c);
    }
  }
}

TEST(JsonWriter, RandomOctetsGiveValidJsonWithoutControlCharacters) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2'000; ++round) {
    std::string text(random() % 70, '\0');
    for (char& octet : text) octet = static_cast<char>(random());
    const std::string out = escaped(text);
    EXPECT_TRUE(is_printable_utf8(out));
    EXPECT_TRUE(nlohmann::json::accept("\"" + out + "\""));
  }
}

TEST(JsonWriter, CleanPrefixEndsBeforeTheFirstEscape) {
  const std::string clean = "0123456789abcdefghij\xc3\xbc";
  EXPECT_EQ(json_clean_prefix(clean), clean.size());
  for (std::size_t at = 0; at <= 20; ++at) {
    for (const char octet : {'"', '\\', '\n', '\x7f', '\xff', '\x01', '\x1f'}) {
      std::string text = clean;
      text.insert(at, 1, octet);
      EXPECT_EQ(json_clean_prefix(text), at) << at << " " << int(octet);
    }
  }
}

}  // namespace
}  // namespace trapline::base
