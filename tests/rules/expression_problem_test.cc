// What is refused when it is loaded, where it points and what it advises.

#include <gtest/gtest.h>

#include "rules/expression.h"
#include "tests/rules/expression_subject.h"

namespace trapline::rules {
namespace {

struct Case {
  std::string_view expression;
  std::string_view problem;
};

void check(std::initializer_list<Case> cases) {
  ExpressionSubject subject;
  for (const auto& [expression, problem] : cases) {
    EXPECT_EQ(subject.problem(expression), problem) << expression;
  }
}

TEST(ExpressionProblem, UnknownNamesAreAnsweredWithTheNearest) {
  check(
      {{"severty == 'info'", "1:1 no field `severty` (did you mean `severity`?)"},
       {"true && trap.nam == 'x'", "1:14 no field `trap.nam` (did you mean `name`?)"},
       {"agent.port == 1", "1:7 no field `agent.port` (agent has: ip, via)"},
       {"devise.x == 'a'", "1:1 no field `devise` (did you mean `device`?)"},
       {"trap.name.startswith('a')", "1:11 no function `startswith` (did you mean `startsWith`?)"},
       {"sizes('a') == 1", "1:1 no function `sizes` (did you mean `size`?)"},
       {"contains('a', 'b')", "1:1 `contains` is asked of a value (write x.contains(...))"},
       {"lookup('site', agent.ip).city == ''", "1:8 no table `site` (did you mean `sites`?)"},
       {"lookup('sites', agent.ip).citi == ''",
        "1:27 the table `sites` has no column `citi` (did you mean `city`?)"},
       {"severity == 'criticall'",
        "1:10 severity is never \"criticall\" (did you mean `critical`?)"},
       {"state in ['raise', 'closed']",
        "1:7 state is never \"closed\" (it is one of event, raise, clear)"},
       {"version == 'v2'", "1:9 version is never \"v2\" (did you mean `v1`?)"}});
}

TEST(ExpressionProblem, HabitsOfOtherLanguages) {
  check(
      {{"severity = 'info'", "1:10 `=` means nothing here (write `==` to compare)"},
       {"true and false", "1:6 `and` stands where the end or an operator is expected (write `&&`)"},
       {"true or false", "1:6 `or` stands where the end or an operator is expected (write `||`)"},
       {"not true", "1:1 `not` stands where a value is expected (write `!`)"},
       {"true & false", "1:6 `&` means nothing here (write `&&`)"},
       {"true | false",
        "1:6 `|` means nothing here (write `||`; a filter can stand in a template only)"},
       {"$severity == 'info'", "1:1 `$` means nothing here (fields have no `$`: vars.ifIndex)"},
       {"agent.ip == 10.1.2.3",
        "1:13 not a number (an address stands in quotes, and so does text)"}});
}

TEST(ExpressionProblem, Types) {
  check(
      {{"1", "1:1 a condition is true or false, but this is int (compare it, e.g. with `==`)"},
       {"trap.name + 1 == 'a'",
        "1:11 no `+` of string and int (convert one: string(7) or int(\"7\"))"},
       {"1 + 1.5 == 2.5",
        "1:3 no `+` of int and double (convert one: int(x), uint(x) or double(x))"},
       {"uptime == 'a'",
        "1:8 int and string cannot be compared (convert one: string(7) or int(\"7\"))"},
       {"uptime.startsWith('1')", "1:1 a string is expected, but this is int (write string(...))"},
       {"trap == 'a'", "1:1 `trap` alone is no value (it has: oid, name, module, label)"},
       {"tags == 'a'", "1:1 `tags` alone is no value (name one of its members)"},
       {"lookup('sites', agent.ip) == 'a'",
        "1:1 a row is no value (name a column: lookup(\"t\", key).column)"},
       {"cidr('10.0.0.0/8')",
        "1:1 a cidr is no value (write cidr(\"10.0.0.0/8\").contains(agent.ip))"},
       {"'a' in 'abc'",
        "1:5 `in` looks into a list or a map, not into string (write text.contains(\"...\"))"},
       {"has(true)", "1:1 has() asks for something that may be absent (write has(tags.team))"},
       {"size()", "1:1 size() takes 1 argument, not 0"},
       {"'a'.startsWith('a', 'b')", "1:5 startsWith() takes 1 argument, not 2"},
       {"vars.ifIndex.x == 1", "1:14 nothing can be selected from dyn"},
       {"trap.oid == 'linkDown'",
        "1:10 an OID is never \"linkDown\" (compare it with oid(\"IF-MIB::linkDown\"), or a "
        "name: trap.name)"},
       {"agent.ip == '10.0.0.0/8'",
        "1:10 an address is never \"10.0.0.0/8\" (prefixes are asked so: "
        "cidr(\"10.0.0.0/8\").contains(agent.ip))"},
       {"cidr('10.0.0.1/8').contains(agent.ip)",
        "1:1 `10.0.0.1/8` is not a prefix (write an address, or a network and its length: "
        "10.0.0.0/8)"},
       {"oid('NO-MIB::x').covers(trap.oid)",
        "1:1 `NO-MIB::x` is neither an OID nor a known name (write oid(\"1.3.6.1.2.1\") or "
        "oid(\"IF-MIB::linkDown\"))"},
       {"trap.name.matches('(')",
        "1:19 the regex is wrong: missing ): ( (in a raw string backslashes stand for "
        "themselves: r\"\\d+\")"},
       {"trap.name.matches(trap.label)", "1:24 the pattern of matches() is a literal"}});
}

TEST(ExpressionProblem, Syntax) {
  check({{"", "1:1 this expression is empty"},
         {"  ", "1:1 this expression is empty"},
         {"(true", "1:6 the expression ends where `)` is expected"},
         {"true)", "1:5 `)` stands where the end or an operator is expected"},
         {"true &&", "1:8 the expression ends where a value is expected"},
         {"true ? 1", "1:9 the expression ends where `:` is expected"},
         {"tags.", "1:6 the expression ends where a name is expected"},
         {"tags.5", "1:5 `.5` stands where the end or an operator is expected"},
         {"[1, 2", "1:6 the expression ends where `]` is expected"},
         {"'\u00e9' == 'x' ; 1", "1:12 `;` means nothing here"}});
}

TEST(ExpressionProblem, PlacesAreThoseOfTheFile) {
  ExpressionSubject subject;
  SpecProblems problems;
  const SourceText source{"true &&\nnothing", {0, 10, 5}, 6};
  EXPECT_FALSE(
      Expression::compile(source, Expression::Wanted::boolean, subject.vocabulary, problems));
  EXPECT_EQ(text_of(problems), "11:7 no field `nothing`");
}

TEST(ExpressionProblem, Limits) {
  ExpressionSubject subject;
  EXPECT_EQ(subject.problem(std::string(kMaxExpressionBytes + 1, ' ')),
            "1:1 this expression is longer than 4096 octets");
  const auto nested = [](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '(') + "true" + std::string(count, ')');
  };
  EXPECT_EQ(subject.problem(nested(kMaxExpressionDepth - 1)), "");
  EXPECT_EQ(subject.problem(nested(kMaxExpressionDepth)),
            "1:33 this expression is nested deeper than 32");
  std::string wide = "1 == 1";
  for (int i = 0; i < 200; ++i) wide += "+1";
  EXPECT_EQ(subject.problem(wide), "1:262 this expression has more than 256 parts");
  std::string negated(300, '!');
  EXPECT_EQ(subject.problem(negated + "true"), "1:45 this expression has more than 256 parts");
  EXPECT_NE(subject.problem("trap.name.matches('" + std::string(kMaxRegexBytes + 1, 'a') + "')"),
            "");
}

TEST(ExpressionProblem, TextsDoNotGrowWithoutEnd) {
  ExpressionSubject subject;
  std::string text = "listener";
  for (int i = 0; i < 7; ++i) text = "(" + text + " + " + text + ")";
  const std::string listener(1'024, 'x');
  subject.message.listener = listener;
  EXPECT_EQ(subject.show("size(" + text + ")"), "error: this text is too long");
  std::string sum = "listener";
  for (int i = 0; i < 64; ++i) sum += " + listener";
  EXPECT_EQ(subject.show("size(" + sum + ")"), "error: this text is too long");
}

}  // namespace
}  // namespace trapline::rules
