// The Kafka sink and its worker against librdkafka's mock cluster, which can be told to fail.
#include "sinks/kafka_sink.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <nlohmann/json.hpp>

#include "sinks/lane_worker.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/process.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;
using test_support::wait_until;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int16_t kProduce = 0;  // the number of the request
constexpr int kPartitions = 4;

// As the Java client computes it.
std::uint32_t murmur2(std::string_view data) {
  constexpr std::uint32_t kM = 0x5bd1e995;
  auto h = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
  const auto octet = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(data[i]));
  };
  std::size_t i = 0;
  for (; i + 4 <= data.size(); i += 4) {
    std::uint32_t k = octet(i) | octet(i + 1) << 8U | octet(i + 2) << 16U | octet(i + 3) << 24U;
    k *= kM;
    k ^= k >> 24U;
    h = h * kM ^ k * kM;
  }
  const std::size_t rest = data.size() - i;
  if (rest == 3) h ^= octet(i + 2) << 16U;
  if (rest >= 2) h ^= octet(i + 1) << 8U;
  if (rest >= 1) h = (h ^ octet(i)) * kM;
  h ^= h >> 13U;
  h *= kM;
  return h ^ h >> 15U;
}

struct Consumed {
  int partition;
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
};

class ListedLetters final : public DeadLetters {
 public:
  void add(const rules::RoutedTrap& event, std::string_view reason, std::uint32_t) override {
    letters.emplace_back(std::string(event.id) + ": " + std::string(reason));
  }
  bool commit(std::string&) override { return true; }
  std::vector<std::string> letters;
};

class KafkaSinkTest : public testing::Test {
 protected:
  KafkaSinkTest() {
    std::array<char, 512> error{};
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, quiet(), error.data(), error.size());
    cluster_ = rd_kafka_mock_cluster_new(handle_, 2);
    rd_kafka_mock_topic_create(cluster_, "traps", kPartitions, 2);
    options_.topic = "traps";
    set("bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_));
    set("reconnect.backoff.max.ms", "200");
  }
  ~KafkaSinkTest() override {
    worker_.reset();
    sink_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }

  static rd_kafka_conf_t* quiet() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    return conf;
  }
  void set(const char* name, std::string_view value) {
    options_.settings.emplace_back(name, base::Secret(value));
  }
  void make() {
    sink_ = std::make_unique<KafkaSink>(options_, clock_, protocol::mib::MibIndex::built_in());
    SinkWorkerOptions options;
    options.window_events = 1'000;
    worker_.emplace(options, LaneOptions{}, *sink_, source_, letters_, clock_, random_);
  }
  // Steps the worker until so many events are settled. Its waits pass at once.
  bool settle(std::uint64_t events) {
    return wait_until([&] {
      const auto rest = worker_->step(clock_.boot());
      if (worker_->figures().state == SinkState::waiting && rest.until != base::BootTime::max() &&
          rest.until > clock_.boot()) {
        clock_.advance(rest.until - clock_.boot());
      }
      const SinkFigures figures = worker_->figures();
      return figures.delivered + figures.dead_lettered >= events;
    });
  }
  void set_brokers(bool up) {
    for (int broker = 1; broker <= 2; ++broker) {
      if (up) {
        rd_kafka_mock_broker_set_up(cluster_, broker);
      } else {
        rd_kafka_mock_broker_set_down(cluster_, broker);
      }
    }
  }
  // Everything in the topic, in the order of each partition.
  std::vector<Consumed> consume(std::size_t least);

  test_support::FakeClock clock_;
  test_support::SeededRandom random_{7};
  TestEvent template_{link_down(), ""};
  ListedSource source_{template_.event};
  ListedLetters letters_;
  KafkaSinkOptions options_;
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::unique_ptr<KafkaSink> sink_;
  std::optional<LaneWorker> worker_;
};

