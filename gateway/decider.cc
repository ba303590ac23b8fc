#include "gateway/decider.h"

#include <algorithm>
#include <utility>

#include "gateway/journal/standing.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway {
namespace {

// So many that waited are decided by one record: what follows from it is one write.
constexpr std::size_t kMostAtOnce = 256;
// Questions whose ANSWER is still to come; who asks answers to all of them.
constexpr std::size_t kMostWished = 200'000;
// Where the numbers of synthetic events go on when it is not known how far they got.
constexpr std::uint32_t kUnknownCount = 1'000'000;

// Parts one after the other, each with its length (u64) in front.
class SavedParts {
 public:
  explicit SavedParts(std::vector<std::byte>& out) : out_(out) {}
  template <class Save>
  void add(Save&& save) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(std::uint64_t));
    save();
    journal::store(out_.data() + at, std::uint64_t{out_.size() - at - sizeof(std::uint64_t)});
  }

 private:
  std::vector<std::byte>& out_;
};

// Takes one off the front of `saved`.
std::optional<base::Bytes> take_part(base::Bytes& saved) {
  if (saved.size() < sizeof(std::uint64_t)) return std::nullopt;
  const auto size = journal::load<std::uint64_t>(saved.data());
  saved = saved.subspan(sizeof size);
  if (saved.size() < size) return std::nullopt;
  const base::Bytes part = saved.first(size);
  saved = saved.subspan(size);
  return part;
}

WaitingEvent waiting_event(const journal::RecordView& record, std::string_view id) {
  WaitingEvent waiting;
  waiting.id = id;
  waiting.ref = record.ref;
  waiting.epoch = record.epoch;
  waiting.rule_time = record.rule_time;
  waiting.received = record.received;
  waiting.payload.assign(record.payload.begin(), record.payload.end());
  return waiting;
}

}  // namespace

bool KeptEvents::decode(base::Bytes encoded, protocol::TrapMessage& message) {
  const auto record = journal::kept_record(encoded);
  return record && journal::decode_event(*record, scratch_, message);
}

rules::EnrichmentAnswer Decider::KnownAnswers::find(const rules::EnrichmentWish& wish) const {
  const rules::EnrichmentAnswer answer = cache_.find(wish.key(), now);
  if (answer.state != rules::AnswerState::unknown) return answer;
  return {otherwise, {}};
}

Decider::Decider(std::shared_ptr<const rules::RuleSet> rules, std::vector<std::string> sinks)
    : sinks_(std::move(sinks)), sink_names_(sinks_.begin(), sinks_.end()) {
  if (rules) use(std::move(rules));
}

void Decider::use(std::shared_ptr<const rules::RuleSet> rules) {
  engine_ = std::make_unique<rules::RuleEngine>(std::move(rules), codec_);
  engine_->answer_from(&answers_);
}

journal::RecordMask Decider::wanted() {
  return journal::mask_of(journal::RecordType::event) |
         journal::mask_of(journal::RecordType::timer) |
         journal::mask_of(journal::RecordType::answer) |
         journal::mask_of(journal::RecordType::checkpoint);
}

void Decider::decide(const journal::RecordView& record, std::string_view node,
                     OutcomeTaker& taker) {
  answers_.now = record.rule_time;
  decided_ = 0;
  switch (record.type) {
    case journal::RecordType::event: decide_event(record, node, taker); break;
    case journal::RecordType::timer:
      (void)decide_timer(record, node, taker);
      close(record, taker);
      break;
    case journal::RecordType::answer:
      if (engine_) decide_answer(record, node, taker);
      close(record, taker);
      break;
    case journal::RecordType::checkpoint: {
      journal::Standing standing;
      std::chrono::nanoseconds down{};
      if (!engine_ || !journal::Standing::decode(record.payload, standing, &down)) break;
      engine_->resumed(down);
      if (down.count() > 0) room_.postpone(down);
      break;
    }
    default: break;
  }
}

// What is due by the record's time; how many synthetic events that made.
std::uint32_t Decider::decide_timer(const journal::RecordView& record, std::string_view node,
                                    OutcomeTaker& taker) {
  if (!engine_) return 0;
  evaluation_.clear();
  engine_->advance(ids_.of(record, node), record.rule_time, evaluation_);
  pass_on(record, taker);
  const std::uint32_t made = evaluation_.synthetic_count();
  decide_whose_turn_it_is(taker);
  return made;
}

