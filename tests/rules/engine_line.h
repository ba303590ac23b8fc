// A RuleEngine driven as the router drives it, for tests; decisions come out as text.
#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "rules/rule_engine.h"

namespace trapline::rules {

inline constexpr std::int64_t kSecond = 1'000'000'000;

// An event of these tests: a notification 1.3.6.1.4.1.99.`trap` about an ifIndex, from 10.0.0.1.
struct LineEvent {
  std::int32_t trap = 1;
  std::int32_t interface = 7;
};

// Makes messages of LineEvents, which it views.
class LineCodec final : public EventCodec {
 public:
  bool decode(base::Bytes encoded, protocol::TrapMessage& message) override {
    LineEvent event;
    if (encoded.size() != sizeof event) return false;
    std::memcpy(&event, encoded.data(), sizeof event);
    trap_ = *protocol::Oid::parse("1.3.6.1.4.1.99." + std::to_string(event.trap & 0xffff));
    value_.type = protocol::ValueType::integer32;
    value_.number = static_cast<std::uint64_t>(event.interface);
    varbind_ = {name_, value_};
    message = {};
    message.trap_oid = trap_;
    message.agent = *base::IpAddress::parse("10.0.0.1");
    message.varbinds = {&varbind_, 1};
    return true;
  }

 private:
  const protocol::Oid name_ = *protocol::Oid::parse("1.3.6.1.2.1.2.2.1.1.7");
  protocol::Oid trap_ = name_;
  protocol::Value value_;
  protocol::VarBind varbind_;
};

// A text of a configuration.
inline SourceText source(std::string text) { return {std::move(text), {}}; }

// A rule for one notification, or for all of them with 0.
inline RuleSpec rule_for(std::string name, int trap = 0) {
  RuleSpec spec;
  spec.name = std::move(name);
  if (trap != 0) spec.match.push_back(source("1.3.6.1.4.1.99." + std::to_string(trap)));
  return spec;
}

// The same that also raises or clears the problem of the event's ifIndex.
inline RuleSpec problem_rule(std::string name, int trap, State state, int hold = 0) {
  RuleSpec spec = rule_for(std::move(name), trap);
  spec.state = state;
  spec.hold = std::chrono::seconds(hold);
  spec.set.key = source("if/{{ vars.ifIndex }}");
  return spec;
}

// Rules for the sinks `a`, `b` and `c`, of which `a` is the first.
inline std::shared_ptr<const RuleSet> compile_rules(const RulesSpec& spec) {
  SpecProblems problems;
  auto rules =
      RuleSet::compile(spec, {protocol::mib::MibIndex::built_in(), {"a", "b", "c"}}, problems);
  if (!rules) ADD_FAILURE() << problems.front().message;
  return rules;
}

// A decision: "synthetic state key rules flags count sinks raise", without what is empty.
inline std::string text_of(const Decision& decision) {
  const Verdict& verdict = decision.verdict;
  std::string text;
  if (verdict.synthetic != Synthetic::none) {
    text += std::string(name_of(verdict.synthetic)) + " " + std::string(decision.id) + " ";
  }
  text += std::string(name_of(verdict.state)) + " " + std::string(name_of(verdict.severity));
  if (!verdict.key.empty()) text += " key=" + std::string(verdict.key);
  for (const auto rule : verdict.rules) text += " rule=" + std::string(rule);
  for (const Tag& tag : verdict.tags) {
    text += " " + std::string(tag.name) + ":" + std::string(tag.value);
  }
  for (int i = 0; i < kVerdictFlagCount; ++i) {
    const auto flag = static_cast<VerdictFlag>(i);
    if (verdict.flags.has(flag)) text += " !" + std::string(name_of(flag));
  }
  if (verdict.count != 0) {
    text += " count=" + std::to_string(verdict.count) +
            " first=" + std::to_string(verdict.first_time.since_epoch_ns);
  }
  if (!verdict.raise_id.empty()) text += " raise=" + std::string(verdict.raise_id);
  for (const auto cause : verdict.causes) text += " of=" + std::string(cause);
  text += " ->";
  for (const auto sink : decision.sinks) text += " " + std::string(sink);
  return text;
}

// One engine and its clock. Records are named 1, 2, ...
class EngineLine {
 public:
  using Texts = std::vector<std::string>;

  explicit EngineLine(std::vector<RuleSpec> rules) {
    RulesSpec spec;
    spec.rules = std::move(rules);
    begin(compile_rules(spec));
  }
  explicit EngineLine(std::shared_ptr<const RuleSet> rules) { begin(std::move(rules)); }

  // An event at this time; all that is decided then.
  Texts take(std::int64_t time, LineEvent event) {
    start(time, event);
    engine->advance(id_, {time}, evaluation_);
    engine->evaluate(event_, evaluation_);
    engine->apply(evaluation_);
    return texts();
  }
  // The same without `apply`.
  Texts only_evaluate(std::int64_t time, LineEvent event) {
    start(time, event);
    engine->evaluate(event_, evaluation_);
    return texts();
  }
  // A timer at this time.
  Texts pass(std::int64_t time) {
    id_ = std::to_string(++records_);
    evaluation_.clear();
    engine->advance(id_, {time}, evaluation_);
    return texts();
  }
  // The labels of the last decision.
  [[nodiscard]] std::string labels() const {
    std::string text;
    for (const Tag& label : evaluation_.decisions().back().verdict.labels) {
      text += std::string(label.name) + ":" + std::string(label.value) + " ";
    }
    return text;
  }
  // When the next timer is due; -1 when none is.
  [[nodiscard]] std::int64_t due() const {
    const auto next = engine->next_due();
    return next ? next->since_epoch_ns : -1;
  }
  // The state as octets.
  [[nodiscard]] std::vector<std::byte> saved() const {
    std::vector<std::byte> out;
    engine->save(out);
    return out;
  }

  std::unique_ptr<RuleEngine> engine;

 private:
  void begin(std::shared_ptr<const RuleSet> rules) {
    engine = std::make_unique<RuleEngine>(std::move(rules), codec_);
  }
  void start(std::int64_t time, LineEvent event) {
    id_ = std::to_string(++records_);
    std::memcpy(encoded_.data(), &event, sizeof event);
    event_.id = id_;
    event_.time = {time};
    event_.encoded = encoded_;
    ASSERT_TRUE(own_.decode(encoded_, event_.message));
    evaluation_.clear();
  }
  [[nodiscard]] Texts texts() const {
    Texts all;
    for (const Decision& decision : evaluation_.decisions()) all.push_back(text_of(decision));
    return all;
  }

  LineCodec codec_;
  LineCodec own_;
  Evaluation evaluation_;
  Event event_;
  std::array<std::byte, sizeof(LineEvent)> encoded_{};
  std::string id_;
  std::uint64_t records_ = 0;
};

}  // namespace trapline::rules
