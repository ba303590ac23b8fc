#include "gateway/config/kafka_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

base::Result<Config, ConfigErrors> load(const std::string& sink) {
  const test_support::ScratchDirectory scratch;
  return load_config(scratch.write("c.yaml", "sinks: { a: { type: kafka, " + sink + " } }\n"));
}

// The problems of a sink written like this, one line each.
std::string problems_of(const std::string& sink) {
  const auto config = load(sink);
  std::string lines;
  if (!config) {
    for (const std::string& line : config.error().lines) lines += line + "\n";
  }
  return lines;
}

// The value of the last setting of this name; empty when there is none.
std::string setting(const KafkaSinkConfig& sink, std::string_view name) {
  std::string value;
  for (const auto& [key, secret] : sink.options.settings) {
    if (key == name) value = base::as_text(secret.reveal());
  }
  return value;
}

const std::string kGood = "brokers: [b:9092], topic: t, ";

TEST(KafkaSection, EveryKeyIsRead) {
  const auto config = load(
      R"(brokers: ["k1:9092", k2], topic: snmp.traps, format: cloudevents, key: key,
         compression: zstd, linger_ms: 7, max_message_bytes: 2000000, timeout_ms: 4000,
         security_protocol: sasl_ssl,
         sasl: { mechanism: SCRAM-SHA-512, username: u, password: s3cret },
         tls: { ca: /ca.pem, cert: /c.pem, key: /k.pem, key_password: pw },
         properties: { "client.id": edge-7, "linger.ms": 9 },
         rate_limit: { per_sec: 5, burst: 9 }, max_age_secs: 60, required: true, start: oldest)");
  ASSERT_TRUE(config) << config.error().lines.front();
  ASSERT_THAT(config->kafka_sinks, SizeIs(1));
  const KafkaSinkConfig& sink = config->kafka_sinks[0];
  EXPECT_EQ(sink.name, "a");
  EXPECT_EQ(sink.options.topic, "snmp.traps");
  EXPECT_EQ(sink.options.format, sinks::KafkaFormat::cloudevents);
  EXPECT_EQ(sink.options.key, sinks::KafkaKey::event_key);
  EXPECT_EQ(sink.options.timeout, std::chrono::seconds(4));
  EXPECT_EQ(setting(sink, "bootstrap.servers"), "k1:9092,k2");
  EXPECT_EQ(setting(sink, "compression.codec"), "zstd");
  EXPECT_EQ(setting(sink, "message.max.bytes"), "2000000");
  EXPECT_EQ(setting(sink, "security.protocol"), "sasl_ssl");
  EXPECT_EQ(setting(sink, "sasl.mechanism"), "SCRAM-SHA-512");
  EXPECT_EQ(setting(sink, "sasl.username"), "u");
  EXPECT_EQ(setting(sink, "sasl.password"), "s3cret");
  EXPECT_EQ(setting(sink, "ssl.ca.location"), "/ca.pem");
  EXPECT_EQ(setting(sink, "ssl.key.password"), "pw");
  EXPECT_EQ(setting(sink, "client.id"), "edge-7");
  EXPECT_EQ(setting(sink, "linger.ms"), "9") << "a property wins over a key";
  EXPECT_EQ(sink.per_sec, 5U);
  EXPECT_EQ(sink.burst, 9U);
  EXPECT_EQ(sink.max_age, std::chrono::seconds(60));
  EXPECT_TRUE(sink.required);
  EXPECT_TRUE(sink.start_oldest);
}

TEST(KafkaSection, WhatIsMissingOrMisspeltIsNamed) {
  EXPECT_THAT(problems_of("topic: t"), HasSubstr("`sinks.a.brokers`"));
  EXPECT_THAT(problems_of("brokers: [b]"), HasSubstr("`sinks.a.topic`"));
  EXPECT_THAT(problems_of("brokers: [\"a b\"], topic: t"), HasSubstr("this is no broker"));
  EXPECT_THAT(problems_of("brokers: [b], topic: \"a/b\""), HasSubstr("is no topic"));
  EXPECT_THAT(problems_of(kGood + "compresion: lz4"), HasSubstr("compresion"));
  EXPECT_THAT(problems_of(kGood + "sasl: { mechanism: PLAIN }"), HasSubstr("do not go together"));
  EXPECT_THAT(problems_of(kGood + "security_protocol: sasl_ssl"), HasSubstr("do not go together"));
  EXPECT_THAT(problems_of(kGood + "tls: { ca: /x }"), HasSubstr("do not go together"));
}

TEST(KafkaSection, PropertiesAreCheckedAndTheirValuesNotShown) {
  EXPECT_THAT(problems_of(kGood + "properties: { \"socket.keepalive.enable\": true }"), IsEmpty());
  EXPECT_THAT(problems_of(kGood + "properties: { \"linger.mss\": 5 }"),
              HasSubstr("has no property `linger.mss`"));
  const std::string wrong = problems_of(kGood + "properties: { \"linger.ms\": s3cret }");
  EXPECT_THAT(wrong, HasSubstr("does not take this value of `linger.ms`"));
  EXPECT_THAT(wrong, Not(HasSubstr("s3cret")));
}

TEST(KafkaSection, WhatRunsCodeOrBreaksTheContractIsRefused) {
  for (const char* name :
       {"plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location", "acks",
        "request.required.acks", "enable.idempotence", "delivery.report.only.error",
        "transactional.id", "bootstrap.servers", "opaque", "dr_msg_cb", "test.mock.num.brokers"}) {
    EXPECT_THAT(problems_of(kGood + "properties: { \"" + name + "\": \"1\" }"),
                HasSubstr("cannot be set here"))
        << name;
  }
}

}  // namespace
}  // namespace trapline::gateway
