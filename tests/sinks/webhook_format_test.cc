#include "sinks/webhook_formats/webhook_format.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "sinks/webhook_formats/event_words.h"
#include "tests/sinks/test_event.h"

namespace trapline::sinks {
namespace {

using Json = nlohmann::json;

const protocol::mib::MibIndex& mibs() { return protocol::mib::MibIndex::built_in(); }

// Characters of a text of JSON, as the destinations count them.
std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80 ? 1 : 0;
  return count;
}

// Octets that have broken somebody's sink before.
std::vector<std::string> hostile_texts() {
  return {"",
          "<!channel> <http://evil.example|click> & *bold* `code`",
          "line\r\nX-Injected: yes\r\n\r\n{\"a\":1}",
          R"("},{"evil":"\u0000)",
          std::string(65'000, 'A'),
          std::string(65'000, '<'),
          std::string(65'000, '"'),
          std::string(65'000, '\x01'),
          "\xff\xfe\xc3\x28\xf0\x9f\x98",
          "\xe2\x80\xae"
          "gnp.exe \xe2\x80\xa8 \x1b[31m \x9b",
          std::string("a\0b", 3)};
}

void expect_slack(const std::string& body) {
  ASSERT_TRUE(base::is_utf8(body));
  const Json json = Json::parse(body);
  std::size_t all = 0;
  const auto check = [&](const Json& text, std::size_t most) {
    const auto value = text.get<std::string>();
    EXPECT_LE(characters(value), most);
    EXPECT_GE(characters(value), 1U);
    all += characters(value);
  };
  EXPECT_LE(json.at("blocks").size(), 50U);
  check(json.at("text"), 40'000);
  for (const Json& block : json.at("blocks")) {
    if (block.at("type") == "header") {
      EXPECT_EQ(block.at("text").at("type"), "plain_text");
      check(block.at("text").at("text"), 150);
      continue;
    }
    if (block.at("type") == "context") {
      EXPECT_LE(block.at("elements").size(), 10U);
      check(block.at("elements").at(0).at("text"), 3'000);
      continue;
    }
    EXPECT_EQ(block.at("type"), "section");
    const auto text = block.at("text").at("text").get<std::string>();
    EXPECT_EQ(text.find('<'), std::string::npos) << "nothing is a link or a mention";
    check(block.at("text").at("text"), 3'000);
  }
  EXPECT_LE(all, 13'200U);
}

void expect_pagerduty(const std::string& body) {
  ASSERT_TRUE(base::is_utf8(body));
  EXPECT_LE(body.size(), 512U * 1'000);
  const Json json = Json::parse(body);
  EXPECT_EQ(json.at("routing_key"), "R0");
  EXPECT_LE(characters(json.at("dedup_key").get<std::string>()), 255U);
  EXPECT_FALSE(json.at("dedup_key").get<std::string>().empty());
  const Json& payload = json.at("payload");
  EXPECT_LE(characters(payload.at("summary").get<std::string>()), 1'024U);
  EXPECT_FALSE(payload.at("summary").get<std::string>().empty());
  EXPECT_FALSE(payload.at("source").get<std::string>().empty());
  const auto severity = payload.at("severity").get<std::string>();
  EXPECT_TRUE(severity == "critical" || severity == "error" || severity == "warning" ||
              severity == "info");
  EXPECT_TRUE(payload.at("custom_details").is_object());
}

void expect_teams(const std::string& body) {
  ASSERT_TRUE(base::is_utf8(body));
  EXPECT_LE(body.size(), 14'000U);
  const Json json = Json::parse(body);
  EXPECT_EQ(json.at("type"), "message");
  const Json& card = json.at("attachments").at(0);
  EXPECT_EQ(card.at("contentType"), "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(card.at("content").at("type"), "AdaptiveCard");
  for (const Json& block : card.at("content").at("body")) {
    EXPECT_EQ(block.at("type"), "RichTextBlock") << "a TextBlock would read markup";
  }
}

TEST(WebhookFormats, HostileTextsStayWithinTheLimitsOfEachDestination) {
  for (const std::string& text : hostile_texts()) {
    for (const bool as_summary : {false, true}) {
      const std::string octets = text.substr(0, 60'000);
      const TestEvent source(as_summary ? link_down() : trap_with_text(octets), "gw-1-7");
      rules::RoutedTrap event = source.event;
      event.verdict.state = rules::State::raise;
      const rules::Tag tags[] = {{text, text}};
      if (as_summary) {
        event.verdict.summary = text;
        event.verdict.key = text;
        event.verdict.tags = tags;
      }
      expect_slack(slack_piece(event, mibs()).body);
      expect_pagerduty(pagerduty_piece(event, mibs(), "R0").body);
      expect_teams(teams_piece(event, mibs()).body);
      for (const WebhookPiece& piece : {json_piece(event, mibs()), otlp_piece(event, mibs()),
                                        cloudevents_piece(event, mibs())}) {
        EXPECT_TRUE(base::is_utf8(piece.body));
        EXPECT_TRUE(Json::accept(piece.body));
        for (const auto& [name, value] : piece.headers) {
          for (const char c : value) EXPECT_TRUE(c > 0x20 && c < 0x7f) << name;
        }
      }
    }
  }
}

TEST(WebhookFormats, ManyObjectsFitATeamsCardAndItSaysHowManyDoNot) {
  using namespace test_support;  // NOLINT(google-build-using-namespace)
  const auto object = varbind("1.3.6.1.4.1.9.1.1", octet_string(std::string(3'000, '"')));
  const TestEvent source(v2c_trap({object, object, object, object, object, object, object, object,
                                   object, object, object, object, object, object, object, object}),
                         "gw-1-7");
  const std::string body = teams_piece(source.event, mibs()).body;
  expect_teams(body);
  EXPECT_NE(body.find("more objects"), std::string::npos);
}

TEST(WebhookFormats, PagerdutyTakesRaisesAndClearsUnderOneKey) {
  const TestEvent source(link_down(), "gw-1-7");
  rules::RoutedTrap event = source.event;
  EXPECT_FALSE(takes(WebhookFormat::pagerduty, event));
  EXPECT_TRUE(takes(WebhookFormat::slack, event));
  const std::string key(300, 'k');
  event.verdict.key = key;
  event.verdict.severity = rules::Severity::major;
  event.verdict.state = rules::State::raise;
  ASSERT_TRUE(takes(WebhookFormat::pagerduty, event));
  const Json raise = Json::parse(pagerduty_piece(event, mibs(), "R0").body);
  event.verdict.state = rules::State::clear;
  const Json clear = Json::parse(pagerduty_piece(event, mibs(), "R0").body);
  EXPECT_EQ(raise.at("event_action"), "trigger");
  EXPECT_EQ(clear.at("event_action"), "resolve");
  EXPECT_EQ(raise.at("dedup_key"), clear.at("dedup_key"));
  EXPECT_EQ(raise.at("payload").at("severity"), "error");
  const std::string other = std::string(299, 'k') + "j";
  event.verdict.key = other;
  EXPECT_NE(Json::parse(pagerduty_piece(event, mibs(), "R0").body).at("dedup_key"),
            clear.at("dedup_key"));
}

TEST(WebhookFormats, OtlpRecordsHaveTheirTypes) {
  const TestEvent source(link_down(), "gw-1-7");
  rules::RoutedTrap event = source.event;
  event.verdict.severity = rules::Severity::critical;
  const WebhookFrame& frame = frame_of(WebhookFormat::otlp);
  const std::string one = otlp_piece(event, mibs()).body;
  const Json json = Json::parse(std::string(frame.before) + one + std::string(frame.between) + one +
                                std::string(frame.after));
  const Json& records = json.at("resourceLogs").at(0).at("scopeLogs").at(0).at("logRecords");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].at("timeUnixNano"), "1767225600123456789");
  EXPECT_EQ(records[0].at("severityNumber"), 21);
  EXPECT_EQ(records[0].at("body").at("stringValue"), "IF-MIB::linkDown from 10.1.2.3");
  for (const Json& attribute : records[0].at("attributes")) {
    EXPECT_TRUE(attribute.at("key").is_string());
    EXPECT_TRUE(attribute.at("value").at("stringValue").is_string());
  }
}

TEST(WebhookFormats, CloudeventsAttributesAreHeaders) {
  const TestEvent source(link_down(), "gw-1-7");
  const WebhookPiece piece = cloudevents_piece(source.event, mibs());
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"ce-specversion", "1.0"},
      {"ce-id", "gw-1-7"},
      {"ce-source", "/trapline/10.1.2.3"},
      {"ce-type", "trapline.snmp.notification.v1"},
      {"ce-time", "2026-01-01T00:00:00.123456Z"},
      {"ce-subject", "IF-MIB::linkDown"}};
  EXPECT_EQ(piece.headers, expected);
}

TEST(EventWords, TextsAreCutBetweenCharacters) {
  EXPECT_EQ(cut_to("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to("abcdefg", 6), "abc\xe2\x80\xa6");
  EXPECT_EQ(cut_to("ab\xc3\xa4\xc3\xa4", 6), "ab\xc3\xa4\xc3\xa4");
  EXPECT_EQ(cut_to("ab\xc3\xa4\xc3\xa4g", 6), "ab\xe2\x80\xa6");
  EXPECT_EQ(cut_to("\xff", 6), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace trapline::sinks
