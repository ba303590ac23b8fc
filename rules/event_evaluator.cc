#include "rules/event_evaluator.h"

#include <algorithm>

namespace trapline::rules {

EventEvaluator::EventEvaluator(RuleMemory& memory, const Event& event, Evaluation& out,
                               std::vector<RuleTrace>* trace)
    : memory_(memory),
      rules_(*memory.rules),
      event_(event),
      out_(out),
      trace_(trace),
      draft_(memory.draft),
      subject_{event.message,
               memory.draft,
               memory.rules->mibs(),
               event.time,
               memory.rules->enrichments().empty() ? nullptr : &memory.enrichments,
               event.made_by} {}

void EventEvaluator::run() {
  memory_.scratch.begin_event();
  draft_.clear();
  if (subject_.enrichments != nullptr) memory_.enrichments.clear();
  if (event_.made_by != Synthetic::none) begin_synthetic();
  if (trace_ != nullptr) tell_strangers();
  meet_all(memory_.candidates.of(rules_, event_.message.trap_oid));
  if (subject_.enrichments != nullptr && memory_.enrichments.must_wait()) {
    return out_.abandon(memory_.enrichments.take_wishes());
  }
  DecisionSlot& slot = out_.add_slot();
  Decision& decision = out_.add_decision();
  settle_state(slot, decision);
  const bool goes_nowhere = flags_.has(VerdictFlag::dropped) || flags_.has(VerdictFlag::suppressed);
  const std::uint64_t sinks = goes_nowhere ? 0 : rules_.route(subject_, memory_.scratch);
  fill_verdict(draft_, out_.matched_, rules_, sinks, slot, decision);
  decision.verdict.flags = flags_;
  if (event_.made_by != Synthetic::none) finish_synthetic(slot, decision);
  for (StateEffect& effect : out_.effects()) {
    const bool told = effect.kind == StateEffect::Kind::problem_raise ||
                      effect.kind == StateEffect::Kind::problem_repeat;
    if (told) effect.sinks.assign(decision.sinks.begin(), decision.sinks.end());
  }
  if (subject_.enrichments != nullptr) {
    slot.enriched.assign(memory_.enrichments.values().begin(), memory_.enrichments.values().end());
    decision.verdict.enrichment = slot.enriched;
  }
}

// What it says unless a rule says something else.
void EventEvaluator::begin_synthetic() {
  const bool gone = event_.made_by == Synthetic::device_unreachable;
  draft_.severity = gone ? Severity::warning : Severity::info;
  draft_.summary = event_.message.agent.to_string();
  draft_.summary +=
      gone ? " does not answer what rules ask it" : " answers again what rules ask it";
}

void EventEvaluator::finish_synthetic(DecisionSlot& slot, Decision& decision) {
  slot.id = event_.id;
  slot.encoded.assign(event_.encoded.begin(), event_.encoded.end());
  decision.id = slot.id;
  decision.encoded = slot.encoded;
  decision.verdict.synthetic = event_.made_by;
  decision.verdict.made = event_.time;
}

void EventEvaluator::meet_all(const Candidates& candidates) {
  const auto numbers = candidates.numbers();
  // Who wants to know why each rule did not match gets each asked.
  const auto from = [&](std::size_t at) {
    return trace_ == nullptr ? candidates.next(at, memory_.scratch) : at;
  };
  for (std::size_t at = from(0); at < numbers.size(); at = from(at + 1)) {
    figures_ = {};
    const bool go_on = meet(numbers[at]);
    if (figures_ != RuleFigures{}) out_.counted_.emplace_back(numbers[at], figures_);
    if (!go_on) return;
  }
}

bool EventEvaluator::meet(std::uint32_t number) {
  const CompiledRule& rule = rules_.rules()[number];
  std::string_view why;
  const Holds holds = condition_of(rule, subject_, memory_.scratch, figures_, &why);
  if (holds != Holds::yes) {
    if (trace_ != nullptr) {
      tell(number, false, holds == Holds::no ? "when: false" : "when: " + std::string(why));
    }
    return true;
  }
  if (trace_ != nullptr) tell(number, true, rule.when ? "when: true" : "no condition");
  ++figures_.matched;
  if (out_.matched_.size() < kMaxNamedRules) out_.matched_.push_back(rule.name);
  act(number, rule);
  return !rule.stop;
}

void EventEvaluator::enrich(const CompiledRule& rule) {
  for (const std::uint32_t number : rule.enrich) {
    const auto flag = memory_.enrichments.ask(number, rules_, subject_, memory_.scratch,
                                              memory_.answers, figures_);
    if (flag) flags_.set(*flag);
  }
}

void EventEvaluator::act(std::uint32_t number, const CompiledRule& rule) {
  if (!rule.enrich.empty()) enrich(rule);
  if (!rule.speaks_for_synthetic()) {
    if (!apply_set(rule, subject_, draft_, memory_.scratch, figures_)) {
      flags_.set(VerdictFlag::rule_error);
    }
    if (rule.state == State::raise) {
      raised_by_ = &rule;
      raised_by_number_ = number;
    }
  }
  if (rule.drop) flags_.set(VerdictFlag::dropped);
  if (rule.dedup) dedup(number, rule);
  if (rule.limit) limit(number, rule);
  if (rule.threshold) count(StateEffect::Kind::threshold, number, *rule.threshold);
  // What we say of a device is no sign of its life.
  if (rule.absent && event_.made_by == Synthetic::none) {
    count(StateEffect::Kind::absent, number, *rule.absent);
  }
}

// What goes nowhere already is not counted here.
void EventEvaluator::dedup(std::uint32_t number, const CompiledRule& rule) {
  if (flags_.has(VerdictFlag::dropped) || flags_.has(VerdictFlag::suppressed)) return;
  key_of(rule.dedup->by, subject_, memory_.scratch, figures_, memory_.key);
  if (memory_.state.find({number, Synthetic::dedup}, memory_.key) != nullptr) {
    return suppress(StateEffect::Kind::dedup_suppress, number);
  }
  out_.add_effect(StateEffect::Kind::dedup_begin, number).key = memory_.key;
}

void EventEvaluator::limit(std::uint32_t number, const CompiledRule& rule) {
  if (flags_.has(VerdictFlag::dropped) || flags_.has(VerdictFlag::suppressed)) return;
  key_of(rule.limit->by, subject_, memory_.scratch, figures_, memory_.key);
  const StateEntry* const entry = memory_.state.find({number, Synthetic::limit}, memory_.key);
  if (entry != nullptr && entry->passed >= rule.limit->count) {
    return suppress(StateEffect::Kind::limit_suppress, number);
  }
  out_.add_effect(StateEffect::Kind::limit_pass, number).key = memory_.key;
}

void EventEvaluator::suppress(StateEffect::Kind kind, std::uint32_t number) {
  flags_.set(VerdictFlag::suppressed);
  StateEffect& effect = out_.add_effect(kind, number);
  effect.key = memory_.key;
  copy_draft(effect);
}

void EventEvaluator::count(StateEffect::Kind kind, std::uint32_t number, const Window& window) {
  key_of(window.by, subject_, memory_.scratch, figures_, memory_.key);
  out_.add_effect(kind, number).key = memory_.key;
}

void EventEvaluator::copy_draft(StateEffect& effect) const {
  effect.severity = draft_.severity;
  effect.problem_key = draft_.key;
  effect.summary = draft_.summary;
  effect.tags.assign(draft_.tags().begin(), draft_.tags().end());
  effect.rules = out_.matched_.size();
}

// What raise and clear come to, given what is raised and held.
void EventEvaluator::settle_state(DecisionSlot& slot, Decision& decision) {
  if (draft_.state == State::event) return;
  problem_key(draft_, event_.message, memory_.key);
  const bool dropped = flags_.has(VerdictFlag::dropped);
  if (!dropped && flags_.has(VerdictFlag::suppressed) && changes_problem()) pass_after_all();
  if (dropped || flags_.has(VerdictFlag::suppressed)) {
    const bool again = draft_.state == State::raise && memory_.problems.find(memory_.key);
    if (again) problem_effect(StateEffect::Kind::problem_repeat);
    return;
  }
  draft_.state == State::raise ? settle_raise(slot, decision) : settle_clear(slot, decision);
}

// Whether the event raises what is not raised, or clears what is raised or held.
bool EventEvaluator::changes_problem() const {
  const bool raised = memory_.problems.find(memory_.key) != nullptr;
  const bool held = memory_.state.hold_of(memory_.key).has_value();
  if (draft_.state == State::clear) return raised || held;
  const bool holds = raised_by_ != nullptr && raised_by_->hold.count() != 0;
  return !raised && !(held && holds);
}

// dedup and limit are for repeats: who was told of a raise must be told of its end.
void EventEvaluator::pass_after_all() {
  flags_.unset(VerdictFlag::suppressed);
  const auto effects = out_.effects();
  const auto kept = std::remove_if(effects.begin(), effects.end(), [](const StateEffect& effect) {
    return effect.kind == StateEffect::Kind::dedup_suppress ||
           effect.kind == StateEffect::Kind::limit_suppress;
  });
  out_.effect_count_ = static_cast<std::size_t>(kept - effects.begin());
}

void EventEvaluator::settle_raise(DecisionSlot& slot, Decision& decision) {
  if (const Problem* const problem = memory_.problems.find(memory_.key)) {
    StateEffect& effect = problem_effect(StateEffect::Kind::problem_repeat);
    effect.severity = draft_.severity;
    effect.summary = draft_.summary;
    return repeat(*problem, slot, decision);
  }
  const bool pending = memory_.state.hold_of(memory_.key).has_value();
  const bool hold = raised_by_ != nullptr && raised_by_->hold.count() != 0;
  if (!hold) {
    // What another rule held back is said now.
    if (pending) problem_effect(StateEffect::Kind::hold_cancel);
    if (rules_.keeps_labels()) problem_labels(subject_, slot.label_texts);
    StateEffect& effect = problem_effect(StateEffect::Kind::problem_raise);
    copy_draft(effect);
    effect.labels = slot.label_texts;
    return;
  }
  if (!pending) {
    copy_draft(problem_effect(StateEffect::Kind::hold_begin, raised_by_number_));
  }
  draft_.state = State::event;
  flags_.set(VerdictFlag::held);
}

void EventEvaluator::settle_clear(DecisionSlot& slot, Decision& decision) {
  if (const Problem* const problem = memory_.problems.find(memory_.key)) {
    slot.raise_id = problem->raise_id;
    if (rules_.keeps_labels()) slot.label_texts = problem->labels;
    decision.verdict.count = problem->count;
    decision.verdict.first_time = problem->first;
    problem_effect(StateEffect::Kind::problem_clear);
    return;
  }
  if (!memory_.state.hold_of(memory_.key)) return;
  problem_effect(StateEffect::Kind::hold_cancel);
  draft_.state = State::event;
  flags_.set(VerdictFlag::cleared_in_hold);
}

void EventEvaluator::repeat(const Problem& problem, DecisionSlot& slot, Decision& decision) {
  slot.raise_id = problem.raise_id;
  if (rules_.keeps_labels()) slot.label_texts = problem.labels;
  decision.verdict.count = problem.count + 1;
  decision.verdict.first_time = problem.first;
}

StateEffect& EventEvaluator::problem_effect(StateEffect::Kind kind, std::uint32_t number) {
  StateEffect& effect = out_.add_effect(kind, number);
  effect.key = memory_.key;
  return effect;
}

void EventEvaluator::tell(std::uint32_t number, bool matched, std::string why) {
  (*trace_)[number].matched = matched;
  (*trace_)[number].why = std::move(why);
}

// Of rules that the event does not come to, unless it does.
void EventEvaluator::tell_strangers() {
  trace_->clear();
  for (const CompiledRule& rule : rules_.rules()) {
    trace_->push_back({rule.name, false, "match: another notification"});
  }
  const auto& candidates = memory_.candidates.of(rules_, event_.message.trap_oid);
  for (const std::uint32_t number : candidates.numbers()) {
    tell(number, false, "not reached: a rule before it says stop");
  }
}

}  // namespace trapline::rules
