#include "sinks/kafka_sink.h"

#include <algorithm>
#include <utility>

#include "sinks/event_json.h"
#include "sinks/webhook_formats/event_words.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr auto kReach = 3s;
constexpr auto kPause = 60s;     // of a destination that refuses everything, at least
constexpr auto kDownPause = 2s;  // without a report, once no broker can be reached
constexpr auto kDrainRound = 50ms;
constexpr std::size_t kMostReason = 300;
constexpr std::size_t kMostHeaderText = 256;

}  // namespace

KafkaRecord kafka_record(const rules::RoutedTrap& event, KafkaFormat format, KafkaKey key,
                         const protocol::mib::MibIndex& mibs, EventJsonCache* cache) {
  KafkaRecord record;
  const std::string agent = event.message.agent.to_string();
  record.key = key == KafkaKey::agent ? agent : key_of(event);
  append_event_json(event, mibs, cache, record.value);
  const std::string trap = cut_to(trap_name_of(event, mibs), kMostHeaderText);
  if (format == KafkaFormat::cloudevents) {
    record.headers = {{"content-type", "application/json"},
                      {"ce_specversion", "1.0"},
                      {"ce_id", std::string(event.id)},
                      {"ce_source", "/trapline/" + agent},
                      {"ce_type", "trapline.snmp.notification.v1"},
                      {"ce_time", time_of(event.message.received_at)},
                      {"ce_subject", trap}};
    return record;
  }
  record.headers = {{"id", std::string(event.id)},
                    {"schema", std::to_string(kEventSchema)},
                    {"trap", trap},
                    {"severity", std::string(rules::name_of(event.verdict.severity))}};
  return record;
}

KafkaSink::KafkaSink(const KafkaSinkOptions& options, const base::Clock& clock,
                     const protocol::mib::MibIndex& mibs, EventJsonCache* cache)
    : options_(options), clock_(clock), mibs_(mibs), cache_(cache) {}

void KafkaSink::on_answers(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void KafkaSink::wake() {
  const std::lock_guard lock(mutex_);
  if (wake_) wake_();
}

// A producer that has sent nothing is kept: it goes on looking for brokers.
bool KafkaSink::open(std::string& reason) {
  if (!fresh_) producer_.reset();
  in_flight_ = 0;
  alone_in_flight_ = false;
  failed_ = false;
  waiting_.clear();
  if (producer_ == nullptr) {
    producer_ = KafkaProducer::make(
        options_, [this] { wake(); }, reason);
    if (producer_ == nullptr) return false;
    fresh_ = true;
  }
  const bool reached = producer_->reach(kReach, reason);
  reason = cut_to(reason, kMostReason);
  return reached;
}

void KafkaSink::take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) {
  if (failed_) return;
  KafkaRecord record = kafka_record(event, options_.format, options_.key, mibs_, cache_);
  if (alone_next_ == 0 && waiting_.empty() && !alone_in_flight_ &&
      producer_->has_acknowledged(record.key)) {
    send(record, sequence, answers);
    return;
  }
  waiting_.push_back({sequence, std::move(record), alone_next_ != 0});
  if (alone_next_ != 0) --alone_next_;
}

void KafkaSink::send(const KafkaRecord& record, Sequence sequence, Answers& answers) {
  if (failed_) return;
  std::string words;
  switch (producer_->send(record, sequence, words)) {
    case KafkaFate::delivered:
      fresh_ = false;
      if (in_flight_++ == 0) answered_at_ = clock_.boot();
      return;
    case KafkaFate::refused: answers.rejected(sequence, cut_to(words, kMostReason)); return;
    case KafkaFate::failed: fail(0s, words, answers); return;
    case KafkaFate::destination_fails: fail(kPause, words, answers); return;
  }
}

void KafkaSink::send_waiting(Answers& answers) {
  while (!waiting_.empty() && !failed_ && !alone_in_flight_) {
    const bool alone =
        waiting_.front().alone || !producer_->has_acknowledged(waiting_.front().record.key);
    if (alone && in_flight_ != 0) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    send(next.record, next.sequence, answers);
    alone_in_flight_ = alone && in_flight_ != 0;
  }
}

void KafkaSink::tick(base::BootTime now, Answers& answers) {
  if (failed_ || producer_ == nullptr) return;
  take_reports(now, answers);
  if (!failed_ && !producer_->fatal().empty()) fail(0s, producer_->fatal(), answers);
  if (!failed_ && now >= stalled_at()) {
    const std::string& trouble = producer_->trouble();
    fail(0s, "no answer from the brokers" + (trouble.empty() ? trouble : ": " + trouble), answers);
  }
  send_waiting(answers);
}

void KafkaSink::take_reports(base::BootTime now, Answers& answers) {
  const std::size_t on_their_way = in_flight_ + waiting_.size();
  const KafkaReport* failure = nullptr;
  std::size_t delivered = 0;
  const auto reports = producer_->take_reports();
  for (const KafkaReport& report : reports) {
    if (in_flight_ != 0) --in_flight_;
    answered_at_ = now;
    const bool alone = std::exchange(alone_in_flight_, false);
    if (report.fate == KafkaFate::delivered) {
      ++delivered;
      answers.delivered(report.sequence);
    } else if (report.fate == KafkaFate::refused && alone) {
      ++delivered;
      answers.rejected(report.sequence, cut_to(report.words, kMostReason));
    } else if (failure == nullptr || failure->fate != KafkaFate::refused) {
      failure = &report;
    }
  }
  if (failure == nullptr) return;
  if (failure->fate == KafkaFate::refused) alone_next_ = on_their_way - delivered;
  const bool hopeless = failure->fate == KafkaFate::destination_fails;
  fail(hopeless ? kPause : 0s, producer_->fatal().empty() ? failure->words : producer_->fatal(),
       answers);
}

// What is on its way is given up at once, so that as little as possible arrives twice; `open` makes
// another producer.
void KafkaSink::fail(std::chrono::milliseconds at_least, const std::string& reason,
                     Answers& answers) {
  failed_ = true;
  answers.retry(at_least, cut_to(reason, kMostReason));
  fresh_ = false;
  producer_.reset();
}

base::BootTime KafkaSink::stalled_at() const {
  if (in_flight_ == 0) return base::BootTime::max();
  const bool down = producer_->down() && options_.timeout > kDownPause;
  return answered_at_ + (down ? kDownPause : options_.timeout);
}

base::BootTime KafkaSink::next_tick() const {
  if (failed_ || producer_ == nullptr) return base::BootTime::max();
  if (!waiting_.empty() && in_flight_ == 0) return {};
  return stalled_at();
}

void KafkaSink::drain(base::BootTime deadline, Answers& answers) {
  while (producer_ != nullptr && !failed_) {
    const base::BootTime now = clock_.boot();
    tick(now, answers);
    if (failed_ || (in_flight_ == 0 && waiting_.empty()) || now >= deadline) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    producer_->flush(std::min<std::chrono::milliseconds>(left, kDrainRound));
  }
}

}  // namespace trapline::sinks