std::vector<Consumed> KafkaSinkTest::consume(std::size_t least) {
  rd_kafka_conf_t* conf = quiet();
  std::array<char, 512> error{};
  rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_),
                    error.data(), error.size());
  rd_kafka_conf_set(conf, "group.id", "test", error.data(), error.size());
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(kPartitions);
  for (int i = 0; i < kPartitions; ++i) {
    rd_kafka_topic_partition_list_add(all, "traps", i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, all);
  rd_kafka_topic_partition_list_destroy(all);
  std::vector<Consumed> out;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr && out.size() >= least) break;
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto text = [](const void* octets, std::size_t size) {
        return std::string(static_cast<const char*>(octets), size);
      };
      Consumed& one = out.emplace_back();
      one.partition = message->partition;
      one.key = text(message->key, message->key_len);
      one.value = text(message->payload, message->len);
      rd_kafka_headers_t* headers = nullptr;
      if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                                RD_KAFKA_RESP_ERR_NO_ERROR;
             ++i) {
          one.headers[name] = text(value, size);
        }
      }
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_destroy(consumer);
  return out;
}

// Ids as often as they were consumed.
std::map<std::string, int> ids_of(const std::vector<Consumed>& all) {
  std::map<std::string, int> ids;
  for (const Consumed& one : all) ++ids[one.headers.at("id")];
  return ids;
}

TEST(KafkaPartition, IsTheOneOfJavasMurmur2) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973'932'308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790'332'482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985'981'536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1'486'304'829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479'470'107);
}

