#include "sinks/kafka_producer.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include <librdkafka/rdkafka.h>

#include "base/bytes.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kErrorBytes = 512;
constexpr std::size_t kMostValueBytes = 65'536;

using Conf = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

constexpr const char* kDefaultPartitioner = "murmur2_random";

struct Setting {
  const char* name;
  const char* value;
};
// What a configuration may change. A message that times out would be overtaken by later ones.
constexpr std::array kDefaults = {Setting{"client.id", "trapline"},
                                  Setting{"compression.codec", "lz4"}, Setting{"linger.ms", "5"},
                                  Setting{"partitioner", kDefaultPartitioner},
                                  Setting{"message.timeout.ms", "0"}};
// What it may not: the contract of delivery stands on them.
constexpr std::array kContract = {Setting{"enable.idempotence", "true"}, Setting{"acks", "all"},
                                  Setting{"delivery.report.only.error", "false"}};

// What runs code, is no text, breaks the contract, or has a key of its own.
bool is_refused(std::string_view name) {
  constexpr std::array<std::string_view, 15> kRefused = {"plugin.library.paths",
                                                         "sasl.kerberos.kinit.cmd",
                                                         "ssl.engine.location",
                                                         "acks",
                                                         "request.required.acks",
                                                         "enable.idempotence",
                                                         "delivery.report.only.error",
                                                         "transactional.id",
                                                         "bootstrap.servers",
                                                         "metadata.broker.list",
                                                         "opaque",
                                                         "default_topic_conf",
                                                         "interceptors",
                                                         "ssl_engine_callback_data",
                                                         "test.mock.num.brokers"};
  return std::ranges::find(kRefused, name) != kRefused.end() || name.ends_with("_cb");
}

KafkaFate fate_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return KafkaFate::delivered;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD: return KafkaFate::refused;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED: return KafkaFate::destination_fails;
    default: return KafkaFate::failed;
  }
}

// The partition of a key by librdkafka's name of a rule; -1 when chance chooses.
std::int32_t partition_of(const rd_kafka_topic_t* topic, std::string_view partitioner,
                          const std::string& key, std::size_t partitions) {
  const auto count = static_cast<std::int32_t>(partitions);
  const auto by = [&](auto rule) {
    return rule(topic, key.data(), key.size(), count, nullptr, nullptr);
  };
  if (key.empty() || partitioner == "random") return -1;
  if (partitioner.starts_with("murmur2")) return by(&rd_kafka_msg_partitioner_murmur2);
  if (partitioner.starts_with("fnv1a")) return by(&rd_kafka_msg_partitioner_fnv1a);
  return by(&rd_kafka_msg_partitioner_consistent);
}

// librdkafka's log goes nowhere: what matters of it comes by the error callback.
void swallow(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/,
             const char* /*text*/) {}

std::string last_partitioner(const KafkaSinkOptions& options) {
  std::string last = kDefaultPartitioner;
  for (const auto& [name, value] : options.settings) {
    if (name == "partitioner") last = base::as_text(value.reveal());
  }
  return last;
}

// The conf with every setting in it; null with the reason.
Conf make_conf(const KafkaSinkOptions& options, std::string& reason) {
  Conf conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  std::array<char, kErrorBytes> error{};
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf.get(), name, value, error.data(), error.size()) == RD_KAFKA_CONF_OK)
      return true;
    reason = std::string("librdkafka does not take the value of ") + name;
    return false;
  };
  for (const Setting& setting : kDefaults) {
    if (!set(setting.name, setting.value)) return {nullptr, &rd_kafka_conf_destroy};
  }
  for (const auto& [name, secret] : options.settings) {
    base::Secret terminated(std::string(base::as_text(secret.reveal())) + '\0');
    if (!set(name.c_str(), base::as_text(terminated.reveal()).data())) {
      return {nullptr, &rd_kafka_conf_destroy};
    }
  }
  for (const Setting& setting : kContract) {
    if (!set(setting.name, setting.value)) return {nullptr, &rd_kafka_conf_destroy};
  }
  return conf;
}

}  // namespace

