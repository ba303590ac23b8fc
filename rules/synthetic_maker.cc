#include "rules/synthetic_maker.h"

#include "rules/rule_engine.h"

namespace trapline::rules {

void SyntheticMaker::make(const SyntheticCause& cause, const KeptEvent& kept,
                          const KeptVerdict* verdict) {
  DecisionSlot& slot = out_.add_slot();
  slot.encoded = kept.encoded;
  protocol::TrapMessage message;
  // What cannot be read any more was damaged in memory or on disk: there is nothing to tell.
  if (!codec_.decode(slot.encoded, message)) return;
  Decision& decision = out_.add_decision();
  slot.id = std::string(cause.record_id) + "-" + std::to_string(++out_.synthetic_count_);
  slot.cause_texts = kept.causes;
  slot.causes.assign(slot.cause_texts.begin(), slot.cause_texts.end());
  const bool enriches = !memory_.rules->enrichments().empty();
  if (enriches) memory_.enrichments.clear();
  const Subject subject{message,
                        memory_.draft,
                        memory_.rules->mibs(),
                        cause.time,
                        enriches ? &memory_.enrichments : nullptr,
                        cause.kind};
  memory_.scratch.begin_event();
  flags_ = {};
  begin(cause, subject, verdict);
  meet_later_rules(cause, subject);
  settle_state(cause, subject, slot, decision);
  const bool dropped = flags_.has(VerdictFlag::dropped);
  const std::uint64_t sinks = dropped ? 0 : memory_.rules->route(subject, memory_.scratch);
  fill_verdict(memory_.draft, names_, *memory_.rules, sinks, slot, decision);
  if (memory_.draft.state == State::raise) {
    memory_.problems.tell(memory_.key, decision.verdict.severity, slot.summary, slot.sinks);
  }
  // Names of rules that are gone live with the entry, which does not live on.
  slot.rule_texts.assign(names_.begin(), names_.end());
  slot.rules.assign(slot.rule_texts.begin(), slot.rule_texts.end());
  decision.id = slot.id;
  decision.encoded = slot.encoded;
  decision.verdict.rules = slot.rules;
  decision.verdict.flags = flags_;
  decision.verdict.synthetic = cause.kind;
  decision.verdict.made = cause.time;
  decision.verdict.causes = slot.causes;
  if (enriches) {
    slot.enriched.assign(memory_.enrichments.values().begin(), memory_.enrichments.values().end());
    decision.verdict.enrichment = slot.enriched;
  }
  if (cause.count != 0) {
    decision.verdict.count = cause.count;
    decision.verdict.first_time = cause.first;
  }
}

void SyntheticMaker::begin(const SyntheticCause& cause, const Subject& subject,
                           const KeptVerdict* verdict) {
  Draft& draft = memory_.draft;
  draft.clear();
  names_.clear();
  if (verdict != nullptr) {
    draft.severity = verdict->severity;
    draft.key = verdict->key;
    draft.summary = verdict->summary;
    for (const auto& [name, value] : verdict->tags) draft.set_tag(name, value);
    if (cause.kind == Synthetic::hold) draft.state = State::raise;
    kept_names_ = verdict->rules;
    names_.assign(kept_names_.begin(), kept_names_.end());
    return;
  }
  const CompiledRule& rule = memory_.rules->rules()[cause.rule];
  names_.push_back(rule.name);
  if (!apply_set(rule, subject, draft, memory_.scratch, memory_.figures[cause.rule])) {
    flags_.set(VerdictFlag::rule_error);
  }
}

void SyntheticMaker::meet_later_rules(const SyntheticCause& cause, const Subject& subject) {
  // What was held has been through them already.
  if (cause.rule == TableId::kOrphans || cause.kind == Synthetic::hold) return;
  const RuleSet& rules = *memory_.rules;
  if (rules.rules()[cause.rule].stop) return;
  const auto& candidates = memory_.candidates.of(rules, subject.message.trap_oid);
  for (const std::uint32_t number : candidates.numbers()) {
    if (number <= cause.rule) continue;
    const CompiledRule& rule = rules.rules()[number];
    RuleFigures& figures = memory_.figures[number];
    if (condition_of(rule, subject, memory_.scratch, figures) != Holds::yes) continue;
    ++figures.matched;
    if (names_.size() < kMaxNamedRules) names_.push_back(rule.name);
    // What is known serves; nothing is waited for.
    for (const std::uint32_t asked : rule.enrich) {
      (void)memory_.enrichments.ask(asked, rules, subject, memory_.scratch, memory_.answers,
                                    figures);
    }
    if (!rule.speaks_for_synthetic() &&
        !apply_set(rule, subject, memory_.draft, memory_.scratch, figures)) {
      flags_.set(VerdictFlag::rule_error);
    }
    if (rule.drop) flags_.set(VerdictFlag::dropped);
    if (rule.stop) break;
  }
}

void SyntheticMaker::settle_state(const SyntheticCause& cause, const Subject& subject,
                                  DecisionSlot& slot, Decision& decision) {
  Draft& draft = memory_.draft;
  if (draft.state == State::event || flags_.has(VerdictFlag::dropped)) return;
  problem_key(draft, subject.message, memory_.key);
  const Problem* const problem = memory_.problems.find(memory_.key);
  if (problem != nullptr) {
    slot.raise_id = problem->raise_id;
    if (memory_.rules->keeps_labels()) slot.label_texts = problem->labels;
    decision.verdict.count = problem->count + (draft.state == State::raise ? 1 : 0);
    decision.verdict.first_time = problem->first;
  }
  // Either way nothing of that key is held back any more.
  if (const auto held = memory_.state.hold_of(memory_.key)) {
    memory_.state.remove(*held, memory_.key);
  }
  if (draft.state == State::clear) return memory_.problems.clear(memory_.key);
  if (problem != nullptr) return memory_.problems.repeat(memory_.key, cause.time);
  if (memory_.rules->keeps_labels()) problem_labels(subject, slot.label_texts);
  memory_.problems.raise({memory_.key, slot.id, draft.severity, draft.summary, 1, cause.time,
                          cause.time, slot.label_texts});
}

}  // namespace trapline::rules
