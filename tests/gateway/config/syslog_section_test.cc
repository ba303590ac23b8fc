#include "gateway/config/syslog_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

base::Result<Config, ConfigErrors> load(const std::string& sink) {
  const test_support::ScratchDirectory scratch;
  return load_config(scratch.write("c.yaml", "sinks: { a: { type: syslog, " + sink + " } }\n"));
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

TEST(SyslogSection, EveryKeyIsRead) {
  const auto config = load(
      R"(to: "tls://siem.example.net", format: json, hostname: node, facility: local4,
         enterprise_number: 9999, max_bytes: 65536, timeout_ms: 3000,
         confirm_ms: 700,
         tls: { ca: /ca.pem, cert: /c.pem, key: /k.pem, server_name: logs.example.net },
         rate_limit: { per_sec: 5, burst: 9 }, max_age_secs: 60, required: true, start: oldest)");
  ASSERT_TRUE(config) << config.error().lines.front();
  ASSERT_THAT(config->syslog_sinks, SizeIs(1));
  const SyslogSinkConfig& sink = config->syslog_sinks[0];
  EXPECT_EQ(sink.name, "a");
  EXPECT_EQ(sink.options.target.to_string(), "tls://siem.example.net:6514");
  EXPECT_EQ(sink.options.target.tls.ca_path, "/ca.pem");
  EXPECT_EQ(sink.options.target.tls.cert_path, "/c.pem");
  EXPECT_EQ(sink.options.target.tls.key_path, "/k.pem");
  EXPECT_EQ(sink.options.target.tls.server_name, "logs.example.net");
  EXPECT_EQ(sink.options.target.connect_timeout, std::chrono::seconds(3));
  EXPECT_EQ(sink.options.format, sinks::SyslogFormat::json);
  EXPECT_EQ(sink.options.hostname, sinks::SyslogHostname::node);
  EXPECT_EQ(sink.options.facility, 20);
  EXPECT_EQ(sink.options.enterprise_number, 9999U);
  EXPECT_EQ(sink.options.max_bytes, 65'536U);
  EXPECT_EQ(sink.options.timeout, std::chrono::seconds(3));
  EXPECT_EQ(sink.options.confirm, std::chrono::milliseconds(700));
  EXPECT_EQ(sink.per_sec, 5U);
  EXPECT_EQ(sink.burst, 9U);
  EXPECT_EQ(sink.max_age, std::chrono::seconds(60));
  EXPECT_TRUE(sink.required);
  EXPECT_TRUE(sink.start_oldest);
}

TEST(SyslogSection, TheSizeDependsOnTheTransport) {
  const auto udp = load("to: \"udp://10.0.0.1\"");
  ASSERT_TRUE(udp) << udp.error().lines.front();
  EXPECT_EQ(udp->syslog_sinks[0].options.target.to_string(), "udp://10.0.0.1:514");
  EXPECT_EQ(udp->syslog_sinks[0].options.max_bytes, 2'048U);
  EXPECT_EQ(udp->syslog_sinks[0].options.facility, 3);
  const auto tcp = load("to: \"tcp://[2001:db8::1]:601\"");
  ASSERT_TRUE(tcp) << tcp.error().lines.front();
  EXPECT_EQ(tcp->syslog_sinks[0].options.target.to_string(), "tcp://[2001:db8::1]:601");
  EXPECT_EQ(tcp->syslog_sinks[0].options.max_bytes, 8'192U);
}

TEST(SyslogSection, MistakesAreTold) {
  EXPECT_THAT(problems_of("to: \"udp://x:514\""), IsEmpty());
  EXPECT_THAT(problems_of("format: text"), HasSubstr("to"));
  for (const char* to : {"10.0.0.1:514", "http://x:514", "tcp://x", "udp://x:0", "udp://x:70000",
                         "udp://", "udp://a b:514", "udp://[::1", "udp://x:514/path"}) {
    EXPECT_THAT(problems_of("to: \"" + std::string(to) + "\""), HasSubstr("is no destination"))
        << to;
  }
  EXPECT_THAT(problems_of("to: \"tcp://x:1\", tls: {}"), HasSubstr("is for destinations called"));
  EXPECT_THAT(problems_of("to: \"udp://x\", confirm_ms: 5"), HasSubstr("is for tcp:// and tls"));
  EXPECT_THAT(problems_of("to: \"tls://x\", tls: { cert: /c }"),
              HasSubstr("both `cert` and `key`"));
  EXPECT_THAT(problems_of("to: \"udp://x\", max_bytes: 70000"), HasSubstr("no datagram"));
  EXPECT_THAT(problems_of("to: \"udp://x\", max_bytes: 100"), HasSubstr("max_bytes"));
  EXPECT_THAT(problems_of("to: \"udp://x\", facility: locl0"), HasSubstr("local0"));
  EXPECT_THAT(problems_of("to: \"udp://x\", concurrency: 4"), HasSubstr("not supported"));
}

}  // namespace
}  // namespace trapline::gateway
