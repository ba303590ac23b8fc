#include "gateway/config/webhook_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

base::Result<Config, ConfigErrors> load(const std::string& sink) {
  const test_support::ScratchDirectory scratch;
  return load_config(scratch.write("c.yaml", "sinks: { a: { type: webhook, " + sink + " } }\n"));
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

TEST(WebhookSection, EveryKeyIsRead) {
  const auto config = load(
      R"(format: json, url: "https://h.example:8443/a?b", headers: { X-Team: noc },
         signing_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", timeout_ms: 3000,
         tls: { ca: /ca.pem, cert: /c.pem, key: /k.pem, server_name: h.example }, method: PUT,
         template: '{ "it": "{{ summary | json }}" }', rate_limit: { per_sec: 5, burst: 9 },
         batch: { events: 10, bytes: 4096, wait_ms: 50 }, concurrency: 4, max_age_secs: 60,
         required: true, start: oldest)");
  ASSERT_TRUE(config) << config.error().lines.front();
  ASSERT_THAT(config->webhook_sinks, SizeIs(1));
  const WebhookSinkConfig& sink = config->webhook_sinks[0];
  EXPECT_EQ(sink.name, "a");
  EXPECT_EQ(sink.options.target.scheme_host_port, "https://h.example:8443");
  EXPECT_EQ(base::as_text(sink.options.target.path.reveal()), "/a?b");
  EXPECT_EQ(sink.options.target.timeout, std::chrono::seconds(3));
  EXPECT_EQ(sink.options.target.connect_timeout, std::chrono::seconds(3));
  EXPECT_EQ(sink.options.target.tls.ca_path, "/ca.pem");
  EXPECT_EQ(sink.options.target.tls.server_name, "h.example");
  EXPECT_EQ(sink.options.target.method, "PUT");
  ASSERT_TRUE(sink.body);
  EXPECT_EQ(sink.body->text, R"({ "it": "{{ summary | json }}" })");
  ASSERT_THAT(sink.options.headers, SizeIs(1));
  EXPECT_EQ(sink.options.headers[0].first, "X-Team");
  EXPECT_EQ(base::as_text(sink.options.headers[0].second.reveal()), "noc");
  EXPECT_TRUE(sink.options.signer);
  EXPECT_EQ(sink.per_sec, 5U);
  EXPECT_EQ(sink.burst, 9U);
  EXPECT_EQ(sink.options.batch.events, 10U);
  EXPECT_EQ(sink.options.batch.bytes, 4'096U);
  EXPECT_EQ(sink.options.batch.wait, std::chrono::milliseconds(50));
  EXPECT_EQ(sink.options.lanes, 4U);
  EXPECT_EQ(sink.max_age, std::chrono::seconds(60));
  EXPECT_TRUE(sink.required);
  EXPECT_TRUE(sink.start_oldest);
}

TEST(WebhookSection, DestinationsHaveTheirDefaults) {
  const auto slack = load("format: slack, url: \"https://hooks.example.net/x\"");
  ASSERT_TRUE(slack);
  EXPECT_EQ(slack->webhook_sinks[0].per_sec, 1U);
  const auto pagerduty = load("format: pagerduty, routing_key: R0");
  ASSERT_TRUE(pagerduty) << pagerduty.error().lines.front();
  EXPECT_EQ(pagerduty->webhook_sinks[0].options.target.scheme_host_port,
            "https://events.pagerduty.com");
}

TEST(WebhookSection, AlertsGoToTheirPath) {
  const auto path_of = [](const std::string& url) {
    const auto config = load("format: alertmanager, resend_secs: 30, url: \"" + url + "\"");
    if (!config) return config.error().lines.front();
    EXPECT_EQ(config->webhook_sinks[0].options.resend, std::chrono::seconds(30));
    EXPECT_EQ(config->webhook_sinks[0].options.batch.events, 64U);
    return std::string(base::as_text(config->webhook_sinks[0].options.target.path.reveal()));
  };
  EXPECT_EQ(path_of("http://127.0.0.1:9093"), "/api/v2/alerts");
  EXPECT_EQ(path_of("http://h/prefix/"), "/prefix/api/v2/alerts");
  EXPECT_EQ(path_of("http://h/prefix/api/v2/alerts?x=y"), "/prefix/api/v2/alerts?x=y");
  EXPECT_EQ(path_of("http://h?x=y"), "/api/v2/alerts?x=y");
}

TEST(WebhookSection, MistakesAreNamedAndSecretsAreNot) {
  EXPECT_THAT(problems_of("format: json"), HasSubstr("`sinks.a.url`"));
  EXPECT_THAT(problems_of("format: pagerduty"), HasSubstr("`sinks.a.routing_key`"));
  EXPECT_THAT(problems_of("url: \"ftp://s3cret/\""), HasSubstr("is no http or https URL"));
  EXPECT_THAT(problems_of("url: \"ftp://s3cret/\""), ::testing::Not(HasSubstr("s3cret")));
  const std::string good = "url: \"https://h/\", ";
  EXPECT_THAT(problems_of(good + "signing_secret: whsec_short"), HasSubstr("signing secret"));
  EXPECT_THAT(problems_of(good + "headers: { Host: x }"), HasSubstr("`Host` cannot be set"));
  EXPECT_THAT(problems_of(good + "headers: { \"A b\": x }"), HasSubstr("cannot be set"));
  EXPECT_THAT(problems_of(good + R"(headers: { A: "x\r\nB: y" })"), HasSubstr("control character"));
  EXPECT_THAT(problems_of(good + "format: slack, batch: { events: 2 }"),
              HasSubstr("takes one event"));
  EXPECT_THAT(problems_of(good + "tls: { cert: /c.pem }"), HasSubstr("needs both"));
  EXPECT_THAT(problems_of(good + "format: slack, template: x"), HasSubstr("is for `format: json`"));
  EXPECT_THAT(problems_of(good + "method: GET"), HasSubstr("`sinks.a.method`"));
  EXPECT_THAT(problems_of(good + "format: alertmanager, concurrency: 2"),
              HasSubstr("one after the other"));
  EXPECT_THAT(problems_of(good + "format: slack, resend_secs: 2"),
              HasSubstr("is for `format: alertmanager`"));
  EXPECT_THAT(problems_of(good + "format: alertmanager, resend_secs: 241"), HasSubstr("241"));
  EXPECT_THAT(problems_of(good + "concurency: 2"), HasSubstr("did you mean `concurrency`?"));
}

}  // namespace
}  // namespace trapline::gateway
