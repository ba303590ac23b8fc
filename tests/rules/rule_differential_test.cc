// The engine next to a naive implementation of the same words, event for event.
#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "rules/rule_engine.h"
#include "tests/rules/naive_rules.h"
#include "tests/support/seeded_random.h"

namespace trapline::rules {
namespace {

using Kind = NaiveRule::Kind;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

std::uint64_t below(test_support::SeededRandom& random, std::uint64_t end) {
  return random.next() % end;
}

// A message of the three numbers that an event of these tests is. It views its own memory.
class Message {
 public:
  void fill(int agent, int trap, int interface, protocol::TrapMessage& message) {
    trap_ = *protocol::Oid::parse("1.3.6.1.4.1.99." + std::to_string(trap));
    value_.type = protocol::ValueType::integer32;
    value_.number = static_cast<std::uint64_t>(interface);
    varbind_ = {name_, value_};
    message = {};
    message.trap_oid = trap_;
    message.agent = *base::IpAddress::parse("10.0.0." + std::to_string(agent));
    message.varbinds = {&varbind_, 1};
  }

 private:
  const protocol::Oid name_ = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.1.7");
  protocol::Oid trap_ = name_;
  protocol::Value value_;
  protocol::VarBind varbind_;
};

class Codec final : public EventCodec {
 public:
  bool decode(base::Bytes encoded, protocol::TrapMessage& message) override {
    std::array<int, 3> numbers{};
    if (encoded.size() != sizeof numbers) return false;
    std::memcpy(numbers.data(), encoded.data(), encoded.size());
    // What was damaged is no event of these tests.
    for (const int number : {numbers[0], numbers[1]}) {
      if (number < 0 || number > 9) return false;
    }
    message_.fill(numbers[0], numbers[1], numbers[2], message);
    return true;
  }

 private:
  Message message_;
};

SourceText source(std::string text) { return {std::move(text), {}}; }

// The rule as a configuration would have it.
RuleSpec spec_of(const NaiveRule& rule) {
  RuleSpec spec;
  spec.name = rule.name;
  for (const int trap : rule.traps) {
    spec.match.push_back(source("1.3.6.1.4.1.99." + std::to_string(trap)));
  }
  std::vector<SourceText> by{source("agent.ip")};
  const std::string per_interface = "string(agent.ip) + \"/\" + string(vars.ifIndex)";
  if (rule.by_interface) by = {source(per_interface)};
  const std::chrono::seconds span(rule.span / kSecond);
  const auto count = static_cast<std::uint32_t>(rule.count);
  switch (rule.kind) {
    case Kind::dedup: spec.dedup = {span, by}; break;
    case Kind::limit: spec.limit = {count, span, by}; break;
    case Kind::threshold: spec.threshold = {count, span, by}; break;
    case Kind::absent: spec.absent = {span, by}; break;
    case Kind::raise:
    case Kind::clear:
      spec.state = rule.kind == Kind::raise ? State::raise : State::clear;
      spec.hold = rule.kind == Kind::raise ? span : std::chrono::seconds(0);
      spec.set.key =
          source(rule.by_interface ? "{{ agent.ip }}/{{ vars.ifIndex }}" : "{{ agent.ip }}");
      break;
  }
  spec.drop = rule.drop;
  spec.stop = rule.stop;
  return spec;
}

NaiveRule random_rule(std::size_t number, test_support::SeededRandom& random) {
  NaiveRule rule;
  rule.kind = static_cast<Kind>(below(random, 6));
  rule.name = "r" + std::to_string(number);
  const auto traps = below(random, 3);
  for (std::uint64_t i = 0; i < traps; ++i) {
    const int trap = static_cast<int>(below(random, 3));
    if (rule.traps.empty() || rule.traps.front() != trap) rule.traps.push_back(trap);
  }
  rule.by_interface = below(random, 2) == 0;
  rule.span = static_cast<std::int64_t>(1 + below(random, 6)) * kSecond;
  if (rule.kind == Kind::raise && below(random, 2) == 0) rule.span = 0;
  rule.count = 1 + below(random, 5);
  if (rule.kind == Kind::threshold && below(random, 5) == 0) rule.count = 20;
  const bool holds = rule.kind == Kind::raise && rule.span != 0;
  const bool speaks = rule.kind == Kind::threshold || rule.kind == Kind::absent;
  rule.drop = !holds && !speaks && below(random, 15) == 0;
  rule.stop = below(random, 10) == 0;
  return rule;
}

std::shared_ptr<const RuleSet> compile(const std::vector<NaiveRule>& rules) {
  RulesSpec spec;
  for (const NaiveRule& rule : rules) spec.rules.push_back(spec_of(rule));
  SpecProblems problems;
  auto compiled =
      RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a", "b"}}, problems);
  if (!compiled) ADD_FAILURE() << problems.front().message;
  return compiled;
}

NaiveWords words_of(const Decision& decision) {
  const Verdict& verdict = decision.verdict;
  NaiveWords words;
  words.id = decision.id;
  words.synthetic = name_of(verdict.synthetic);
  words.state = name_of(verdict.state);
  words.key = verdict.key;
  words.rules.assign(verdict.rules.begin(), verdict.rules.end());
  for (int i = 0; i < kVerdictFlagCount; ++i) {
    const auto flag = static_cast<VerdictFlag>(i);
    if (verdict.flags.has(flag)) words.flags.emplace_back(name_of(flag));
  }
  words.count = verdict.count;
  words.first_time = verdict.first_time.since_epoch_ns;
  words.made = verdict.made.since_epoch_ns;
  words.raise_id = verdict.raise_id;
  words.causes.assign(verdict.causes.begin(), verdict.causes.end());
  const bool lost =
      verdict.flags.has(VerdictFlag::dropped) || verdict.flags.has(VerdictFlag::suppressed);
  EXPECT_EQ(decision.sinks.size(), lost ? 0U : 2U);
  return words;
}

// The engine, driven as the router drives it; now and then it is stopped and started again.
class Line {
 public:
  Line(std::shared_ptr<const RuleSet> rules, bool restarts)
      : rules_(std::move(rules)), restarts_(restarts) {
    begin();
  }

