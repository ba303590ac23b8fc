#include "base/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace trapline::base {
namespace {

TEST(Utf8, FirstCharacterOfEachLength) {
  EXPECT_EQ(first_utf8_character("a").code_point, U'a');
  EXPECT_EQ(first_utf8_character("\xc3\xbc"
                                 "x")
                .octets,
            2U);
  EXPECT_EQ(first_utf8_character("\xc3\xbc").code_point, U'\u00fc');
  EXPECT_EQ(first_utf8_character("\xe2\x82\xac").code_point, U'\u20ac');
  EXPECT_EQ(first_utf8_character("\xf0\x9f\x98\x80").code_point, U'\U0001f600');
}

TEST(Utf8, WhatIsNotACharacterIsNone) {
  for (const char* const text : {"",
                                 "\x80",              // a continuation alone
                                 "\xc3",              // cut short
                                 "\xc0\xaf",          // overlong '/'
                                 "\xe0\x80\xaf",      // overlong
                                 "\xf0\x80\x80\xaf",  // overlong
                                 "\xed\xa0\x80",      // a surrogate
                                 "\xf4\x90\x80\x80",  // above U+10FFFF
                                 "\xf8\x88\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(first_utf8_character(text).octets, 0U) << testing::PrintToString(text);
  }
}

TEST(Utf8, PrintableMeansNoControlCharacterAnywhere) {
  const std::string plain =
      "eth0 up, 20 \xc2\xb0"
      "C, and some more text behind it";
  EXPECT_TRUE(is_printable_utf8(plain));
  EXPECT_TRUE(is_printable_utf8(""));
  for (std::size_t at = 0; at <= plain.size(); ++at) {
    std::string text = plain;
    text.insert(at, 1, '\n');
    EXPECT_FALSE(is_printable_utf8(text)) << at;
    text[at] = '\x7f';
    EXPECT_FALSE(is_printable_utf8(text)) << at;
    text[at] = '\xff';
    EXPECT_FALSE(is_printable_utf8(text)) << at;
  }
  EXPECT_FALSE(is_printable_utf8("\xc2\x85"));  // NEL, of C1
  EXPECT_TRUE(is_utf8("\xc2\x85\n"));
  EXPECT_FALSE(is_utf8("abcdefgh\xc2"));
}

}  // namespace
}  // namespace trapline::base
