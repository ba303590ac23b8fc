// What lookup tables accept and find. Knows nothing of how they are kept.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "rules/table.h"

namespace trapline::rules {
namespace {

TableSpec spec_of(std::string_view content, std::string_view key, TableMatch match) {
  TableSpec spec;
  spec.name = "sites";
  spec.place = {0, 9, 3};
  spec.key = {std::string(key), {0, 9, 20}, 0};
  spec.match = match;
  spec.file = "sites.csv";
  spec.content = content;
  return spec;
}

// The cell of `column` in the row of `key`, "none", or "load error".
std::string found(std::string_view content, std::string_view key, std::string_view column,
                  TableMatch match = TableMatch::exact) {
  SpecProblems problems;
  const auto table = Table::read(spec_of(content, "id", match), problems);
  EXPECT_NE(table.has_value(), !problems.empty());
  if (!table) return "load error";
  const auto number = table->column(column);
  if (!number) return "no column";
  const auto row = table->find(key);
  return row ? std::string(table->cell(*row, *number)) : "none";
}

TEST(TableSemantics, FieldsAsRfc4180HasThem) {
  EXPECT_EQ(found("id,city\n1,Ulm\n2,Bern\n", "2", "city"), "Bern");
  EXPECT_EQ(found("id,city\r\n1,Ulm\r\n", "1", "city"), "Ulm");
  EXPECT_EQ(found("id,city\n1,Ulm", "1", "city"), "Ulm");
  EXPECT_EQ(found("id,city\n1,\"a, b\"\n", "1", "city"), "a, b");
  EXPECT_EQ(found("id,city\n1,\"say \"\"a\"\"\"\n", "1", "city"), "say \"a\"");
  EXPECT_EQ(found("id,city\n1,\"two\nlines\"\n2,x\n", "1", "city"), "two\nlines");
  EXPECT_EQ(found("id,city\n1,\n", "1", "city"), "");
  EXPECT_EQ(found("id,city\n1,\"\"\n", "1", "city"), "");
  EXPECT_EQ(found("id,city\n1, a \n", "1", "city"), " a ");
  EXPECT_EQ(found("city,id\nUlm,1\n", "1", "city"), "Ulm");
  EXPECT_EQ(found("id\n1\n", "1", "id"), "1");
  EXPECT_EQ(found("id,city\n", "1", "city"), "none");
}

TEST(TableSemantics, WhatIsNoTable) {
  for (const std::string_view content :
       {"", "city\nUlm\n", "id,city\n1\n", "id,city\n1,2,3\n", "id,city\n1,a\n1,b\n",
        "id,city\n1,\"a\n", "id,city\n1,\"a\"b\n", "id,id\n1,2\n", "id,city\n1,a\"b\n"}) {
    EXPECT_EQ(found(content, "1", "city"), "load error") << content;
  }
}

TEST(TableSemantics, AProblemNamesFileAndLine) {
  SpecProblems problems;
  const std::string_view content = "id,city\n1,\"a\nb\"\n2\n";
  EXPECT_FALSE(Table::read(spec_of(content, "id", TableMatch::exact), problems));
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].message.find("sites.csv:4"), 0U) << problems[0].message;
}

TEST(TableSemantics, TheLongestPrefixWins) {
  constexpr std::string_view kContent =
      "id,city\n10.0.0.0/8,all\n10.1.0.0/16,some\n10.1.2.3,one\n2001:db8::/32,six\n";
  const auto city = [&](std::string_view address) {
    return found(kContent, address, "city", TableMatch::longest_prefix);
  };
  EXPECT_EQ(city("10.9.9.9"), "all");
  EXPECT_EQ(city("10.1.9.9"), "some");
  EXPECT_EQ(city("10.1.2.3"), "one");
  EXPECT_EQ(city("2001:db8::1"), "six");
  EXPECT_EQ(city("192.0.2.1"), "none");
  EXPECT_EQ(city("2001:db9::1"), "none");
  EXPECT_EQ(city("no address"), "none");
}

TEST(TableSemantics, TheWholeOfAFamilyIsAPrefixToo) {
  constexpr std::string_view kContent = "id,city\n0.0.0.0/0,four\n::/0,any\n";
  EXPECT_EQ(found(kContent, "192.0.2.1", "city", TableMatch::longest_prefix), "four");
  EXPECT_EQ(found(kContent, "2001:db8::1", "city", TableMatch::longest_prefix), "any");
}

TEST(TableSemantics, BadOrRepeatedPrefixes) {
  for (const std::string_view content :
       {"id,city\n10.0.0.1/8,a\n", "id,city\n10.0.0.0/33,a\n", "id,city\nx,a\n",
        "id,city\n10.0.0.0/8,a\n10.0.0.0/8,b\n", "id,city\n10.1.2.3,a\n10.1.2.3/32,b\n"}) {
    EXPECT_EQ(found(content, "10.1.2.3", "city", TableMatch::longest_prefix), "load error")
        << content;
  }
}

TEST(TableSemantics, ColumnsAreBounded) {
  std::string wide = "id";
  for (std::size_t i = 0; i < kMaxTableColumns; ++i) wide += ",c" + std::to_string(i);
  EXPECT_EQ(found(wide + "\n", "1", "c0"), "load error");
}

}  // namespace
}  // namespace trapline::rules