  NaiveDecisions advance(const std::string& record, std::int64_t now) {
    evaluation_.clear();
    engine_->advance(record, {now}, evaluation_);
    return take_decisions();
  }
  NaiveDecisions take(const NaiveEvent& naive) {
    Message message;
    const std::array<int, 3> numbers = {naive.agent, naive.trap, naive.interface};
    Event event;
    message.fill(naive.agent, naive.trap, naive.interface, event.message);
    event.id = naive.id;
    event.time = {naive.time};
    event.encoded = std::as_bytes(std::span(numbers));
    // An attempt that is given up leaves no trace.
    Evaluation attempt;
    engine_->evaluate(event, attempt);
    evaluation_.clear();
    engine_->advance(naive.id, event.time, evaluation_);
    engine_->evaluate(event, evaluation_);
    engine_->apply(evaluation_);
    return take_decisions();
  }
  void restart() {
    if (!restarts_) return;
    std::vector<std::byte> saved;
    engine_->save(saved);
    begin();
    EXPECT_TRUE(engine_->restore(saved));
    std::vector<std::byte> again;
    engine_->save(again);
    EXPECT_EQ(again, saved);
    engine_->exchange(rules_);
  }
  [[nodiscard]] std::vector<std::byte> saved() const {
    std::vector<std::byte> octets;
    engine_->save(octets);
    return octets;
  }
  // Goes on with this state, if it is one.
  bool begin_with(base::Bytes state) {
    begin();
    return engine_->restore(state);
  }
  [[nodiscard]] StateFigures figures() const { return engine_->state_figures(); }
  [[nodiscard]] std::optional<std::int64_t> next_due() const {
    const auto due = engine_->next_due();
    return due ? std::optional(due->since_epoch_ns) : std::nullopt;
  }
  [[nodiscard]] std::vector<std::string> problems() const {
    std::vector<std::string> all;
    for (const Problem& each : engine_->problems()) {
      all.push_back(each.key + " " + std::to_string(each.count) + " " + each.raise_id);
    }
    return all;
  }

 private:
  void begin() { engine_ = std::make_unique<RuleEngine>(rules_, codec_); }
  NaiveDecisions take_decisions() {
    NaiveDecisions all;
    for (const Decision& decision : evaluation_.decisions()) {
      all.push_back(words_of(decision).text());
    }
    return all;
  }

