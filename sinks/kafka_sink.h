// The Kafka sink: events as records of one topic, each answered by the brokers.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "protocol/mib/mib_index.h"
#include "sinks/event_json_cache.h"
#include "sinks/kafka_options.h"
#include "sinks/kafka_producer.h"
#include "sinks/sink.h"

namespace trapline::sinks {

// One event as a record: key, event JSON, and headers (CloudEvents Kafka binding §3.2 when asked
// for), the JSON by way of `cache` when there is one.
[[nodiscard]] KafkaRecord kafka_record(const rules::RoutedTrap& event, KafkaFormat format,
                                       KafkaKey key, const protocol::mib::MibIndex& mibs,
                                       EventJsonCache* cache = nullptr);

// Driven by a LaneWorker with one lane; bounded by its window. Delivered is what all replicas in
// sync have.
//
// A record that the brokers refuse may only have been in the wrong batch: everything on its way is
// sent again, one record at a time, and who is refused alone is rejected. Any other failure, one
// that ends the producer included, is the destination's: the producer is given up, and `open` makes
// another one.
//
// The first record of a new producer in each partition goes alone, too, and nothing with it: see
// KafkaProducer.
//
// One thread, as sink.h says.
class KafkaSink final : public Sink {
 public:
  // Everything referred to must outlive the sink; `cache` may be null. Connects to nothing yet.
  KafkaSink(const KafkaSinkOptions& options, const base::Clock& clock,
            const protocol::mib::MibIndex& mibs, EventJsonCache* cache = nullptr);

  // Waits a few seconds for a broker.
  bool open(std::string& reason) override;
  void take(const rules::RoutedTrap& event, Sequence sequence, Answers& answers) override;
  void tick(base::BootTime now, Answers& answers) override;
  [[nodiscard]] base::BootTime next_tick() const override;
  void drain(base::BootTime deadline, Answers& answers) override;
  void on_answers(std::function<void()> wake) override;

 private:
  struct Waiting {
    Sequence sequence;
    KafkaRecord record;
    bool alone;
  };

  void wake();
  void send(const KafkaRecord& record, Sequence sequence, Answers& answers);
  void send_waiting(Answers& answers);
  void take_reports(base::BootTime now, Answers& answers);
  void fail(std::chrono::milliseconds at_least, const std::string& reason, Answers& answers);
  [[nodiscard]] base::BootTime stalled_at() const;

  const KafkaSinkOptions& options_;
  const base::Clock& clock_;
  const protocol::mib::MibIndex& mibs_;
  EventJsonCache* const cache_;

  std::size_t in_flight_ = 0;
  std::deque<Waiting> waiting_;  // while records go alone
  std::size_t alone_next_ = 0;   // so many more events are to go alone
  bool alone_in_flight_ = false;
  bool failed_ = false;  // since `open`
  bool fresh_ = false;   // nothing was sent by this producer
  base::BootTime answered_at_{};

  std::mutex mutex_;
  std::function<void()> wake_;  // guarded by mutex_
  std::unique_ptr<KafkaProducer> producer_;
};

}  // namespace trapline::sinks