TEST_F(KafkaSinkTest, EachEventOnceWithKeyHeadersAndJson) {
  make();
  source_.add(2'500);
  ASSERT_TRUE(settle(2'500)) << worker_->figures().last_error;
  const auto all = consume(2'500);
  ASSERT_EQ(all.size(), 2'500U);
  EXPECT_EQ(ids_of(all).size(), 2'500U);
  int number = 0;
  for (const Consumed& one : all) {
    ASSERT_EQ(one.key, "10.1.2.3");
    ASSERT_EQ(one.partition, static_cast<int>((murmur2(one.key) & 0x7fff'ffffU) % kPartitions));
    ASSERT_EQ(one.headers.at("id"), "gw-1-" + std::to_string(++number)) << "in order";
  }
  EXPECT_EQ(all[0].headers.at("schema"), "1");
  EXPECT_EQ(all[0].headers.at("trap"), "IF-MIB::linkDown");
  EXPECT_EQ(all[0].headers.at("severity"), "info");
  EXPECT_THAT(all[0].value, HasSubstr("\"id\":\"gw-1-1\""));
}

TEST_F(KafkaSinkTest, HostileTextsAreValuesAndHeaders) {
  options_.key = KafkaKey::event_key;
  int sent = 0;
  for (const std::string& text :
       {std::string("line\r\nX: y\r\n"), std::string(R"("},{"evil":"\u0000)"),
        std::string(60'000, '"'), std::string("\xff\xfe\xc3\x28"), std::string("a\0b", 3)}) {
    const TestEvent hostile(trap_with_text(text), "");
    const rules::Tag tags[] = {{text, text}};
    template_.event.message = hostile.event.message;
    template_.event.verdict.key = text;
    template_.event.verdict.summary = text;
    template_.event.verdict.tags = tags;
    if (!sink_) make();
    source_.add(1);
    ASSERT_TRUE(settle(static_cast<std::uint64_t>(++sent))) << worker_->figures().last_error;
    template_.event.verdict = {};
    bool found = false;
    for (const Consumed& one : consume(static_cast<std::size_t>(sent))) {
      if (one.headers.at("id") != "gw-1-" + std::to_string(sent)) continue;
      found = true;
      EXPECT_TRUE(nlohmann::json::accept(one.value));
      EXPECT_EQ(one.headers.size(), 4U);
      EXPECT_EQ(one.key, text);
    }
    EXPECT_TRUE(found);
  }
}

TEST_F(KafkaSinkTest, CloudEventsAreInBinaryMode) {
  options_.format = KafkaFormat::cloudevents;
  make();
  source_.add(1);
  ASSERT_TRUE(settle(1));
  const auto all = consume(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(all[0].headers.at("ce_specversion"), "1.0");
  EXPECT_EQ(all[0].headers.at("ce_id"), "gw-1-1");
  EXPECT_EQ(all[0].headers.at("ce_source"), "/trapline/10.1.2.3");
  EXPECT_EQ(all[0].headers.at("ce_type"), "trapline.snmp.notification.v1");
}

TEST_F(KafkaSinkTest, BrokersThatAreAwayPauseItAndGetEverythingLater) {
  make();
  source_.add(10);
  ASSERT_TRUE(settle(10));
  set_brokers(false);
  source_.add(20);
  ASSERT_TRUE(wait_until([&] {
    worker_->step(clock_.boot());
    clock_.advance(1s);
    return worker_->figures().state == SinkState::waiting;
  }));
  EXPECT_THAT(worker_->figures().last_error, HasSubstr("no "));
  EXPECT_EQ(worker_->figures().delivered, 10U);
  set_brokers(true);
  ASSERT_TRUE(settle(30)) << worker_->figures().last_error;
  EXPECT_EQ(ids_of(consume(30)).size(), 30U);
  EXPECT_THAT(letters_.letters, IsEmpty());
}

TEST_F(KafkaSinkTest, AnotherLeaderIsFollowed) {
  make();
  source_.add(10);
  ASSERT_TRUE(settle(10));
  for (int partition = 0; partition < kPartitions; ++partition) {
    rd_kafka_mock_partition_set_leader(cluster_, "traps", partition, 1);
  }
  source_.add(10);
  ASSERT_TRUE(settle(20)) << worker_->figures().last_error;
  for (int partition = 0; partition < kPartitions; ++partition) {
    rd_kafka_mock_partition_set_leader(cluster_, "traps", partition, 2);
  }
  source_.add(10);
  ASSERT_TRUE(settle(30)) << worker_->figures().last_error;
  EXPECT_EQ(ids_of(consume(30)).size(), 30U);
}

int partition_of(std::string_view key) {
  return static_cast<int>((murmur2(key) & 0x7fff'ffffU) % kPartitions);
}

// A producer's first request to a partition fails, as it does where a leader is only being elected,
// while others are under way, one record each.
class KafkaFirstRequest : public KafkaSinkTest {
 protected:
  static constexpr int kBefore = 40;  // of other agents, so that the producer is ready
  static constexpr int kEvents = 20;

  void send_with_the_first_refused() {
    for (int partition = 0; partition < kPartitions; ++partition) {
      rd_kafka_mock_partition_set_leader(cluster_, "traps", partition, 1);
    }
    set("linger.ms", "0");
    make();
    const base::IpAddress agent = template_.event.message.agent;
    for (std::uint8_t other = 1; other <= kBefore; ++other) {
      do_of(base::IpAddress::v4({10, 9, 9, other}), agent);
    }
    template_.event.message.agent = agent;
    rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, kProduce, 1,
                                                 RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 300);
    int sent = 0;  // each a few milliseconds behind the one before
    ASSERT_TRUE(wait_until([&] {
      source_.add(1);
      worker_->step(clock_.boot());
      return ++sent == kEvents;
    }));
    ASSERT_TRUE(settle(static_cast<std::uint64_t>(source_.added())))
        << worker_->figures().last_error;
  }
  // One event of this agent, unless it goes where those of the other go.
  void do_of(const base::IpAddress& agent, const base::IpAddress& other) {
    if (partition_of(agent.to_string()) == partition_of(other.to_string())) return;
    template_.event.message.agent = agent;
    source_.add(1);
    ASSERT_TRUE(settle(static_cast<std::uint64_t>(source_.added())));
  }
  // What arrived of the agent, in its order.
  std::vector<std::string> arrived() {
    std::vector<std::string> ids;
    const std::string key = template_.event.message.agent.to_string();
    for (const Consumed& one : consume(static_cast<std::size_t>(source_.added()))) {
      if (one.key == key) ids.push_back(one.headers.at("id"));
    }
    return ids;
  }
};

TEST_F(KafkaFirstRequest, IsWaitedForSoThatNothingOvertakesIt) {
  send_with_the_first_refused();
  std::vector<std::string> sent;
  for (int i = kEvents; i > 0; --i)
    sent.push_back("gw-1-" + std::to_string(source_.added() - i + 1));
  EXPECT_EQ(arrived(), sent);
  EXPECT_EQ(worker_->figures().retries, 0U);
}

TEST_F(KafkaFirstRequest, IsNotTakenForDeliveredBecauseALaterOneWas) {
  set("partitioner", "random");  // nobody can tell which one is the first
  set("batch.num.messages", "1");
  send_with_the_first_refused();
  const auto ids = arrived();
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), static_cast<std::size_t>(kEvents));
}

TEST_F(KafkaSinkTest, AMessageThatTimesOutIsSentAgain) {
  set("message.timeout.ms", "300");
  make();
  source_.add(5);
  ASSERT_TRUE(settle(5));
  for (int broker = 1; broker <= 2; ++broker) {
    rd_kafka_mock_broker_set_rtt(cluster_, broker, 2'000);
  }
  source_.add(5);
  ASSERT_TRUE(wait_until([&] {
    worker_->step(clock_.boot());
    return worker_->figures().retries != 0;
  }));
  EXPECT_THAT(worker_->figures().last_error, HasSubstr("timed out"));
  for (int broker = 1; broker <= 2; ++broker) rd_kafka_mock_broker_set_rtt(cluster_, broker, 0);
  ASSERT_TRUE(settle(10)) << worker_->figures().last_error;
  EXPECT_EQ(ids_of(consume(10)).size(), 10U);
}

TEST_F(KafkaSinkTest, AFatalErrorIsFollowedByAnotherProducer) {
  make();
  source_.add(5);
  ASSERT_TRUE(settle(5));
  rd_kafka_mock_push_request_errors(cluster_, kProduce, 1,
                                    RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  source_.add(50);
  ASSERT_TRUE(wait_until([&] {
    worker_->step(clock_.boot());
    return worker_->figures().retries != 0;
  }));
  EXPECT_THAT(worker_->figures().last_error, HasSubstr("the producer cannot go on"));
  const auto since = clock_.boot();
  const auto really_since = std::chrono::steady_clock::now();
  ASSERT_TRUE(settle(55)) << worker_->figures().last_error;
  // The worker's waits, which pass at once here, and what the brokers took.
  EXPECT_LE(clock_.boot() - since + (std::chrono::steady_clock::now() - really_since), 5s);
  EXPECT_EQ(ids_of(consume(55)).size(), 55U);
}

TEST_F(KafkaSinkTest, WhatIsTooLargeForTheProducerIsADeadLetter) {
  set("message.max.bytes", "1000");
  const std::string text(2'000, 'x');
  TestEvent large(trap_with_text(text), "");
  make();
  template_.event.message = large.event.message;
  source_.add(1);
  ASSERT_TRUE(settle(1));
  ASSERT_EQ(letters_.letters.size(), 1U);
  EXPECT_THAT(letters_.letters[0], HasSubstr("too large"));
}

TEST_F(KafkaSinkTest, OnlyWhatTheBrokerRefusesAloneIsADeadLetter) {
  make();
  source_.add(5);
  ASSERT_TRUE(settle(5));
  rd_kafka_mock_push_request_errors(cluster_, kProduce, 2, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  source_.add(5);
  ASSERT_TRUE(settle(10)) << worker_->figures().last_error;
  ASSERT_EQ(letters_.letters.size(), 1U);
  EXPECT_THAT(letters_.letters[0], HasSubstr("gw-1-6: topic traps: "));
  EXPECT_EQ(ids_of(consume(9)).size(), 9U);
}

TEST_F(KafkaSinkTest, ATopicThatIsForbiddenPausesForAMinute) {
  make();
  source_.add(1);
  rd_kafka_mock_push_request_errors(cluster_, kProduce, 1,
                                    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto since = clock_.boot();
  ASSERT_TRUE(settle(1));
  EXPECT_GE(clock_.boot() - since, 60s);
  EXPECT_THAT(letters_.letters, IsEmpty());
}

TEST_F(KafkaSinkTest, DrainSendsWhatIsOnItsWay) {
  set("linger.ms", "60000");
  make();
  source_.add(20);
  worker_->step(clock_.boot());
  worker_->drain(clock_.boot() + 10s);
  EXPECT_EQ(worker_->figures().delivered, 20U);
}

TEST(KafkaProbe, SaysWhyNoBrokerAnswers) {
  KafkaSinkOptions options;
  options.topic = "traps";
  options.settings.emplace_back("bootstrap.servers", base::Secret("127.0.0.1:1"));
  const auto why = probe_kafka(options, 2s);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("no broker answers"));
}

}  // namespace
}  // namespace trapline::sinks