  const std::shared_ptr<const RuleSet> rules_;
  const bool restarts_;
  Codec codec_;
  std::unique_ptr<RuleEngine> engine_;
  Evaluation evaluation_;
};

// How long after the event before: bursts, borders of windows to the nanosecond, pauses.
std::int64_t pause(test_support::SeededRandom& random) {
  switch (below(random, 8)) {
    case 0: return 0;
    case 1:
    case 2: return static_cast<std::int64_t>(below(random, 7)) * kSecond;
    case 3: return static_cast<std::int64_t>(below(random, 5)) * kSecond + 1;
    case 4: return static_cast<std::int64_t>(below(random, 3) + 1) * kSecond - 1;
    default: return static_cast<std::int64_t>(below(random, 4)) * kSecond / 4;
  }
}

// What both say of `count` events, in turn. False at the first difference.
class Comparison {
 public:
  Comparison(std::uint64_t seed, std::size_t rules) : random_(seed) {
    std::vector<NaiveRule> list;
    for (std::size_t i = 0; i < rules; ++i) list.push_back(random_rule(i, random_));
    naive_.emplace(list);
    const auto compiled = compile(list);
    plain_.emplace(compiled, false);
    restarted_.emplace(compiled, true);
  }

  bool run(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::int64_t next = now_ + pause(random_);
      if (!let_time_pass(next) || !compare_event()) return false;
      if (below(random_, 50) == 0) restarted_->restart();
    }
    return compare(naive_->problems(), plain_->problems(), restarted_->problems());
  }
  [[nodiscard]] std::uint64_t synthetic() const { return synthetic_; }
  [[nodiscard]] std::uint64_t suppressed() const { return suppressed_; }

 private:
  bool let_time_pass(std::int64_t until) {
    for (;;) {
      const auto due = naive_->next_due();
      EXPECT_EQ(plain_->next_due(), due);
      EXPECT_EQ(restarted_->next_due(), due);
      if (!due || *due > until || ::testing::Test::HasFailure()) break;
      now_ = std::max(now_, *due);
      const std::string id = "t" + std::to_string(++records_);
      if (!compare(naive_->advance(id, now_), plain_->advance(id, now_),
                   restarted_->advance(id, now_))) {
        return false;
      }
    }
    now_ = until;
    return !::testing::Test::HasFailure();
  }
  bool compare_event() {
    NaiveEvent event;
    event.id = "e" + std::to_string(++records_);
    event.time = now_;
    event.agent = static_cast<int>(below(random_, 2));
    event.trap = static_cast<int>(below(random_, 3));
    event.interface = static_cast<int>(below(random_, 3));
    NaiveDecisions expected = naive_->advance(event.id, now_);
    const NaiveDecisions decided = naive_->take(event);
    expected.insert(expected.end(), decided.begin(), decided.end());
    return compare(expected, plain_->take(event), restarted_->take(event));
  }
  bool compare(const NaiveDecisions& expected, const NaiveDecisions& plain,
               const NaiveDecisions& restarted) {
    EXPECT_EQ(plain, expected) << "record " << records_;
    EXPECT_EQ(restarted, expected) << "record " << records_;
    for (const std::string& each : expected) {
      synthetic_ += each.find("synthetic= ") == std::string::npos ? 1 : 0;
      suppressed_ += each.find("suppressed") != std::string::npos ? 1 : 0;
    }
    return plain == expected && restarted == expected;
  }