void Decider::decide_answer(const journal::RecordView& record, std::string_view node,
                            OutcomeTaker& taker) {
  const std::uint32_t made = decide_timer(record, node, taker);
  journal::Answer answer;
  std::vector<rules::AnsweredMember> members;
  if (!journal::decode_answer(record.payload, members, answer)) return forget_asked();
  (void)cache_.put(record.payload, record.rule_time);
  wished_.erase(std::string(answer.key));
  const rules::Synthetic change = silent_.take(answer);
  if (change != rules::Synthetic::none) {
    const std::string id = std::string(ids_.of(record, node)) + "-" + std::to_string(made + 1);
    tell_of_device(record, id, answer.agent, change, taker);
  }
  decide_queue(answer.agent, taker);
}

// The event waits for nobody: its device has just been asked.
void Decider::tell_of_device(const journal::RecordView& record, std::string_view id,
                             const base::IpAddress& device, rules::Synthetic change,
                             OutcomeTaker& taker) {
  come_back_ = false;
  const std::vector<std::byte> payload = device_event_payload(device);
  journal::RecordView made = record;
  made.type = journal::RecordType::event;
  made.payload = payload;
  rules::Event event;
  if (!journal::decode_event(made, scratch_, event.message)) return;
  event.id = id;
  event.time = record.rule_time;
  event.made_by = change;
  journal::encode_kept_event(made, kept_);
  event.encoded = kept_;
  evaluation_.clear();
  evaluate(event, rules::AnswerState::timeout);
  engine_->apply(evaluation_);
  pass_on(record, taker);
}

void Decider::close(const journal::RecordView& record, OutcomeTaker& taker) const {
  journal::Outcome closing;
  closing.event = record.ref;
  closing.closing = true;
  taker.take(closing, record);
}

void Decider::decide_event(const journal::RecordView& record, std::string_view node,
                           OutcomeTaker& taker) {
  rules::Event event;
  come_back_ = false;
  const bool wanted = engine_ || guard_ != nullptr;
  const bool decoded = wanted && journal::decode_event(record, scratch_, event.message);
  if (decoded) look_for_loop(event.message);
  if (!engine_ || !decoded) return pass_everywhere(record, taker);
  event.id = ids_.of(record, node);
  event.time = record.rule_time;
  journal::encode_kept_event(record, kept_);
  event.encoded = kept_;
  evaluation_.clear();
  engine_->advance(event.id, record.rule_time, evaluation_);
  decide_now(record, event, taker);
}

// `evaluation_` holds what came due before the event.
void Decider::decide_now(const journal::RecordView& record, const rules::Event& event,
                         OutcomeTaker& taker) {
  const base::IpAddress& agent = event.message.agent;
  const bool held = is_held(record.ref.lsn);
  bool behind = false;
  if (!room_.empty()) {
    const std::uint32_t made = evaluation_.synthetic_count();
    pass_on(record, taker);
    decide_whose_turn_it_is(taker);
    if (!held) make_room(agent, record.payload.size(), taker);
    behind = room_.of(agent) != nullptr;
    evaluation_.clear();
    evaluation_.go_on_counting(made);
    look_for_loop(event.message);
  }
  engine_->evaluate(event, evaluation_);
  const bool asks = !evaluation_.wishes().empty();
  const bool waits = behind || asks || held;
  if (waits && (held || room_.has_room(agent, record.payload.size()))) {
    return wait(record, event, {answers_.now.since_epoch_ns + budget_.count()}, taker);
  }
  if (asks) evaluate(event, rules::AnswerState::skipped);
  engine_->apply(evaluation_);
  pass_on(record, taker);
}

