#include "rules/table.h"

#include <gtest/gtest.h>

#include "tests/rules/expression_subject.h"

namespace trapline::rules {
namespace {

TableSpec spec_of(std::string content, TableMatch match = TableMatch::exact) {
  TableSpec spec;
  spec.name = "t";
  spec.place = {0, 3, 5};
  spec.key = {"key", {0, 4, 7}};
  spec.match = match;
  spec.file = "t.csv";
  spec.content = std::move(content);
  return spec;
}

std::string problem(const TableSpec& spec) {
  SpecProblems problems;
  const auto table = Table::read(spec, problems);
  if (table.has_value() != problems.empty()) return "both or neither";
  return text_of(problems);
}

TEST(Table, ReadsQuotedCells) {
  SpecProblems problems;
  const auto table = Table::read(
      spec_of("\xef\xbb\xbfkey,value\r\na,\"1,\"\"x\"\"\n2\"\r\n\r\n\"b\",\r\n,empty"), problems);
  ASSERT_TRUE(table) << text_of(problems);
  EXPECT_EQ(table->rows(), 3U);
  EXPECT_EQ(table->cell(*table->find("a"), 1), "1,\"x\"\n2");
  EXPECT_EQ(table->cell(*table->find("b"), 1), "");
  EXPECT_EQ(table->cell(*table->find(""), 1), "empty");
  EXPECT_FALSE(table->find("c"));
  EXPECT_EQ(table->column("value"), 1U);
  EXPECT_FALSE(table->column("values"));
}

TEST(Table, TheLongestPrefixWins) {
  SpecProblems problems;
  const auto table =
      Table::read(spec_of("key,n\n0.0.0.0/0,0\n10.0.0.0/8,1\n10.1.0.0/16,2\n10.1.2.3,3\n::/0,6\n",
                          TableMatch::longest_prefix),
                  problems);
  ASSERT_TRUE(table) << text_of(problems);
  const auto found = [&](std::string_view address) {
    return table->cell(*table->find(address), 1);
  };
  EXPECT_EQ(found("10.1.2.3"), "3");
  EXPECT_EQ(found("10.1.2.4"), "2");
  EXPECT_EQ(found("10.2.0.0"), "1");
  EXPECT_EQ(found("192.0.2.1"), "0");
  EXPECT_EQ(found("2001:db8::1"), "6");
  EXPECT_FALSE(table->find("nonsense"));
}

TEST(Table, ProblemsNameTheLine) {
  EXPECT_EQ(problem(spec_of("")), "3:5 t.csv:1: has no line of column names");
  EXPECT_EQ(problem(spec_of("a,b\n")), "4:7 t.csv has no column `key` (its first line names a, b)");
  EXPECT_EQ(problem(spec_of("key,key\n")), "3:5 t.csv:1: the column `key` is named twice");
  EXPECT_EQ(problem(spec_of("key,b\n1,2\n3\n")),
            "3:5 t.csv:3: this row has 1 cells, but there are 2 columns");
  EXPECT_EQ(problem(spec_of("key\n\"a\nb\"\nc,d\n")),
            "3:5 t.csv:4: this row has 2 cells, but there are 1 columns");
  EXPECT_EQ(problem(spec_of("key\n\n\"a\n")), "3:5 t.csv:3: this quoted cell does not end");
  EXPECT_EQ(problem(spec_of("key\na\"b\n")),
            "3:5 t.csv:2: a quote stands inside a cell that does not begin with one");
  EXPECT_EQ(problem(spec_of("key\n\"a\"b\n")),
            "3:5 t.csv:2: a cell goes on behind its closing quote");
  EXPECT_EQ(problem(spec_of("key\na\nb\na\n")),
            "3:5 t.csv:4: the key `a` stands on line 2 already");
  EXPECT_EQ(problem(spec_of("key\n10.0.0.1/8\n", TableMatch::longest_prefix)),
            "3:5 t.csv:2: `10.0.0.1/8` is not a prefix");
}

TEST(Table, ManyRowsAreFound) {
  std::string content = "key,value\n";
  constexpr int kRows = 20'000;
  for (int i = 0; i < kRows; ++i) {
    content += std::to_string(i) + ",v" + std::to_string(i) + "\n";
  }
  SpecProblems problems;
  const auto table = Table::read(spec_of(content), problems);
  ASSERT_TRUE(table);
  for (int i = 0; i < kRows; ++i) {
    const auto row = table->find(std::to_string(i));
    ASSERT_TRUE(row);
    EXPECT_EQ(table->cell(*row, 1), "v" + std::to_string(i));
  }
}

}  // namespace
}  // namespace trapline::rules
