#include "rules/evaluation.h"

namespace trapline::rules {

void Evaluation::clear() {
  drop_pending();
  decisions_.clear();
  for (std::size_t i = 0; i < slot_count_; ++i) slots_[i]->kept.reset();
  slot_count_ = 0;
  synthetic_count_ = 0;
  rule_set_.reset();
}

Evaluation::Slot& Evaluation::new_slot() {
  if (slot_count_ == slots_.size()) slots_.push_back(std::make_unique<Slot>());
  Slot& slot = *slots_[slot_count_++];
  slot.id.clear();
  slot.draft.clear();
  slot.tags.clear();
  slot.rules.clear();
  slot.causes.clear();
  slot.cause_views.clear();
  slot.sinks.clear();
  slot.raise_id.clear();
  slot.kept.reset();
  return slot;
}

Evaluation::Effect& Evaluation::new_effect() {
  if (effect_count_ == effects_.size()) effects_.emplace_back();
  Effect& effect = effects_[effect_count_++];
  effect.suppressed = false;
  effect.key.clear();
  effect.kept.reset();
  return effect;
}

void Evaluation::drop_pending() {
  if (pending_) {
    decisions_.pop_back();
    --slot_count_;
  }
  pending_ = false;
  for (std::size_t i = 0; i < effect_count_; ++i) effects_[i].kept.reset();
  effect_count_ = 0;
  counts_.clear();
  problem_action_ = ProblemAction::none;
  held_.reset();
}

}  // namespace trapline::rules
