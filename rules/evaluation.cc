#include "rules/evaluation.h"

namespace trapline::rules {

void Evaluation::clear() {
  decisions_.clear();
  effect_count_ = 0;
  matched_.clear();
  counted_.clear();
  event_ = nullptr;
  synthetic_count_ = 0;
  wishes_.clear();
}

void Evaluation::abandon(std::vector<EnrichmentWish> wishes) {
  effect_count_ = 0;
  matched_.clear();
  counted_.clear();
  event_ = nullptr;
  wishes_ = std::move(wishes);
}

void Evaluation::forget_event() {
  if (event_ != nullptr) decisions_.pop_back();
  abandon({});
}

DecisionSlot& Evaluation::add_slot() {
  if (slots_.size() == decisions_.size()) slots_.push_back(std::make_unique<DecisionSlot>());
  DecisionSlot& slot = *slots_[decisions_.size()];
  slot.id.clear();
  slot.encoded.clear();
  slot.key.clear();
  slot.summary.clear();
  slot.tag_count = 0;
  slot.tags.clear();
  slot.rule_texts.clear();
  slot.rules.clear();
  slot.raise_id.clear();
  slot.label_texts.clear();
  slot.labels.clear();
  slot.cause_texts.clear();
  slot.causes.clear();
  slot.sinks.clear();
  slot.enriched.clear();
  return slot;
}

StateEffect& Evaluation::add_effect(StateEffect::Kind kind, std::uint32_t rule) {
  if (effect_count_ == effects_.size()) effects_.emplace_back();
  StateEffect& effect = effects_[effect_count_++];
  effect.kind = kind;
  effect.rule = rule;
  effect.sinks.clear();
  return effect;
}

}  // namespace trapline::rules