void Decider::look_for_loop(const protocol::TrapMessage& message) {
  come_back_ = guard_ != nullptr && guard_->has_come_back(message);
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

void Decider::evaluate(const rules::Event& event, rules::AnswerState otherwise) {
  answers_.otherwise = otherwise;
  engine_->evaluate(event, evaluation_);
  answers_.otherwise = rules::AnswerState::unknown;
}

// What the evaluation came to is forgotten, but for what came due before, and the wishes.
void Decider::wait(const journal::RecordView& record, const rules::Event& event,
                   base::RuleTime deadline, OutcomeTaker& taker) {
  note_wishes();
  WaitingEvent waiting = waiting_event(record, event.id);
  waiting.deadline = deadline;
  evaluation_.forget_event();
  waiting.synthetic_count = evaluation_.synthetic_count();
  pass_on(record, taker);
  room_.add(event.message.agent, std::move(waiting));
  journal::Outcome marker;
  marker.event = record.ref;
  marker.waiting = true;
  taker.take(marker, record);
}

void Decider::note_wishes() {
  for (const rules::EnrichmentWish& wish : evaluation_.wishes()) {
    if (wished_.size() >= kMostWished) return;
    if (wished_.insert(wish.key()).second) wishes_.push_back(wish);
  }
}

std::vector<rules::EnrichmentWish> Decider::take_wishes() { return std::exchange(wishes_, {}); }

// False when it has to wait on.
bool Decider::decide_first(const base::IpAddress& agent, rules::AnswerState otherwise,
                           OutcomeTaker& taker) {
  const WaitingEvent& first = room_.of(agent)->front();
  if (is_held(first.ref.lsn) || !decide_waiting(first, otherwise, taker)) return false;
  (void)room_.take_first(agent);
  ++decided_;
  return true;
}

bool Decider::decide_waiting(const WaitingEvent& waiting, rules::AnswerState otherwise,
                             OutcomeTaker& taker) {
  const journal::RecordView record = waiting.record();
  rules::Event event;
  come_back_ = false;
  const bool poison = poison_ != nullptr && poison_->at_router(record.ref.lsn);
  const Handling handling("router", {}, record.ref.lsn);
  if (poison || !journal::decode_event(record, waiting_scratch_, event.message)) {
    poison ? pass_undecided(record, taker) : pass_everywhere(record, taker);
    return true;
  }
  event.id = waiting.id;
  event.time = answers_.now;
  journal::encode_kept_event(record, waiting_kept_);
  event.encoded = waiting_kept_;
  evaluation_.clear();
  evaluation_.go_on_counting(waiting.synthetic_count);
  evaluate(event, otherwise);
  if (!evaluation_.wishes().empty()) {
    note_wishes();
    return false;
  }
  look_for_loop(event.message);
  engine_->apply(evaluation_);
  pass_on(record, taker);
  return true;
}

void Decider::decide_queue(const base::IpAddress& agent, OutcomeTaker& taker) {
  while (const WaitingRoom::Queue* const queue = room_.of(agent)) {
    if (decided_ >= kMostAtOnce) {
      ready_.insert(agent);
      return;
    }
    const bool late = queue->front().deadline <= answers_.now;
    const auto otherwise = late ? rules::AnswerState::timeout : rules::AnswerState::unknown;
    if (!decide_first(agent, otherwise, taker)) return;
  }
}

// Those whose time is over, then whom the record before left no time for: after a restart all are
// tried, and the order must not tell.
void Decider::decide_whose_turn_it_is(OutcomeTaker& taker) {
  while (decided_ < kMostAtOnce) {
    const auto agent = room_.overdue(answers_.now, held_);
    if (!agent || !decide_first(*agent, rules::AnswerState::timeout, taker)) break;
    decide_queue(*agent, taker);
  }
  for (const base::IpAddress& agent : std::exchange(ready_, {})) decide_queue(agent, taker);
}

// An agent's own events make room for it, oldest first: their order holds.
void Decider::make_room(const base::IpAddress& agent, std::size_t bytes, OutcomeTaker& taker) {
  if (room_.of(agent) == nullptr || room_.has_room(agent, bytes)) return;
  while (room_.of(agent) != nullptr && !room_.has_room(agent, bytes)) {
    if (!decide_first(agent, rules::AnswerState::skipped, taker)) return;
  }
  decide_queue(agent, taker);
}

void Decider::settle_waiting(const std::map<journal::Lsn, journal::RecordRef>& waiting) {
  held_ = nullptr;
  NoOutcomes nobody;
  for (const WaitingEvent& decided : room_.keep_only(waiting)) {
    if (engine_) (void)decide_waiting(decided, rules::AnswerState::timeout, nobody);
  }
  ready_.clear();
}

void Decider::resume_waiting(const journal::RecordView& record, std::string_view node,
                             OutcomeTaker& taker) {
  come_back_ = false;
  if (poison_ != nullptr && poison_->at_router(record.ref.lsn)) {
    return pass_undecided(record, taker);
  }
  const Handling handling("router", {}, record.ref.lsn);
  rules::Event event;
  if (!engine_ || !journal::decode_event(record, scratch_, event.message)) {
    return pass_everywhere(record, taker);
  }
  WaitingEvent waiting = waiting_event(record, ids_.of(record, node));
  waiting.deadline = {record.rule_time.since_epoch_ns + budget_.count()};
  waiting.synthetic_count = kUnknownCount;
  room_.add(event.message.agent, std::move(waiting));
}

// Trying those whose answer is not there yet leaves no trace.
void Decider::ask_again(base::RuleTime now) {
  wishes_.clear();
  wished_.clear();
  if (!engine_) return;
  answers_.now = now;
  for (const base::IpAddress& agent : room_.agents()) {
    ready_.insert(agent);
    for (const WaitingEvent& waiting : *room_.of(agent)) {
      rules::Event event;
      if (poison_ != nullptr && poison_->at_router(waiting.ref.lsn)) continue;
      const Handling handling("router", {}, waiting.ref.lsn);
      if (!journal::decode_event(waiting.record(), waiting_scratch_, event.message)) continue;
      event.id = waiting.id;
      event.time = now;
      evaluation_.clear();
      engine_->evaluate(event, evaluation_);
      note_wishes();
    }
  }
  evaluation_.clear();
}

void Decider::give_up_waiting(OutcomeTaker& taker) {
  for (const base::IpAddress& agent : room_.agents()) {
    while (room_.of(agent) != nullptr) {
      (void)decide_first(agent, rules::AnswerState::timeout, taker);
    }
  }
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
    taker.take(outcome, record);
  }
}

