// What the Kafka sink adds to librdkafka: events through the worker and the sink, next to a bare
// loop that produces the same records, on librdkafka's mock cluster. Prints one JSON line.
//
//   kafka_cost [EVENTS]
#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/clock.h"
#include "base/random.h"
#include "gateway/load/notification_template.h"
#include "protocol/decode.h"
#include "sinks/kafka_sink.h"
#include "sinks/lane_worker.h"

namespace trapline {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kEvents = 1'000'000;
constexpr int kPartitions = 4;
constexpr std::string_view kId = "bench-1badcafe-1234567";

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "kafka_cost: %s\n", what.c_str());
  std::exit(EXIT_FAILURE);
}

void swallow(const rd_kafka_t*, int, const char*, const char*) {}

rd_kafka_t* make_client(std::initializer_list<std::pair<const char*, std::string>> settings,
                        void (*report)(rd_kafka_t*, const rd_kafka_message_t*, void*),
                        void* opaque) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
        RD_KAFKA_CONF_OK) {
      die(error.data());
    }
  }
  rd_kafka_conf_set_log_cb(conf, &swallow);
  rd_kafka_conf_set_opaque(conf, opaque);
  if (report != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, report);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
  if (client == nullptr) die(error.data());
  return client;
}

// Three brokers in threads of this process, with one topic.
class MockCluster {
 public:
  MockCluster() : handle_(make_client({}, nullptr, nullptr)) {
    cluster_ = rd_kafka_mock_cluster_new(handle_, 3);
    rd_kafka_mock_topic_create(cluster_, "traps", kPartitions, 3);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  [[nodiscard]] std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

 private:
  rd_kafka_t* handle_;
  rd_kafka_mock_cluster_t* cluster_;
};

// The linkDown of `trapline bench`, again and again, each from the next of 256 agents.
class LinkDowns final : public sinks::OutcomeSource {
 public:
  explicit LinkDowns(std::uint64_t count) : count_(count) {
    auto decoded = protocol::decode(datagram_.bytes(), protocol::kDefaultMaxVarbinds, scratch_);
    if (!decoded) die("the load's notification cannot be decoded");
    event_.id = kId;
    event_.message = decoded->message;
    event_.message.community = "default";
    event_.message.listener = "127.0.0.1:162";
    event_.message.received_at = base::SystemClock().wall();
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      agents_[i] = *base::IpAddress::parse("10.1.2." + std::to_string(i));
    }
  }
  // The event of an LSN.
  const rules::RoutedTrap& of(std::uint64_t lsn) {
    event_.message.agent = agents_[lsn % agents_.size()];
    return event_;
  }

  Next next(rules::RoutedTrap& event, std::uint64_t& outcome_lsn) override {
    if (position_ == count_) return Next::end;
    outcome_lsn = ++position_;
    event = of(position_);
    return Next::event;
  }
  [[nodiscard]] std::uint64_t gap_events() const override { return 0; }
  [[nodiscard]] std::uint64_t position_lsn() const override { return position_; }
  void rewind(const sinks::SinkCursor& cursor) override { position_ = cursor.low_water_lsn; }
  std::uint64_t skip_to_present() override { return 0; }
  void wait(base::BootTime deadline) override {
    std::unique_lock lock(mutex_);
    const auto most = std::min<std::chrono::nanoseconds>(deadline - clock_.boot(), 1s);
    changed_.wait_for(lock, std::max(most, 0ns), [this] { return woken_; });
    woken_ = false;
  }
  void interrupt() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] sinks::SinkCursor cursor() const override { return {}; }
  void save(const sinks::SinkCursor&) override {}

 private:
  const std::uint64_t count_;
  const gateway::load::NotificationTemplate datagram_{gateway::load::LoadOptions{}};
  const base::SystemClock clock_;
  protocol::DecodeScratch scratch_;
  rules::RoutedTrap event_;
  std::array<base::IpAddress, 256> agents_;
  std::uint64_t position_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