  test_support::SeededRandom random_;
  std::optional<NaiveRules> naive_;
  std::optional<Line> plain_;
  std::optional<Line> restarted_;
  std::int64_t now_ = kStart;
  std::uint64_t records_ = 0;
  std::uint64_t synthetic_ = 0;
  std::uint64_t suppressed_ = 0;
};

NaiveEvent event_at(std::int64_t time, int interface, std::uint64_t number) {
  NaiveEvent event;
  event.id = "e" + std::to_string(number);
  event.time = time;
  event.interface = interface;
  return event;
}

// Rules with every kind of state, and a line that has seen a hundred events of them.
class DamagedState : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<NaiveRule> rules;
    for (const Kind kind : {Kind::dedup, Kind::limit, Kind::threshold, Kind::absent, Kind::raise}) {
      NaiveRule rule;
      rule.kind = kind;
      rule.name = "r" + std::to_string(rules.size());
      rule.by_interface = true;
      rule.span = 60 * kSecond;
      rule.count = 3;
      rules.push_back(rule);
    }
    rules[3].span = 40 * kSecond;
    line_.emplace(compile(rules), false);
    for (std::uint64_t i = 0; i < 100; ++i) {
      (void)line_->take(event_at(kStart + static_cast<std::int64_t>(i) * kSecond / 2,
                                 static_cast<int>(i % 7), i));
    }
    saved_ = line_->saved();
    ASSERT_GT(saved_.size(), 2'000U);
  }
  // Whatever it takes over, it goes on with it to the end of all timers.
  void use() {
    for (std::uint64_t i = 0; i < 30; ++i) {
      (void)line_->take(event_at(kStart + static_cast<std::int64_t>(50 + i) * kSecond,
                                 static_cast<int>(i % 7), 1'000 + i));
    }
    for (int left = 10'000; left > 0; --left) {
      const auto due = line_->next_due();
      if (!due) return;
      (void)line_->advance("t", std::max(*due, kStart));
    }
    FAIL() << "timers without an end";
  }
  std::optional<Line> line_;
  std::vector<std::byte> saved_;
};

TEST_F(DamagedState, CutShortItIsRefusedAndEmpty) {
  for (std::size_t size = 0; size < saved_.size(); ++size) {
    ASSERT_FALSE(line_->begin_with(base::Bytes(saved_).first(size))) << size;
    ASSERT_EQ(line_->figures().keys, 0U);
    ASSERT_EQ(line_->problems().size(), 0U);
  }
  EXPECT_TRUE(line_->begin_with(saved_));
  EXPECT_EQ(line_->saved(), saved_);
}

TEST_F(DamagedState, WithBitsFlippedItIsRefusedOrHarmless) {
  test_support::SeededRandom random(7);
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::vector<std::byte> damaged = saved_;
    for (auto flips = 1 + below(random, 3); flips != 0; --flips) {
      damaged[below(random, damaged.size())] ^= static_cast<std::byte>(1U << below(random, 8));
    }
    refused += line_->begin_with(damaged) ? 0 : 1;
    use();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(refused, 500);
}

// More keys than a rule may have: the oldest says what it has to say, and is counted.
TEST(RuleBounds, TheOldestKeyGoesAndSaysItsWord) {
  constexpr int kKeys = 100'000;
  NaiveRule rule;
  rule.kind = Kind::dedup;
  rule.name = "r0";
  rule.by_interface = true;
  rule.span = 3'600 * kSecond;
  Line line(compile({rule}), false);
  std::uint64_t number = 0;
  for (int key = 0; key < kKeys; ++key) {
    ASSERT_EQ(line.take(event_at(kStart, key, ++number)).size(), 1U);
  }
  // Two of the first key are suppressed; none of the second.
  for (int i = 0; i < 2; ++i) ASSERT_EQ(line.take(event_at(kStart + 1, 0, ++number)).size(), 1U);
  const auto decided = line.take(event_at(kStart + 2, kKeys, ++number));
  ASSERT_EQ(decided.size(), 2U);
  EXPECT_NE(decided[1].find("synthetic=dedup"), std::string::npos) << decided[1];
  EXPECT_NE(decided[1].find("count=2 "), std::string::npos) << decided[1];
  ASSERT_EQ(line.take(event_at(kStart + 2, kKeys + 1, ++number)).size(), 1U);
  EXPECT_EQ(line.figures().evicted, 2U);
  EXPECT_EQ(line.figures().keys, static_cast<std::uint64_t>(kKeys));
}

TEST(RuleDifferential, AHundredThousandEvents) {
  std::uint64_t synthetic = 0;
  std::uint64_t suppressed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Comparison comparison(seed, 1 + seed % 7);
    ASSERT_TRUE(comparison.run(500)) << "seed " << seed;
    synthetic += comparison.synthetic();
    suppressed += comparison.suppressed();
  }
  EXPECT_GT(synthetic, 20'000U);
  EXPECT_GT(suppressed, 10'000U);
}

}  // namespace
}  // namespace trapline::rules
