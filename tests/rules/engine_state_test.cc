// The state of rules across reloads and restarts, and when its octets are damaged.
#include <algorithm>

#include "tests/rules/engine_line.h"
#include "tests/support/seeded_random.h"

namespace trapline::rules {
namespace {

using Texts = EngineLine::Texts;
using std::chrono::seconds;

std::vector<RuleSpec> every_kind() {
  const std::vector<SourceText> by = {source("vars.ifIndex")};
  RuleSpec once = rule_for("once", 3);
  once.dedup = {seconds(10), by};
  once.set.tags = {{source("team"), source("noc")}};
  RuleSpec few = rule_for("few", 4);
  few.limit = {1, seconds(10), by};
  RuleSpec many = rule_for("many", 5);
  many.threshold = {3, seconds(10), by};
  RuleSpec beat = rule_for("beat", 6);
  beat.absent = {seconds(10), by};
  return {problem_rule("down", 1, State::raise, 5),
          problem_rule("failed", 2, State::raise),
          once,
          few,
          many,
          beat};
}

std::shared_ptr<const RuleSet> rules_of(std::vector<RuleSpec> rules) {
  RulesSpec spec;
  spec.rules = std::move(rules);
  return compile_rules(spec);
}

// Something of every kind is remembered then.
void fill(EngineLine& line) {
  for (int trap = 1; trap <= 6; ++trap) {
    for (int i = 0; i < 2; ++i) (void)line.take(trap * 10 + i, {trap, trap});
  }
}

TEST(EngineState, RuleThatStaysTheSameKeepsItsState) {
  EngineLine line(rules_of(every_kind()));
  fill(line);
  const auto before = line.saved();
  auto changed = every_kind();
  changed[2].set.severity = source("major");  // no part of what the state means
  changed.insert(changed.begin(), rule_for("new"));
  line.engine->exchange(rules_of(changed));
  EXPECT_EQ(line.take(100, {3, 3}).back(),
            "event major rule=new rule=once team:noc !suppressed ->");
  line.engine->exchange(rules_of(every_kind()));
  EXPECT_EQ(line.saved().size(), before.size());
}

TEST(EngineState, RuleThatChangedBeginsAnewAndOwesItsSummary) {
  EngineLine line(rules_of(every_kind()));
  fill(line);
  auto changed = every_kind();
  changed[2].dedup->window = seconds(20);
  changed[5].absent->after = seconds(20);
  line.engine->exchange(rules_of(changed));
  EXPECT_EQ(line.take(100, {3, 3}), Texts{"event info rule=once team:noc -> a b c"});
  const Texts due = line.pass(11 * kSecond);
  const auto told = [&](std::string_view start) {
    return std::count_if(due.begin(), due.end(),
                         [&](const std::string& each) { return each.starts_with(start); });
  };
  EXPECT_EQ(told("dedup"), 1);
  EXPECT_EQ(told("hold"), 1);
  EXPECT_EQ(told("limit"), 1);
  EXPECT_EQ(told("absent"), 0);
  EXPECT_EQ(line.engine->problems().size(), 2U);
}

// Refused, or a state to go on with.
void try_damaged(const std::shared_ptr<const RuleSet>& rules, const std::vector<std::byte>& octets,
                 const std::vector<std::byte>& empty) {
  EngineLine line(rules);
  if (!line.engine->restore(octets)) {
    EXPECT_EQ(line.saved(), empty);
    return;
  }
  fill(line);
  line.engine->resumed(seconds(1));
  (void)line.pass(3'600 * kSecond);
  EngineLine again(rules);
  EXPECT_TRUE(again.engine->restore(line.saved()));
}

TEST(EngineState, FlippedBitsAreRefusedOrHarmless) {
  const auto rules = rules_of(every_kind());
  EngineLine line(rules);
  const auto empty = line.saved();
  fill(line);
  const auto whole = line.saved();
  // Every single bit, then several octets at once.
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto damaged = whole;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    SCOPED_TRACE("bit " + std::to_string(bit));
    try_damaged(rules, damaged, empty);
    if (::testing::Test::HasFailure()) return;
  }
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    test_support::SeededRandom random(seed);
    auto damaged = whole;
    for (auto left = 1 + random.next() % 8; left != 0; --left) {
      damaged[random.next() % damaged.size()] = static_cast<std::byte>(random.next());
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    try_damaged(rules, damaged, empty);
    if (::testing::Test::HasFailure()) return;
  }
}

// What is raised, as "key severity labels -> sinks".
Texts told(const RuleEngine& engine) {
  Texts all;
  for (const Problem& problem : engine.problems()) {
    std::string text = problem.key + " " + std::string(name_of(problem.severity));
    for (const auto& [name, value] : problem.labels) text.append(" ").append(name + ":" + value);
    text += " ->";
    for (const std::string& sink : problem.sinks) text += " " + sink;
    all.push_back(text);
  }
  return all;
}

TEST(EngineState, ProblemKeepsTheLabelsOfItsRaiseAndWhoWasTold) {
  RulesSpec spec;
  RuleSpec raise = problem_rule("down", 1, State::raise);
  raise.set.tags.push_back({source("value"), source("{{ trap.oid }}")});
  RuleSpec again = problem_rule("worse", 2, State::raise);
  again.set.severity = source("critical");
  spec.rules = {raise, again, problem_rule("up", 3, State::clear)};
  spec.has_routes = true;
  spec.routes.sinks.push_back({"a", {}});
  RouteSpec child;
  child.when = source("severity == \"critical\"");
  child.sinks.push_back({"b", {}});
  spec.routes.routes.push_back(child);
  EngineLine line(compile_rules(spec));
  (void)line.take(1, {1, 7});
  const std::string labels = " agent:10.0.0.1 trap:1.3.6.1.4.1.99.1 value:1.3.6.1.4.1.99.1 ->";
  EXPECT_EQ(told(*line.engine), Texts{"if/7 info" + labels + " a"});
  (void)line.take(2, {2, 7});
  EXPECT_EQ(told(*line.engine), Texts{"if/7 critical" + labels + " a b"});
  const auto before = line.saved();
  ASSERT_TRUE(line.engine->restore(before));
  EXPECT_EQ(line.saved(), before);
  EXPECT_EQ(told(*line.engine), Texts{"if/7 critical" + labels + " a b"});
  (void)line.take(3, {3, 7});
  EXPECT_EQ(line.labels(), "agent:10.0.0.1 trap:1.3.6.1.4.1.99.1 value:1.3.6.1.4.1.99.1 ")
      << "the clear carries what was raised";
}

TEST(EngineState, ProblemThatWasHeldHasItsLabelsToo) {
  EngineLine line(rules_of({problem_rule("down", 1, State::raise, 5)}));
  (void)line.take(1, {1, 7});
  EXPECT_EQ(told(*line.engine), Texts{});
  (void)line.pass(6 * kSecond);
  EXPECT_EQ(told(*line.engine), Texts{"if/7 info agent:10.0.0.1 trap:1.3.6.1.4.1.99.1 -> a b c"});
}

}  // namespace
}  // namespace trapline::rules