std::optional<std::string> kafka_setting_problem(const std::string& name, std::string_view value) {
  if (is_refused(name)) return "`" + name + "` cannot be set here";
  if (value.size() > kMostValueBytes || value.find('\0') != std::string_view::npos) {
    return "the value of `" + name + "` is too long or holds a zero octet";
  }
  const Conf conf(rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  std::array<char, kErrorBytes> error{};
  const std::string text(value);
  switch (rd_kafka_conf_set(conf.get(), name.c_str(), text.c_str(), error.data(), error.size())) {
    case RD_KAFKA_CONF_OK: return std::nullopt;
    case RD_KAFKA_CONF_UNKNOWN: return "librdkafka has no property `" + name + "`";
    default: return "librdkafka does not take this value of `" + name + "`";
  }
}

std::optional<std::string> probe_kafka(const KafkaSinkOptions& options,
                                       std::chrono::milliseconds at_most) {
  std::string reason;
  const auto producer = KafkaProducer::make(
      options, [] {}, reason);
  if (producer == nullptr || !producer->reach(at_most, reason)) return reason;
  return std::nullopt;
}

// What librdkafka calls.
struct KafkaProducer::Callbacks {
  // From `rd_kafka_poll`, on the user's thread.
  static void report(rd_kafka_t* client, const rd_kafka_message_t* message, void* self) {
    auto& producer = *static_cast<KafkaProducer*>(self);
    KafkaReport& report = producer.reports_.emplace_back();
    report.sequence = reinterpret_cast<Sequence>(message->_private);
    report.fate = fate_of(message->err);
    const bool concluded = message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset < 0;
    if (concluded) report.fate = KafkaFate::failed;
    if (report.fate == KafkaFate::delivered) {
      producer.down_ = false;
      producer.note_acknowledged(message->partition);
      return;
    }
    report.words =
        std::string("topic ") + rd_kafka_topic_name(message->rkt) + ": " +
        (concluded ? "no broker has said that it has the record" : rd_kafka_err2str(message->err));
    note_fatal(client, producer);
  }
  // Likewise.
  static void error(rd_kafka_t* client, int error, const char* words, void* self) {
    auto& producer = *static_cast<KafkaProducer*>(self);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      producer.down_ = true;
      if (!producer.trouble_.empty()) return;  // why they are down says more
    }
    producer.trouble_ = words;
    note_fatal(client, producer);
  }
  static void note_fatal(rd_kafka_t* client, KafkaProducer& producer) {
    std::array<char, kErrorBytes> words{};
    if (rd_kafka_fatal_error(client, words.data(), words.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      producer.fatal_ = std::string("the producer cannot go on: ") + words.data();
    }
  }
  // By a thread of librdkafka's, when the first of several things to be polled has come.
  static void wanted(rd_kafka_t* /*client*/, void* self) {
    static_cast<KafkaProducer*>(self)->wake_();
  }
};

std::unique_ptr<KafkaProducer> KafkaProducer::make(const KafkaSinkOptions& options,
                                                   std::function<void()> wake,
                                                   std::string& reason) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(std::move(wake)));
  Conf conf = make_conf(options, reason);
  if (!conf) return nullptr;
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Callbacks::report);
  rd_kafka_conf_set_error_cb(conf.get(), &Callbacks::error);
  rd_kafka_conf_set_log_cb(conf.get(), &swallow);
  std::array<char, kErrorBytes> error{};
  producer->client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size());
  if (producer->client_ == nullptr) {
    reason = std::string("no producer can be made: ") + error.data();
    return nullptr;
  }
  (void)conf.release();  // the client's now
  producer->partitioner_ = last_partitioner(options);
  producer->topic_ = rd_kafka_topic_new(producer->client_, options.topic.c_str(), nullptr);
  if (producer->topic_ == nullptr) {
    reason = "topic " + options.topic + ": " + rd_kafka_err2str(rd_kafka_last_error());
    return nullptr;
  }
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(producer->client_);
  rd_kafka_queue_cb_event_enable(queue, &Callbacks::wanted, producer.get());
  rd_kafka_queue_destroy(queue);
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (client_ == nullptr) return;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(client_);
  rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr);
  rd_kafka_queue_destroy(queue);
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(client_);
}

bool KafkaProducer::reach(std::chrono::milliseconds at_most, std::string& reason) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client_, 0, topic_, &metadata, static_cast<int>(at_most.count()));
  rd_kafka_poll(client_, 0);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reason = "no broker answers: " + (trouble_.empty() ? rd_kafka_err2str(error) : trouble_);
    return false;
  }
  rd_kafka_resp_err_t of_topic = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  std::size_t partitions = 0;
  if (metadata->topic_cnt == 1) {
    of_topic = metadata->topics[0].err;
    partitions = static_cast<std::size_t>(std::max(metadata->topics[0].partition_cnt, 0));
  }
  rd_kafka_metadata_destroy(metadata);
  down_ = false;
  if (of_topic == RD_KAFKA_RESP_ERR_NO_ERROR) {
    acknowledged_.assign(partitions, false);
    unacknowledged_ = partitions;
    return true;
  }
  reason = std::string("topic ") + rd_kafka_topic_name(topic_) + ": " + rd_kafka_err2str(of_topic);
  return false;
}

bool KafkaProducer::has_acknowledged(const std::string& key) const {
  if (unacknowledged_ == 0) return true;
  const std::int32_t partition = partition_of(topic_, partitioner_, key, acknowledged_.size());
  return partition < 0 || acknowledged_[static_cast<std::size_t>(partition)];
}

void KafkaProducer::note_acknowledged(std::int32_t partition) {
  const auto index = static_cast<std::size_t>(partition);
  if (index >= acknowledged_.size() || acknowledged_[index]) return;
  acknowledged_[index] = true;
  --unacknowledged_;
}

KafkaFate KafkaProducer::send(const KafkaRecord& record, Sequence sequence, std::string& words) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic_;
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[4].u.ptr = reinterpret_cast<void*>(sequence);
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = headers;
  rd_kafka_error_t* error = rd_kafka_produceva(client_, parts.data(), parts.size());
  if (error == nullptr) return KafkaFate::delivered;
  const KafkaFate fate = fate_of(rd_kafka_error_code(error));
  words = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(headers);
  Callbacks::note_fatal(client_, *this);
  return fate;
}

std::vector<KafkaReport> KafkaProducer::take_reports() {
  rd_kafka_poll(client_, 0);
  return std::exchange(reports_, {});
}

void KafkaProducer::flush(std::chrono::milliseconds at_most) {
  rd_kafka_flush(client_, static_cast<int>(at_most.count()));
}

}  // namespace trapline::sinks