class NoLetters final : public sinks::DeadLetters {
 public:
  void add(const rules::RoutedTrap&, std::string_view reason, std::uint32_t) override {
    die("a dead letter: " + std::string(reason));
  }
  bool commit(std::string&) override { return true; }
};

double process_cpu_secs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// What a run came to.
struct Pace {
  double per_sec = 0;
  double cpu_us = 0;  // of the process, the cluster's threads included
};

class Stopwatch {
 public:
  [[nodiscard]] Pace pace(std::uint64_t events) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - since_;
    const auto count = static_cast<double>(events);
    return {count / took.count(), (process_cpu_secs() - cpu_) / count * 1e6};
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  double cpu_ = process_cpu_secs();
};

// Of events through the sink, rendering included.
Pace through_sink(std::uint64_t events) {
  const MockCluster cluster;
  sinks::KafkaSinkOptions options;
  options.topic = "traps";
  options.settings.emplace_back("bootstrap.servers", base::Secret(cluster.brokers()));
  const base::SystemClock clock;
  base::SystemRandom random;
  sinks::KafkaSink sink(options, clock, protocol::mib::MibIndex::built_in());
  LinkDowns source(events);
  NoLetters letters;
  sinks::SinkWorkerOptions worker_options;
  sinks::LaneOptions lanes;
  worker_options.window_events = lanes.reach = sinks::kKafkaWindow;
  sinks::LaneWorker worker(worker_options, lanes, sink, source, letters, clock, random);
  const Stopwatch stopwatch;
  std::jthread thread([&](const std::stop_token& stop) { worker.run(stop); });
  while (worker.figures().delivered < events) std::this_thread::sleep_for(1ms);
  const Pace pace = stopwatch.pace(events);
  thread.request_stop();
  worker.wake();
  return pace;
}

// Of the same records, made beforehand.
Pace bare_loop(std::uint64_t events) {
  const MockCluster cluster;
  LinkDowns source(events);
  std::vector<sinks::KafkaRecord> records;
  for (std::uint64_t i = 0; i < 256; ++i) {
    records.push_back(sinks::kafka_record(source.of(i), sinks::KafkaFormat::json,
                                          sinks::KafkaKey::agent,
                                          protocol::mib::MibIndex::built_in()));
  }
  std::uint64_t delivered = 0;
  rd_kafka_t* client = make_client(
      {{"bootstrap.servers", cluster.brokers()}, {"acks", "all"}, {"compression.codec", "lz4"}},
      [](rd_kafka_t*, const rd_kafka_message_t* message, void* count) {
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) die(rd_kafka_err2str(message->err));
        ++*static_cast<std::uint64_t*>(count);
      },
      &delivered);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, "traps", nullptr);
  const Stopwatch stopwatch;
  for (std::uint64_t i = 0; i < events; ++i) {
    const sinks::KafkaRecord& record = records[i % records.size()];
    while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                            const_cast<char*>(record.value.data()), record.value.size(),
                            record.key.data(), record.key.size(), nullptr) != 0) {
      rd_kafka_poll(client, 10);
    }
    rd_kafka_poll(client, 0);
  }
  while (delivered < events) rd_kafka_poll(client, 10);
  const Pace pace = stopwatch.pace(events);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
  return pace;
}

}  // namespace
}  // namespace trapline

int main(int count, char** arguments) {
  const std::uint64_t events =
      count > 1 ? std::strtoull(arguments[1], nullptr, 10) : trapline::kEvents;
  const trapline::Pace bare = trapline::bare_loop(events);
  const trapline::Pace sink = trapline::through_sink(events);
  std::printf(
      "{\"sink_per_sec\":%.0f,\"bare_per_sec\":%.0f,\"sink_cpu_us\":%.3f,\"bare_cpu_us\":%.3f}\n",
      sink.per_sec, bare.per_sec, sink.cpu_us, bare.cpu_us);
  return EXIT_SUCCESS;
}
