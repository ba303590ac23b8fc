// KafkaProducer: one idempotent producer of librdkafka, from its making to its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/kafka_options.h"
#include "sinks/sink.h"

struct rd_kafka_s;
struct rd_kafka_topic_s;

namespace trapline::sinks {

// What one message is made of.
struct KafkaRecord {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string_view, std::string>> headers;
};

// What became of a message.
enum class KafkaFate : std::uint8_t {
  delivered,
  refused,            // the brokers did not take it, or the batch that it was in
  failed,             // not delivered now: it is to be sent again
  destination_fails,  // not allowed, or no such topic: no message could get there
};

// The brokers' answer to one message.
struct KafkaReport {
  Sequence sequence = 0;
  KafkaFate fate = KafkaFate::delivered;
  std::string words;  // of what was not delivered
};

// Sends and reports; acks=all, idempotent, whatever the options say. Never blocks but where said.
// One thread, but for `wake`, which is called by librdkafka's.
//
// A partition that knows nothing of a producer takes any sequence number from it. So when its first
// request there fails and the second, under way already, is taken, the first can't follow; and
// librdkafka concludes from the second that the first has arrived. Hence `has_acknowledged`: as
// long as it is false, have no more than one record under way. And what is reported without an
// offset counts as failed.
class KafkaProducer {
 public:
  // Null, with the reason, when the options contradict each other or a file cannot be read. `wake`
  // is called when `take_reports` is wanted; until the producer dies.
  [[nodiscard]] static std::unique_ptr<KafkaProducer> make(const KafkaSinkOptions& options,
                                                           std::function<void()> wake,
                                                           std::string& reason);
  // Gives up what is not delivered.
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // Whether a broker answers and knows the topic; else says why not. Blocks for `at_most`.
  [[nodiscard]] bool reach(std::chrono::milliseconds at_most, std::string& reason);
  // Takes a copy of the record to send it. `delivered` means taken: a report will follow. Otherwise
  // none will, and `words` says why.
  [[nodiscard]] KafkaFate send(const KafkaRecord& record, Sequence sequence, std::string& words);
  // Whether something of this producer's was acknowledged in the partition of this key. True, too,
  // when it cannot be told which one that is: before `reach`, or when chance chooses.
  [[nodiscard]] bool has_acknowledged(const std::string& key) const;
  // The reports that have come in, in their order.
  [[nodiscard]] std::vector<KafkaReport> take_reports();
  // Sends without waiting for more, and waits for the reports of everything, for `at_most`.
  void flush(std::chrono::milliseconds at_most);

  // What ended the producer for good; empty while it lives.
  [[nodiscard]] const std::string& fatal() const { return fatal_; }
  // Whether no broker could be reached when it was last tried.
  [[nodiscard]] bool down() const { return down_; }
  // What librdkafka complained of last.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Callbacks;

  explicit KafkaProducer(std::function<void()> wake) : wake_(std::move(wake)) {}

  void note_acknowledged(std::int32_t partition);

  const std::function<void()> wake_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_topic_s* topic_ = nullptr;
  std::string partitioner_;
  std::vector<bool> acknowledged_;  // by partition, as many as `reach` has counted
  std::size_t unacknowledged_ = 0;  // of those
  std::vector<KafkaReport> reports_;
  std::string fatal_;
  std::string trouble_;
  bool down_ = false;
};

}  // namespace trapline::sinks
