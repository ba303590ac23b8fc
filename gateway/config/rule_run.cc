#include "gateway/config/rule_run.h"

#include <algorithm>

#include "gateway/journal/event_record.h"
#include "gateway/silent_devices.h"

namespace trapline::gateway {
namespace {

// Timers that may fire in one stretch of time; only an engine that goes astray needs more.
constexpr std::size_t kMostTimers = 1'000'000;

// Nobody answers.
class Silence final : public rules::EnrichmentAnswers {
 public:
  [[nodiscard]] rules::EnrichmentAnswer find(const rules::EnrichmentWish& /*wish*/) const override {
    return {rules::AnswerState::timeout, {}};
  }
};

}  // namespace

bool RuleRun::PayloadCodec::decode(base::Bytes encoded, protocol::TrapMessage& message) {
  journal::RecordView record;
  record.payload = encoded;
  return journal::decode_event(record, scratch_, message);
}

RuleRun::RuleRun(std::shared_ptr<const rules::RuleSet> rules, base::RuleTime start, Taker taker)
    : taker_(std::move(taker)), engine_(std::move(rules), codec_), now_(start) {}

void RuleRun::pass(std::chrono::nanoseconds time) {
  const base::RuleTime end{now_.since_epoch_ns + time.count()};
  for (std::size_t fired = 0; fired < kMostTimers; ++fired) {
    const auto due = engine_.next_due();
    if (!due || *due > end) break;
    now_ = std::max(now_, *due);
    const std::string id = next_id();
    evaluation_.clear();
    engine_.advance(id, now_, evaluation_);
    hand_over(id, nullptr);
  }
  now_ = end;
}

bool RuleRun::take(base::Bytes payload, std::vector<rules::RuleTrace>* trace) {
  return take(payload, Silence(), trace);
}

bool RuleRun::take(base::Bytes payload, const rules::EnrichmentAnswers& answers,
                   std::vector<rules::RuleTrace>* trace) {
  const std::string id = next_id();
  rules::Event event;
  protocol::DecodeScratch scratch;
  journal::RecordView record;
  record.payload = payload;
  record.received = base::WallTime(std::chrono::nanoseconds(now_.since_epoch_ns));
  if (!journal::decode_event(record, scratch, event.message)) return false;
  event.id = id;
  event.time = now_;
  event.encoded = payload;
  evaluation_.clear();
  engine_.advance(id, now_, evaluation_);
  decide(event, answers, trace);
  return true;
}

void RuleRun::decide(const rules::Event& event, const rules::EnrichmentAnswers& answers,
                     std::vector<rules::RuleTrace>* trace) {
  engine_.answer_from(&answers);
  engine_.evaluate(event, evaluation_, trace);
  engine_.apply(evaluation_);
  hand_over(event.id, &event.message);
  engine_.answer_from(nullptr);
}

void RuleRun::take_change(const base::IpAddress& device, rules::Synthetic change) {
  const std::string answer = next_id();
  evaluation_.clear();
  engine_.advance(answer, now_, evaluation_);
  const std::string id = answer + "-" + std::to_string(evaluation_.synthetic_count() + 1);
  const std::vector<std::byte> payload = device_event_payload(device);
  protocol::DecodeScratch scratch;
  rules::Event event;
  journal::RecordView record;
  record.payload = payload;
  record.received = base::WallTime(std::chrono::nanoseconds(now_.since_epoch_ns));
  if (!journal::decode_event(record, scratch, event.message)) return;
  event.id = id;
  event.time = now_;
  event.encoded = payload;
  event.made_by = change;
  decide(event, Silence(), nullptr);
}

std::string RuleRun::next_id() { return "test-1-" + std::to_string(++records_); }

// `message` is of the event that was read; null when none was.
void RuleRun::hand_over(std::string_view id, const protocol::TrapMessage* message) {
  for (const rules::Decision& decision : evaluation_.decisions()) {
    rules::RoutedTrap event;
    event.verdict = decision.verdict;
    if (decision.verdict.synthetic == rules::Synthetic::none) {
      if (message == nullptr) continue;
      event.id = id;
      event.message = *message;
    } else {
      event.id = decision.id;
      if (!kept_.decode(decision.encoded, event.message)) continue;
    }
    taker_(event, decision.sinks);
  }
}

}  // namespace trapline::gateway
