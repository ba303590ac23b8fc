// Each action of a rule, its borders, and how they go together.
#include "rules/rule_engine.h"

#include "tests/rules/engine_line.h"

namespace trapline::rules {
namespace {

using Texts = EngineLine::Texts;
using std::chrono::seconds;

const std::vector<SourceText> kByAgent = {source("agent.ip")};
const std::vector<SourceText> kByInterface = {source("vars.ifIndex")};

TEST(RuleEngine, RulesActInOrderUntilOneStops) {
  RuleSpec first = rule_for("first");
  first.set.severity = source("major");
  first.set.tags = {{source("team"), source("noc")}};
  RuleSpec second = rule_for("second", 1);
  second.when = source(R"(tags.team == "noc" && severity == "major")");
  second.set.severity = source("minor");
  second.stop = true;
  RuleSpec third = rule_for("third");
  third.drop = true;
  EngineLine line({first, second, third});
  EXPECT_EQ(line.take(0, {1}), Texts{"event minor rule=first rule=second team:noc -> a b c"});
  EXPECT_EQ(line.take(0, {2}), Texts{"event major rule=first rule=third team:noc !dropped ->"});
}

TEST(RuleEngine, HeldRaiseFollowsByTimerAndIsCleared) {
  EngineLine line({problem_rule("down", 1, State::raise, 30), problem_rule("up", 2, State::clear)});
  EXPECT_EQ(line.take(0, {1}), Texts{"event info key=if/7 rule=down !held -> a b c"});
  EXPECT_TRUE(line.engine->problems().empty());
  EXPECT_EQ(line.due(), 30 * kSecond);
  EXPECT_EQ(line.pass(30 * kSecond - 1), Texts{});
  EXPECT_EQ(line.pass(30 * kSecond), Texts{"hold 3-1 raise info key=if/7 rule=down of=1 -> a b c"});
  ASSERT_EQ(line.engine->problems().size(), 1U);
  EXPECT_EQ(line.due(), -1);
  const std::string first = std::to_string(30 * kSecond);
  EXPECT_EQ(line.take(31 * kSecond, {2}),
            Texts{"clear info key=if/7 rule=up count=1 first=" + first + " raise=3-1 -> a b c"});
  EXPECT_TRUE(line.engine->problems().empty());
}

TEST(RuleEngine, ClearInsideHoldCancelsIt) {
  EngineLine line({problem_rule("down", 1, State::raise, 30), problem_rule("up", 2, State::clear)});
  (void)line.take(0, {1});
  // Not another interface's.
  EXPECT_EQ(line.take(1, {2, 8}), Texts{"clear info key=if/8 rule=up -> a b c"});
  EXPECT_EQ(line.take(30 * kSecond - 1, {2}),
            Texts{"event info key=if/7 rule=up !cleared_in_hold -> a b c"});
  EXPECT_EQ(line.due(), -1);
  EXPECT_EQ(line.pass(90 * kSecond), Texts{});
}

TEST(RuleEngine, ClearAtTheEndOfHoldComesTooLate) {
  EngineLine line({problem_rule("down", 1, State::raise, 30), problem_rule("up", 2, State::clear)});
  (void)line.take(0, {1});
  const std::string first = std::to_string(30 * kSecond);
  EXPECT_EQ(line.take(30 * kSecond, {2}),
            (Texts{"hold 2-1 raise info key=if/7 rule=down of=1 -> a b c",
                   "clear info key=if/7 rule=up count=1 first=" + first + " raise=2-1 -> a b c"}));
}

TEST(RuleEngine, RepeatedRaisesAreCounted) {
  EngineLine line({problem_rule("down", 1, State::raise), problem_rule("up", 2, State::clear)});
  EXPECT_EQ(line.take(5, {1}), Texts{"raise info key=if/7 rule=down -> a b c"});
  EXPECT_EQ(line.take(6, {1}),
            Texts{"raise info key=if/7 rule=down count=2 first=5 raise=1 -> a b c"});
  EXPECT_EQ(line.take(7, {2}),
            Texts{"clear info key=if/7 rule=up count=2 first=5 raise=1 -> a b c"});
  EXPECT_EQ(line.take(8, {2}), Texts{"clear info key=if/7 rule=up -> a b c"});
}

TEST(RuleEngine, DedupWindowEndsAtItsBorder) {
  RuleSpec once = rule_for("once");
  once.dedup = {seconds(10), kByInterface};
  EngineLine line({once});
  EXPECT_EQ(line.take(0, {1}), Texts{"event info rule=once -> a b c"});
  EXPECT_EQ(line.due(), -1);
  EXPECT_EQ(line.take(3, {1}), Texts{"event info rule=once !suppressed ->"});
  EXPECT_EQ(line.take(3, {1, 8}), Texts{"event info rule=once -> a b c"});
  EXPECT_EQ(line.take(10 * kSecond - 1, {1}), Texts{"event info rule=once !suppressed ->"});
  EXPECT_EQ(line.due(), 10 * kSecond);
  EXPECT_EQ(line.take(10 * kSecond, {1}),
            (Texts{"dedup 5-1 event info rule=once count=2 first=3 of=2 -> a b c",
                   "event info rule=once -> a b c"}));
}

TEST(RuleEngine, LimitPassesSoManyOfAWindow) {
  RuleSpec few = rule_for("few");
  few.limit = {2, seconds(10), kByAgent};
  EngineLine line({few});
  EXPECT_EQ(line.take(0, {1}), Texts{"event info rule=few -> a b c"});
  EXPECT_EQ(line.take(10 * kSecond - 2, {1}), Texts{"event info rule=few -> a b c"});
  EXPECT_EQ(line.take(10 * kSecond - 1, {1}), Texts{"event info rule=few !suppressed ->"});
  const std::string first = std::to_string(10 * kSecond - 1);
  EXPECT_EQ(line.pass(10 * kSecond),
            Texts{"limit 4-1 event info rule=few count=1 first=" + first + " of=3 -> a b c"});
  EXPECT_EQ(line.pass(20 * kSecond), Texts{});
  EXPECT_EQ(line.engine->state_figures().keys, 0U);
}

TEST(RuleEngine, ThresholdWindowIsOpenAtItsEnd) {
  RuleSpec many = rule_for("many", 1);
  many.threshold = {3, seconds(10), kByAgent};
  many.set.severity = source("critical");
  EngineLine late({many});
  (void)late.take(0, {1});
  (void)late.take(5, {1});
  EXPECT_EQ(late.take(10 * kSecond, {1}), Texts{"event info rule=many -> a b c"});
  EngineLine line({many});
  (void)line.take(0, {1});
  (void)line.take(5, {1});
  EXPECT_EQ(line.take(10 * kSecond - 1, {1}),
            (Texts{"event info rule=many -> a b c",
                   "threshold 3-1 event critical rule=many of=1 of=2 of=3 -> a b c"}));
  // Once per window.
  EXPECT_EQ(line.take(10 * kSecond, {1}), Texts{"event info rule=many -> a b c"});
}

TEST(RuleEngine, SilenceSpeaksOnceAndNotForOurs) {
  RuleSpec beat = rule_for("beat", 1);
  beat.absent = {seconds(10), kByAgent};
  beat.set.severity = source("critical");
  EngineLine line({beat});
  EXPECT_EQ(line.due(), -1);
  EXPECT_EQ(line.take(0, {1}), Texts{"event info rule=beat -> a b c"});
  EXPECT_EQ(line.due(), 10 * kSecond);
  (void)line.take(10 * kSecond - 1, {1});
  EXPECT_EQ(line.due(), 20 * kSecond - 1);
  line.engine->resumed(seconds(100));
  EXPECT_EQ(line.due(), 120 * kSecond - 1);
  EXPECT_EQ(line.pass(120 * kSecond - 2), Texts{});
  EXPECT_EQ(line.pass(120 * kSecond - 1),
            Texts{"absent 4-1 event critical rule=beat of=2 -> a b c"});
  EXPECT_EQ(line.due(), -1);
}

TEST(RuleEngine, SyntheticMeetsLaterRulesWithoutTheirState) {
  RuleSpec before = rule_for("before");
  before.set.tags = {{source("before"), source("yes")}};
  RuleSpec many = rule_for("many", 1);
  many.threshold = {2, seconds(10), kByAgent};
  RuleSpec after = rule_for("after");
  after.set.tags = {{source("after"), source("yes")}};
  after.limit = {2, seconds(10), kByAgent};
  EngineLine line({before, many, after});
  const std::string seen =
      "event info rule=before rule=many rule=after before:yes after:yes -> a b c";
  EXPECT_EQ(line.take(0, {1}), Texts{seen});
  // It is not counted by the limit, which this event fills, nor does it get the tag from before.
  EXPECT_EQ(line.take(1, {1}),
            (Texts{seen,
                   "threshold 2-1 event info rule=many rule=after after:yes of=1 of=2 "
                   "-> a b c"}));
  EXPECT_EQ(line.take(2, {1}).front(),
            "event info rule=before rule=many rule=after before:yes after:yes !suppressed ->");
}

TEST(RuleEngine, RoutesTakeTheFirstThatMatches) {
  RulesSpec spec;
  spec.rules = {problem_rule("down", 1, State::raise)};
  spec.has_routes = true;
  spec.routes.sinks = {source("a")};
  RouteSpec raised;
  raised.when = source(R"(state == "raise")");
  raised.sinks = {source("b")};
  RouteSpec rest;
  rest.sinks = {source("c")};
  spec.routes.routes = {raised, rest};
  EngineLine first(compile_rules(spec));
  EXPECT_EQ(first.take(0, {1}), Texts{"raise info key=if/7 rule=down -> a b"});
  EXPECT_EQ(first.take(0, {2}), Texts{"event info -> a c"});
  spec.routes.routes[0].go_on = true;
  EngineLine both(compile_rules(spec));
  EXPECT_EQ(both.take(0, {1}), Texts{"raise info key=if/7 rule=down -> a b c"});
}

TEST(RuleEngine, FailedActionFlagsTheEventAndLosesNothing) {
  RuleSpec bad = rule_for("bad");
  bad.set.severity = source("{{ agent.ip }}");
  bad.set.tags = {{source("done"), source("yes")}};
  RuleSpec unasked = rule_for("unasked");
  unasked.when = source("tags.absent == \"x\"");
  EngineLine line({bad, unasked});
  EXPECT_EQ(line.take(0, {1}), Texts{"event info rule=bad done:yes !rule_error -> a b c"});
  EXPECT_EQ(line.engine->rule_figures()[0].action_errors, 1U);
  EXPECT_EQ(line.engine->rule_figures()[1].condition_errors, 1U);
  EXPECT_EQ(line.engine->rule_figures()[1].matched, 0U);
}

TEST(RuleEngine, WhatIsNotAppliedLeavesNoTrace) {
  RuleSpec all = problem_rule("all", 1, State::raise, 30);
  all.dedup = {seconds(10), kByAgent};
  all.limit = {1, seconds(10), kByAgent};
  RuleSpec beat = rule_for("beat");
  beat.absent = {seconds(10), kByAgent};
  RuleSpec many = rule_for("many");
  many.threshold = {1, seconds(10), kByAgent};
  EngineLine line({all, beat, many, problem_rule("up", 2, State::clear)});
  const auto empty = line.saved();
  (void)line.only_evaluate(0, {1});
  EXPECT_EQ(line.saved(), empty);
  EXPECT_EQ(line.engine->rule_figures()[0].matched, 0U);
  (void)line.take(0, {1});
  const auto held = line.saved();
  EXPECT_NE(held, empty);
  (void)line.only_evaluate(1, {1});
  (void)line.only_evaluate(1, {2});
  EXPECT_EQ(line.saved(), held);
}

TEST(RuleEngine, OldestHoldIsRaisedWhenThereIsNoRoom) {
  EngineLine line({problem_rule("down", 1, State::raise, 1'000)});
  const int most = static_cast<int>(kMaxKeysPerTable);
  for (int i = 0; i < most; ++i) ASSERT_EQ(line.take(i, {1, i}).size(), 1U) << i;
  EXPECT_EQ(line.engine->state_figures().evicted, 0U);
  EXPECT_EQ(line.take(most, {1, most}),
            (Texts{"event info key=if/100000 rule=down !held -> a b c",
                   "hold 100001-1 raise info key=if/0 rule=down of=1 -> a b c"}));
  EXPECT_EQ(line.engine->state_figures().evicted, 1U);
  EXPECT_EQ(line.engine->state_figures().keys, kMaxKeysPerTable);
  ASSERT_EQ(line.engine->problems().size(), 1U);
}

}  // namespace
}  // namespace trapline::rules
