#include "gateway/config/snmp_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kUsers = "v3: { users: [ { name: noc } ] }\n";

base::Result<Config, ConfigErrors> load(const std::string& sink) {
  const test_support::ScratchDirectory scratch;
  return load_config(
      scratch.write("c.yaml", kUsers + ("sinks: { a: { type: snmp, " + sink + " } }\n")));
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

TEST(SnmpSection, EveryKeyIsRead) {
  const auto config = load(
      R"(to: "[2001:db8::1]:1162", version: v3, pdu: inform, user: noc, context: east,
         trap_community: told, timeout_ms: 300, retries: 7, concurrency: 3,
         max_message_bytes: 1472, rate_limit: { per_sec: 5, burst: 9 }, max_age_secs: 60,
         required: true, start: oldest)");
  ASSERT_TRUE(config) << config.error().lines.front();
  ASSERT_THAT(config->snmp_sinks, SizeIs(1));
  const SnmpSinkConfig& sink = config->snmp_sinks[0];
  EXPECT_EQ(sink.name, "a");
  EXPECT_EQ(sink.options.host, "2001:db8::1");
  EXPECT_EQ(sink.options.port, 1162);
  EXPECT_EQ(sink.options.version, protocol::Version::v3);
  EXPECT_EQ(sink.options.pdu, protocol::PduKind::inform);
  EXPECT_EQ(sink.options.user, "noc");
  EXPECT_EQ(sink.options.context, "east");
  EXPECT_TRUE(sink.options.trap_community.equals(base::as_bytes("told")));
  EXPECT_EQ(sink.options.timeout, std::chrono::milliseconds(300));
  EXPECT_EQ(sink.options.retries, 7U);
  EXPECT_EQ(sink.options.lanes, 3U);
  EXPECT_EQ(sink.options.max_message_bytes, 1'472U);
  EXPECT_EQ(sink.per_sec, 5U);
  EXPECT_EQ(sink.burst, 9U);
  EXPECT_EQ(sink.max_age, std::chrono::seconds(60));
  EXPECT_TRUE(sink.required);
  EXPECT_TRUE(sink.start_oldest);
}

TEST(SnmpSection, WithoutMoreItSendsVersion2cTraps) {
  const auto config = load("to: nms.example.net, community: public");
  ASSERT_TRUE(config) << config.error().lines.front();
  const sinks::SnmpSinkOptions& options = config->snmp_sinks[0].options;
  EXPECT_EQ(options.host, "nms.example.net");
  EXPECT_EQ(options.port, 162);
  EXPECT_EQ(options.version, protocol::Version::v2c);
  EXPECT_EQ(options.pdu, protocol::PduKind::trap);
  EXPECT_TRUE(options.community.equals(base::as_bytes("public")));
  EXPECT_FALSE(options.refuse_counter64);
  const auto v1 = load("to: nms, community: public, version: v1, counter64: refuse");
  ASSERT_TRUE(v1) << v1.error().lines.front();
  EXPECT_TRUE(v1->snmp_sinks[0].options.refuse_counter64);
}

TEST(SnmpSection, MistakesAreTold) {
  const std::string good = "to: nms, community: public";
  EXPECT_THAT(problems_of(good), IsEmpty());
  EXPECT_THAT(problems_of("community: public"), HasSubstr("to"));
  EXPECT_THAT(problems_of("to: nms"), HasSubstr("community"));
  for (const char* to : {"nms:0", "nms:70000", "nms:x", ":162", "[::1"}) {
    EXPECT_THAT(problems_of("community: public, to: \"" + std::string(to) + "\""),
                HasSubstr("is no target"))
        << to;
  }
  EXPECT_THAT(problems_of(good + ", version: v1, pdu: inform"), HasSubstr("SNMPv1 has no informs"));
  EXPECT_THAT(problems_of(good + ", timeout_ms: 100"), HasSubstr("nobody answers a trap"));
  EXPECT_THAT(problems_of(good + ", retries: 1"), HasSubstr("nobody answers a trap"));
  EXPECT_THAT(problems_of(good + ", concurrency: 2"), HasSubstr("nobody answers a trap"));
  EXPECT_THAT(problems_of(good + ", counter64: refuse"), HasSubstr("is for `version: v1`"));
  EXPECT_THAT(problems_of(good + ", user: noc"), HasSubstr("is for `version: v3`"));
  EXPECT_THAT(problems_of(good + ", context: x"), HasSubstr("is for `version: v3`"));
  EXPECT_THAT(problems_of(good + ", version: v1, trap_community: x"),
              HasSubstr("is not for `version: v1`"));
  EXPECT_THAT(problems_of(good + ", version: v3, user: noc"),
              HasSubstr("is not for `version: v3`"));
  EXPECT_THAT(problems_of(good + ", max_message_bytes: 70000"), HasSubstr("max_message_bytes"));
  EXPECT_THAT(problems_of(good + ", batch: {}"), HasSubstr("batch"));
}

TEST(SnmpSection, TheUserMustBeConfigured) {
  EXPECT_THAT(problems_of("to: nms, version: v3, user: noc"), IsEmpty());
  EXPECT_THAT(problems_of("to: nms, version: v3"), HasSubstr("user"));
  EXPECT_THAT(problems_of("to: nms, version: v3, user: nocc"),
              HasSubstr("there is no user `nocc` (did you mean `noc`?)"));
}

}  // namespace
}  // namespace trapline::gateway
