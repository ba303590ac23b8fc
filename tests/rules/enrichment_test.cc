#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/engine_line.h"
#include "tests/rules/expression_subject.h"

namespace trapline::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A device that answers every member of an enrichment with one text, once it has been told to.
class FakeAnswers final : public EnrichmentAnswers {
 public:
  [[nodiscard]] EnrichmentAnswer find(const EnrichmentWish& wish) const override {
    asked.push_back(wish);
    const auto found = states.find(wish.enrichment);
    const AnswerState state = found == states.end() ? AnswerState::unknown : found->second;
    if (state != AnswerState::known) return {state, {}};
    members_.clear();
    for (const WishedMember& member : wish.members) {
      members_.push_back({member.name == "ifName" ? "ifName" : "sysName",
                          {{}, {protocol::ValueType::octet_string, 4, 0, base::as_bytes(text)}}});
    }
    return {state, members_};
  }

  std::map<std::string, AnswerState, std::less<>> states;
  std::string text = "Gi0/7";
  mutable std::vector<EnrichmentWish> asked;

 private:
  mutable std::vector<AnsweredMember> members_;
};

RuleSpec enriched_rule(std::string name, std::vector<std::string> enrichments) {
  RuleSpec spec = rule_for(std::move(name), 1);
  for (std::string& each : enrichments) spec.enrich.push_back(written(each));
  return spec;
}

RulesSpec spec_of(std::vector<RuleSpec> rules) {
  RulesSpec spec;
  spec.rules = std::move(rules);
  EnrichmentSpec device;
  device.name = "device";
  device.get = {{written("sysName"), written("SNMPv2-MIB::sysName.0")}};
  EnrichmentSpec interface;
  interface.name = "interface";
  interface.get = {{written("ifName"), written("IF-MIB::ifName.{{ vars.ifIndex }}")}};
  spec.enrichments = {device, interface};
  return spec;
}

std::string problems_of(const RulesSpec& spec) {
  SpecProblems problems;
  EXPECT_EQ(RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a"}}, problems),
            nullptr);
  return text_of(problems);
}

class EnrichmentTest : public testing::Test {
 protected:
  void begin(std::vector<RuleSpec> rules) {
    rules_ = compile_rules(spec_of(std::move(rules)));
    engine_ = std::make_unique<RuleEngine>(rules_, codec_);
    engine_->answer_from(&answers_);
  }
  std::vector<std::string> evaluate() {
    encoded_ = LineEvent{1, 7};
    Event event;
    event.id = "1";
    event.encoded = base::Bytes(reinterpret_cast<const std::byte*>(&encoded_), sizeof encoded_);
    EXPECT_TRUE(codec_.decode(event.encoded, event.message));
    evaluation_.clear();
    engine_->evaluate(event, evaluation_);
    engine_->apply(evaluation_);
    std::vector<std::string> texts;
    for (const Decision& decision : evaluation_.decisions()) texts.push_back(text_of(decision));
    return texts;
  }

  FakeAnswers answers_;
  std::shared_ptr<const RuleSet> rules_;
  LineCodec codec_;
  std::unique_ptr<RuleEngine> engine_;
  Evaluation evaluation_;
  LineEvent encoded_;
};

TEST_F(EnrichmentTest, WhatIsNotKnownIsWishedForAtOnceAndNothingElseHappens) {
  RuleSpec first = enriched_rule("first", {"interface"});
  first.limit = LimitSpec{1, std::chrono::seconds(60), {written("agent.ip")}};
  RuleSpec second = enriched_rule("second", {"interface", "device"});
  second.set.tags = {{written("port"), written("{{ interface.ifName }}")}};
  begin({first, second});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(evaluate(), IsEmpty());
    ASSERT_THAT(evaluation_.wishes(), SizeIs(2));
  }
  EXPECT_EQ(evaluation_.wishes()[0].enrichment, "interface");
  EXPECT_EQ(evaluation_.wishes()[0].agent.to_string(), "10.0.0.1");
  EXPECT_EQ(evaluation_.wishes()[0].members.front().oid.view().to_string(),
            "1.3.6.1.2.1.31.1.1.1.1.7");
  EXPECT_EQ(evaluation_.wishes()[1].enrichment, "device");
  EXPECT_EQ(engine_->rule_figures()[0].matched, 0U);
  answers_.states = {{"interface", AnswerState::known}, {"device", AnswerState::known}};
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=first rule=second port:Gi0/7 -> a b c"));
  EXPECT_THAT(evaluation_.wishes(), IsEmpty());
  EXPECT_THAT(evaluate(),
              ElementsAre("event info rule=first rule=second port:Gi0/7 !suppressed ->"));
}

TEST_F(EnrichmentTest, AnswersAreOnTheDecision) {
  begin({enriched_rule("only", {"interface", "device"})});
  answers_.states = {{"interface", AnswerState::known}, {"device", AnswerState::timeout}};
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=only !enrich_timeout -> a b c"));
  const Verdict& verdict = evaluation_.decisions().front().verdict;
  ASSERT_THAT(verdict.enrichment, SizeIs(1));
  EXPECT_EQ(verdict.enrichment.front().enrichment, "interface");
  EXPECT_EQ(verdict.enrichment.front().member, "ifName");
}