void Decider::pass_everywhere(const journal::RecordView& record, OutcomeTaker& taker) const {
  journal::Outcome outcome;
  outcome.event = record.ref;
  outcome.sinks = sink_names_;
  if (come_back_) outcome.verdict.flags.set(rules::VerdictFlag::loop);
  taker.take(outcome, record);
}

void Decider::pass_undecided(const journal::RecordView& record, OutcomeTaker& taker) {
  journal::Outcome outcome;
  outcome.event = record.ref;
  if (record.type == journal::RecordType::event) {
    outcome.sinks = sink_names_;
    outcome.verdict.flags.set(rules::VerdictFlag::rule_error);
  } else {
    outcome.closing = true;
    if (record.type == journal::RecordType::answer) forget_asked();
  }
  taker.take(outcome, record);
}

std::optional<base::RuleTime> Decider::next_due() const {
  if (!engine_) return std::nullopt;
  if (!ready_.empty()) return answers_.now;
  const auto rules = engine_->next_due();
  const auto waiting = room_.next_due();
  return rules && waiting ? std::min(rules, waiting) : (rules ? rules : waiting);
}

// What was held back or suppressed has still to be said.
std::shared_ptr<const rules::RuleSet> Decider::no_rules() const {
  rules::SpecProblems problems;
  return rules::RuleSet::compile({}, {protocol::mib::MibIndex::built_in(), sinks_}, problems);
}

void Decider::exchange(std::shared_ptr<const rules::RuleSet> rules) {
  if (!rules && engine_) rules = no_rules();
  if (!rules) return;
  if (engine_) {
    engine_->exchange(std::move(rules));
  } else {
    use(std::move(rules));
  }
}

void Decider::save(std::vector<std::byte>& out) const {
  if (!engine_) return;
  SavedParts parts(out);
  parts.add([&] { engine_->save(out); });
  parts.add([&] { cache_.save(out); });
  parts.add([&] { silent_.save(out); });
  parts.add([&] { room_.save(out); });
}

bool Decider::restore(base::Bytes saved) {
  if (!engine_) return true;
  ready_.clear();
  const auto engine = take_part(saved);
  const auto cache = take_part(saved);
  const auto silent = take_part(saved);
  const auto room = take_part(saved);
  // Each is what the other parts go by: all or nothing.
  if (engine && cache && silent && room && engine_->restore(*engine) && cache_.restore(*cache) &&
      silent_.restore(*silent) && room_.restore(*room)) {
    for (const base::IpAddress& agent : room_.agents()) ready_.insert(agent);
    return true;
  }
  (void)engine_->restore({});
  (void)cache_.restore({});
  (void)silent_.restore({});
  (void)room_.restore({});
  return false;
}

std::optional<RuleReport> Decider::report() const {
  if (!engine_) return std::nullopt;
  RuleReport report;
  report.state = engine_->state_figures();
  report.waiting = room_.size();
  report.answers = cache_.size();
  report.silent_devices = silent_.size();
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
