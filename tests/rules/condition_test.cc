#include "rules/condition.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/rules/expression_subject.h"

namespace trapline::rules {
namespace {

TEST(RegexSets, GiveWhatSingleRegexesGive) {
  ExpressionSubject subject;
  std::vector<Expression> expressions;
  SpecProblems problems;
  for (int i = 0; i < 1'000; ++i) {
    const std::string pattern =
        i % 7 == 0 ? "Ethernet0/" + std::to_string(i % 10) : "port-" + std::to_string(i) + "[a-f]";
    auto compiled = Expression::compile(written("vars.ifDescr.matches('" + pattern + "')"),
                                        Expression::Wanted::boolean, subject.vocabulary, problems);
    ASSERT_TRUE(compiled);
    expressions.push_back(std::move(*compiled));
  }
  std::vector<bool> alone;
  for (const Expression& expression : expressions) {
    alone.push_back(expression.evaluate(subject.subject(), subject.scratch).is_true());
  }
  EXPECT_EQ(std::count(alone.begin(), alone.end(), true), 15);
  subject.sets.freeze();
  subject.scratch.begin_event();
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    EXPECT_EQ(expressions[i].evaluate(subject.subject(), subject.scratch).is_true(), alone[i]) << i;
  }
}

TEST(RegexSets, AnotherTextIsReadAnew) {
  RegexSets sets;
  EvaluationScratch scratch;
  std::vector<RegexSets::Member> members;
  for (const char* pattern : {"a", "b", "c", "d"}) members.push_back(*sets.add("f", pattern));
  EXPECT_FALSE(sets.ask(members[0], "a", scratch).has_value()) << "before it is frozen";
  sets.freeze();
  EXPECT_EQ(sets.ask(members[0], "a", scratch), true);
  EXPECT_EQ(sets.ask(members[1], "a", scratch), false);
  EXPECT_EQ(sets.ask(members[1], "xb", scratch), true) << "in the same event";
  scratch.begin_event();
  EXPECT_EQ(sets.ask(members[3], "d", scratch), true);
  EXPECT_FALSE(sets.add("f", "e")) << "when it is frozen";
}

TEST(RegexSets, SmallSetsAreAskedSingly) {
  RegexSets sets;
  EvaluationScratch scratch;
  const auto member = sets.add("f", "a");
  sets.freeze();
  EXPECT_FALSE(sets.ask(*member, "a", scratch).has_value());
}

TEST(Regex, LimitsAndErrors) {
  std::string error;
  EXPECT_EQ(Regex::compile("(", error), nullptr);
  EXPECT_EQ(error, "missing ): (");
  EXPECT_EQ(Regex::compile(std::string(kMaxRegexBytes + 1, 'a'), error), nullptr);
  EXPECT_EQ(error, "it is longer than 1024 octets");
  EXPECT_EQ(Regex::compile("((a{1,100}){1,100}){1,100}", error), nullptr);
}

}  // namespace
}  // namespace trapline::rules