TEST_F(EnrichmentTest, FailuresAreFlaggedAndSelectNothing) {
  RuleSpec rule = enriched_rule("only", {"interface"});
  rule.set.tags = {{written("port"), written("{{ interface.ifName | default('?') }}")}};
  begin({rule});
  answers_.states = {{"interface", AnswerState::failed}};
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=only port:? !enrich_failed -> a b c"));
  answers_.states = {{"interface", AnswerState::skipped}};
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=only port:? !enrich_skipped -> a b c"));
}

TEST_F(EnrichmentTest, AnEventTakesOnlySoMuch) {
  begin({enriched_rule("only", {"interface", "device"})});
  answers_.states = {{"interface", AnswerState::known}, {"device", AnswerState::known}};
  answers_.text = std::string(EventEnrichments::kMaxEnrichedBytes / 2 + 1, 'x');
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=only !enrich_failed -> a b c"));
  ASSERT_THAT(evaluation_.decisions().front().verdict.enrichment, SizeIs(1));
  EXPECT_EQ(evaluation_.decisions().front().verdict.enrichment[0].enrichment, "interface");
}

TEST_F(EnrichmentTest, RulesThatDoNotMatchAskNothing) {
  RuleSpec rule = enriched_rule("only", {"interface"});
  rule.when = written("vars.ifIndex == 8");
  begin({rule});
  EXPECT_THAT(evaluate(), ElementsAre("event info -> a b c"));
  EXPECT_THAT(answers_.asked, IsEmpty());
}

TEST_F(EnrichmentTest, ConditionsOfLaterRulesReadWhatWasAnswered) {
  RuleSpec later = rule_for("later", 1);
  later.when = written("interface.ifName.startsWith('Gi')");
  begin({enriched_rule("first", {"interface"}), later});
  answers_.states = {{"interface", AnswerState::known}};
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=first rule=later -> a b c"));
}

TEST_F(EnrichmentTest, AnInstanceThatTheEventDoesNotNameIsAFailure) {
  RulesSpec spec = spec_of({enriched_rule("only", {"interface"})});
  spec.enrichments[1].get[0].second = written("IF-MIB::ifName.{{ vars.ifOperStatus }}");
  engine_ = std::make_unique<RuleEngine>(compile_rules(spec), codec_);
  engine_->answer_from(&answers_);
  EXPECT_THAT(evaluate(), ElementsAre("event info rule=only !enrich_failed -> a b c"));
  EXPECT_THAT(answers_.asked, IsEmpty());
}

TEST_F(EnrichmentTest, KeysTellAgentsEnrichmentsAndInstancesApart) {
  begin({enriched_rule("only", {"interface"})});
  (void)evaluate();
  const EnrichmentWish wish = evaluation_.wishes().front();
  EnrichmentWish other = wish;
  EXPECT_EQ(other.key(), wish.key());
  other.members[0].oid.append(1);
  EXPECT_NE(other.key(), wish.key());
  other = wish;
  other.agent = {};
  EXPECT_NE(other.key(), wish.key());
  other = wish;
  other.enrichment = "device";
  EXPECT_NE(other.key(), wish.key());
}

TEST(EnrichmentProblems, UnknownNamesHaveAPlaceAndTheNearestName) {
  EXPECT_EQ(problems_of(spec_of({enriched_rule("x", {"interfaces"})})),
            "1:1 no enrichment `interfaces` (did you mean `interface`?)");
  RulesSpec nothing = spec_of({enriched_rule("x", {"device"})});
  nothing.enrichments.clear();
  EXPECT_EQ(problems_of(nothing),
            "1:1 no enrichment `device` (say what to ask under `poller.enrichments`)");
  RuleSpec field = rule_for("x");
  field.when = written("interface.ifNam == 'x'");
  EXPECT_EQ(problems_of(spec_of({field})),
            "1:11 no field `interface.ifNam` (did you mean `ifName`?)");
  RulesSpec oid = spec_of({});
  oid.enrichments[0].get[0].second = written("SNMPv2-MIB::sysNme.0");
  EXPECT_EQ(problems_of(oid),
            "1:1 no MIB names `SNMPv2-MIB::sysNme.0` (write MODULE::name.instance, or the OID: "
            "1.3.6.1.2.1.1.5.0)");
  RulesSpec shadow = spec_of({});
  shadow.enrichments[0].name = "trap";
  EXPECT_EQ(problems_of(shadow),
            "0:0 `trap` is a field of every event (give the enrichment another name)");
  RuleSpec silence = enriched_rule("x", {"device"});
  silence.absent = AbsentSpec{std::chrono::seconds(5), {written("agent.ip")}};
  EXPECT_EQ(problems_of(spec_of({silence})),
            "1:1 `enrich` beside `threshold` or `absent` (the event they emit waits for nobody: "
            "give it to a rule of its own)");
}

}  // namespace
}  // namespace trapline::rules
