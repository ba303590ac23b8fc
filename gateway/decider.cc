#include "gateway/decider.h"

#include "gateway/journal/standing.h"

namespace trapline::gateway {

bool KeptEvents::decode(base::Bytes encoded, protocol::TrapMessage& message) {
  const auto record = journal::kept_record(encoded);
  return record && journal::decode_event(*record, scratch_, message);
}

Decider::Decider(std::shared_ptr<const rules::RuleSet> rules, std::vector<std::string> sinks)
    : sinks_(std::move(sinks)), sink_names_(sinks_.begin(), sinks_.end()) {
  if (rules) engine_ = std::make_unique<rules::RuleEngine>(std::move(rules), codec_);
}

journal::RecordMask Decider::wanted() {
  return journal::mask_of(journal::RecordType::event) |
         journal::mask_of(journal::RecordType::timer) |
         journal::mask_of(journal::RecordType::checkpoint);
}

void Decider::decide(const journal::RecordView& record, std::string_view node,
                     OutcomeTaker& taker) {
  switch (record.type) {
    case journal::RecordType::event: decide_event(record, node, taker); break;
    case journal::RecordType::timer: {
      if (engine_) {
        evaluation_.clear();
        engine_->advance(ids_.of(record, node), record.rule_time, evaluation_);
        pass_on(record, taker);
      }
      journal::Outcome closing;
      closing.event = record.ref;
      closing.closing = true;
      taker.take(closing, record.received);
      break;
    }
    case journal::RecordType::checkpoint: {
      journal::Standing standing;
      std::chrono::nanoseconds down{};
      if (engine_ && journal::Standing::decode(record.payload, standing, &down)) {
        engine_->resumed(down);
      }
      break;
    }
    default: break;
  }
}

void Decider::decide_event(const journal::RecordView& record, std::string_view node,
                           OutcomeTaker& taker) {
  rules::Event event;
  come_back_ = false;
  const bool wanted = engine_ || guard_ != nullptr;
  const bool decoded = wanted && journal::decode_event(record, scratch_, event.message);
  if (decoded && guard_ != nullptr) come_back_ = guard_->has_come_back(event.message);
  if (!engine_ || !decoded) return pass_everywhere(record, taker);
  event.id = ids_.of(record, node);
  event.time = record.rule_time;
  journal::encode_kept_event(record, kept_);
  event.encoded = kept_;
  evaluation_.clear();
  engine_->advance(event.id, record.rule_time, evaluation_);
  engine_->evaluate(event, evaluation_);
  engine_->apply(evaluation_);
  pass_on(record, taker);
}

// A raise that was held is forwarded only now: what it was made of may have come back meanwhile.
bool Decider::is_loop(const rules::Decision& decision) {
  if (guard_ == nullptr) return false;
  const auto made_by = decision.verdict.synthetic;
  if (made_by == rules::Synthetic::none || made_by == rules::Synthetic::threshold) {
    return come_back_;
  }
  if (decision.verdict.synthetic != rules::Synthetic::hold) return false;
  protocol::TrapMessage message;
  return codec_.decode(decision.encoded, message) && guard_->has_come_back(message);
}

void Decider::pass_on(const journal::RecordView& record, OutcomeTaker& taker) {
  for (const rules::Decision& decision : evaluation_.decisions()) {
    journal::Outcome outcome;
    outcome.event = record.ref;
    outcome.synthetic = decision.verdict.synthetic != rules::Synthetic::none;
    outcome.verdict = decision.verdict;
    if (is_loop(decision)) outcome.verdict.flags.set(rules::VerdictFlag::loop);
    outcome.sinks = decision.sinks;
    outcome.id = decision.id;
    outcome.kept_event = decision.encoded;
    taker.take(outcome, record.received);
  }
}

void Decider::pass_everywhere(const journal::RecordView& record, OutcomeTaker& taker) const {
  journal::Outcome outcome;
  outcome.event = record.ref;
  outcome.sinks = sink_names_;
  if (come_back_) outcome.verdict.flags.set(rules::VerdictFlag::loop);
  taker.take(outcome, record.received);
}

void Decider::pass_undecided(const journal::RecordView& record, OutcomeTaker& taker) const {
  journal::Outcome outcome;
  outcome.event = record.ref;
  if (record.type == journal::RecordType::event) {
    outcome.sinks = sink_names_;
    outcome.verdict.flags.set(rules::VerdictFlag::rule_error);
  } else {
    outcome.closing = true;
  }
  taker.take(outcome, record.received);
}

std::optional<base::RuleTime> Decider::next_due() const {
  return engine_ ? engine_->next_due() : std::nullopt;
}

// What was held back or suppressed has still to be said.
std::shared_ptr<const rules::RuleSet> Decider::no_rules() const {
  rules::SpecProblems problems;
  return rules::RuleSet::compile({}, {protocol::mib::MibIndex::built_in(), sinks_, {}}, problems);
}

void Decider::exchange(std::shared_ptr<const rules::RuleSet> rules) {
  if (!rules && engine_) rules = no_rules();
  if (!rules) return;
  if (engine_) {
    engine_->exchange(std::move(rules));
  } else {
    engine_ = std::make_unique<rules::RuleEngine>(std::move(rules), codec_);
  }
}

void Decider::save(std::vector<std::byte>& out) const {
  if (engine_) engine_->save(out);
}

bool Decider::restore(base::Bytes saved) { return !engine_ || engine_->restore(saved); }

std::optional<RuleReport> Decider::report() const {
  if (!engine_) return std::nullopt;
  RuleReport report;
  report.state = engine_->state_figures();
  const auto figures = engine_->rule_figures();
  report.loaded = figures.size();
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i] == rules::RuleFigures{}) continue;
    report.rules.push_back({engine_->rules().rules()[i].name, figures[i]});
  }
  return report;
}

std::vector<rules::Problem> Decider::problems() const {
  return engine_ ? engine_->problems() : std::vector<rules::Problem>{};
}

}  // namespace trapline::gateway
