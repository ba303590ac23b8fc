// Passing over rules whose regex does not occur changes nothing: with a trace each rule is asked,
// without one most are not.
#include "rules/candidates.h"

#include <gtest/gtest.h>

#include "rules/rule_engine.h"
#include "tests/support/seeded_random.h"

namespace trapline::rules {
namespace {

class NoCodec final : public EventCodec {
 public:
  bool decode(base::Bytes, protocol::TrapMessage&) override { return false; }
};

// A linkDown that says `descr` and, if wanted, `alias`.
class LinkDown {
 public:
  LinkDown(std::string descr, std::optional<std::string> alias)
      : descr_(std::move(descr)), alias_(std::move(alias)) {
    varbinds_.push_back({oids_[0], text(descr_)});
    if (alias_) varbinds_.push_back({oids_[1], text(*alias_)});
    event.message.trap_oid = trap_;
    event.message.varbinds = varbinds_;
    event.message.agent = *base::IpAddress::parse("10.1.2.3");
    event.id = "n-1-1";
  }
  Event event;

 private:
  static protocol::Value text(std::string_view text) {
    protocol::Value value;
    value.type = protocol::ValueType::octet_string;
    value.content = base::as_bytes(text);
    return value;
  }
  const protocol::Oid trap_ = *protocol::Oid::parse("1.3.6.1.6.3.1.1.5.3");
  const std::vector<protocol::Oid> oids_ = {*protocol::Oid::parse("1.3.6.1.2.1.2.2.1.2.7"),
                                            *protocol::Oid::parse("1.3.6.1.2.1.31.1.1.1.18.7")};
  const std::string descr_;
  const std::optional<std::string> alias_;
  std::vector<protocol::VarBind> varbinds_;
};

std::uint64_t below(test_support::SeededRandom& random, std::uint64_t end) {
  return random.next() % end;
}

std::string letters(test_support::SeededRandom& random, std::uint64_t count) {
  std::string text;
  for (; count != 0; --count) text += static_cast<char>('a' + below(random, 3));
  return text;
}

// A condition: mostly one regex, alone or beside something else.
std::string condition(test_support::SeededRandom& random) {
  const std::string field = below(random, 3) == 0 ? "vars.ifAlias" : "vars.ifDescr";
  const std::string matches = field + ".matches('" + letters(random, 2 + below(random, 2)) + "')";
  switch (below(random, 8)) {
    case 0: return matches + " || severity == 'major'";
    case 1: return "severity == 'info' && " + matches;
    case 2: return matches + " && vars.ifDescr.matches('a')";
    case 3: return "!" + matches;
    case 4: return "summary.matches('" + letters(random, 2) + "')";
    case 5: return "tags.last != 'x' && (" + matches + " && true)";
    default: return matches;
  }
}

RulesSpec random_rules(test_support::SeededRandom& random) {
  RulesSpec spec;
  const auto count = 1 + below(random, 60);
  for (std::uint64_t i = 0; i < count; ++i) {
    RuleSpec rule;
    rule.name = "r" + std::to_string(i);
    if (below(random, 10) != 0) rule.when = SourceText{condition(random), {}};
    if (below(random, 3) == 0) rule.match.push_back({"IF-MIB::linkDown", {}});
    rule.set.summary = SourceText{letters(random, 3), {}};
    rule.set.tags.push_back({{"last", {}}, {rule.name, {}}});
    if (below(random, 4) == 0) rule.set.severity = SourceText{"major", {}};
    rule.stop = below(random, 12) == 0;
    spec.rules.push_back(std::move(rule));
  }
  return spec;
}

std::vector<std::string> matched(RuleEngine& engine, const Event& event, bool traced) {
  Evaluation evaluation;
  std::vector<RuleTrace> trace;
  engine.evaluate(event, evaluation, traced ? &trace : nullptr);
  const auto& rules = evaluation.decisions().front().verdict.rules;
  return {rules.begin(), rules.end()};
}

TEST(Candidates, PassingOverRulesChangesNoDecision) {
  std::size_t many = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    test_support::SeededRandom random(seed);
    SpecProblems problems;
    const auto rules = RuleSet::compile(random_rules(random),
                                        {protocol::mib::MibIndex::built_in(), {"a"}}, problems);
    ASSERT_NE(rules, nullptr) << seed << " " << problems.front().message;
    NoCodec codec;
    RuleEngine engine(rules, codec);
    for (int i = 0; i < 20; ++i) {
      std::optional<std::string> alias;
      if (below(random, 2) == 0) alias = letters(random, 4);
      const LinkDown trap(letters(random, below(random, 9)), alias);
      const auto expected = matched(engine, trap.event, true);
      EXPECT_EQ(matched(engine, trap.event, false), expected) << seed;
      many += static_cast<std::size_t>(expected.size() > 3);
    }
  }
  EXPECT_GT(many, 1'000U);
}

// A decision has to fit a record, whatever devices send and rules make of it.
TEST(WhatRulesWrite, HasLimits) {
  RulesSpec spec;
  for (int i = 0; i < 300; ++i) {
    RuleSpec rule;
    rule.name = "r" + std::to_string(i);
    rule.set.summary = SourceText{"{{ vars.ifDescr }}", {}};
    rule.set.key = SourceText{"{{ vars.ifDescr }}", {}};
    rule.set.tags.push_back({{"t" + std::to_string(i), {}}, {"{{ vars.ifDescr }}", {}}});
    spec.rules.push_back(std::move(rule));
  }
  SpecProblems problems;
  const auto rules = RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a"}}, problems);
  ASSERT_NE(rules, nullptr);
  NoCodec codec;
  RuleEngine engine(rules, codec);
  std::string euros;
  while (euros.size() < 60'000) euros += "\xe2\x82\xac";
  const LinkDown trap(euros, std::nullopt);
  Evaluation evaluation;
  engine.evaluate(trap.event, evaluation);
  engine.apply(evaluation);
  const Verdict& verdict = evaluation.decisions().front().verdict;
  EXPECT_EQ(verdict.summary.size(), kMaxSummaryBytes - kMaxSummaryBytes % 3);
  EXPECT_EQ(verdict.key.size(), kMaxStateKeyBytes);
  EXPECT_EQ(verdict.rules.size(), kMaxNamedRules);
  EXPECT_EQ(verdict.tags.size(), (kMaxTagsBytes - 1) / kMaxTagBytes);  // the names count, too
  EXPECT_TRUE(verdict.flags.has(VerdictFlag::rule_error));
  EXPECT_EQ(evaluation.decisions().front().sinks.size(), 1U);
}

}  // namespace
}  // namespace trapline::rules
