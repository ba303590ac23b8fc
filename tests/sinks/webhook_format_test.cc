#include "sinks/webhook_formats/webhook_format.h"

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "sinks/webhook_formats/event_words.h"
#include "tests/sinks/test_event.h"
#include "tests/support/process.h"
#include "tests/support/scratch_directory.h"

namespace trapline::sinks {
namespace {

using Json = nlohmann::json;

const protocol::mib::MibIndex& mibs() { return protocol::mib::MibIndex::built_in(); }

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

// Bodies, for a program that knows what the destinations accept.
class Bodies {
 public:
  void add(const std::string& format, const std::string& body) {
    paths_[format].push_back(
        scratch_.write(format + std::to_string(paths_[format].size()) + ".json", body));
  }
  // What the program that begins so says of all bodies of a format.
  std::string judged(std::vector<std::string> program, const std::string& format) {
    program.insert(program.end(), paths_[format].begin(), paths_[format].end());
    const auto done = test_support::run_program(program);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  }
  // tests/peers/webhook_checks.py has the published limits.
  void expect_accepted() {
    for (const std::string format : {"slack", "pagerduty", "teams", "alertmanager", "otlp"}) {
      if (!paths_[format].empty()) {
        judged({"python3", "-B", TRAPLINE_PEERS "/webhook_checks.py", format}, format);
      }
    }
  }

 private:
  test_support::ScratchDirectory scratch_;
  std::map<std::string, std::vector<std::string>> paths_;
};

std::string framed(WebhookFormat format, const std::string& piece) {
  const WebhookFrame& frame = frame_of(format);
  return std::string(frame.before) + piece + std::string(frame.after);
}

TEST(WebhookFormats, HostileTextsStayWithinTheLimitsOfEachDestination) {
  Bodies bodies;
  for (const std::string& text : hostile_texts()) {
    for (const bool as_summary : {false, true}) {
      const std::string octets = text.substr(0, 60'000);
      const TestEvent source(as_summary ? link_down() : trap_with_text(octets), "gw-1-7");
      rules::RoutedTrap event = source.event;
      event.verdict.state = rules::State::raise;
      const rules::Tag tags[] = {{text, text}};
      std::vector<rules::Tag> labels = {{"agent", "10.1.2.3"}, {"trap", "IF-MIB::linkDown"}};
      if (as_summary) {
        event.verdict.summary = text;
        event.verdict.key = text;
        event.verdict.tags = tags;
        labels.push_back(tags[0]);
      }
      event.verdict.labels = labels;
      bodies.add("slack", slack_piece(event, mibs()).body);
      bodies.add("pagerduty", pagerduty_piece(event, mibs(), "R0").body);
      bodies.add("teams", teams_piece(event, mibs()).body);
      EXPECT_LE(teams_piece(event, mibs()).body.size(), 14'000U);
      bodies.add("otlp", framed(WebhookFormat::otlp, otlp_piece(event, mibs()).body));
      bodies.add("alertmanager",
                 framed(WebhookFormat::alertmanager, alertmanager_piece(event).body));
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
  bodies.expect_accepted();
}

TEST(WebhookFormats, ManyObjectsFitATeamsCardAndItSaysHowManyDoNot) {
  using namespace test_support;  // NOLINT(google-build-using-namespace)
  const auto object = varbind("1.3.6.1.4.1.9.1.1", octet_string(std::string(3'000, '"')));
  const TestEvent source(v2c_trap({object, object, object, object, object, object, object, object,
                                   object, object, object, object, object, object, object, object}),
                         "gw-1-7");
  const std::string body = teams_piece(source.event, mibs()).body;
  Bodies bodies;
  bodies.add("teams", body);
  bodies.expect_accepted();
  EXPECT_LE(body.size(), 14'000U);
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

TEST(WebhookFormats, AnAlertIsItsLabelsAndTheyAreTheRaises) {
  const TestEvent source(link_down(), "gw-1-7");
  rules::RoutedTrap event = source.event;
  event.verdict.state = rules::State::raise;
  EXPECT_FALSE(takes(WebhookFormat::alertmanager, event)) << "no problem";
  const rules::Tag labels[] = {{"agent", "10.1.2.3"}, {"trap", "IF-MIB::linkDown"},
                               {"9-a.b", "x"},        {"_9_a_b", "of the same name"},
                               {"empty", ""},         {"key", "not this"},
                               {"\xc3\xa4", "umlaut"}};
  const rules::Tag other[] = {{"changed", "since"}};
  event.verdict.labels = labels;
  event.verdict.key = "if/7";
  event.verdict.severity = rules::Severity::major;
  ASSERT_TRUE(takes(WebhookFormat::alertmanager, event));
  const Json raise = Json::parse(alertmanager_piece(event).body);
  event.verdict.tags = other;
  event.verdict.state = rules::State::clear;
  event.verdict.severity = rules::Severity::cleared;
  event.verdict.raise_id = "gw-1-3";
  event.verdict.count = 2;
  event.verdict.first_time = {1'767'225'500'000'000'000};
  const Json clear = Json::parse(alertmanager_piece(event).body);
  const Json expected = {{"alertname", "IF-MIB::linkDown"},
                         {"agent", "10.1.2.3"},
                         {"key", "if/7"},
                         {"_9_a_b", "x"},
                         {"__", "umlaut"}};
  EXPECT_EQ(raise.at("labels"), expected);
  EXPECT_EQ(clear.at("labels"), expected);
  EXPECT_EQ(raise.at("annotations").at("severity"), "major");
  EXPECT_EQ(raise.at("annotations").at("summary"), "IF-MIB::linkDown from 10.1.2.3");
  EXPECT_EQ(raise.at("annotations").at("raise_id"), "gw-1-7");
  EXPECT_EQ(raise.at("startsAt"), "2026-01-01T00:00:00.123456Z");
  EXPECT_FALSE(raise.contains("endsAt"));
  EXPECT_EQ(clear.at("annotations").at("raise_id"), "gw-1-3");
  EXPECT_EQ(clear.at("startsAt"), "2025-12-31T23:58:20.000000Z");
  EXPECT_EQ(clear.at("endsAt"), "2026-01-01T00:00:00.123456Z");
}

TEST(WebhookFormats, AProblemIsToldAgainAsItsRaiseWas) {
  const TestEvent source(link_down(), "gw-1-7");
  rules::RoutedTrap event = source.event;
  const std::string summary(300, 's');
  const rules::Tag labels[] = {{"agent", "10.1.2.3"}, {"trap", "t"}, {"alertname", "mine"}};
  event.verdict.state = rules::State::raise;
  event.verdict.labels = labels;
  event.verdict.key = "if/7";
  event.verdict.summary = summary;
  rules::Problem problem{"if/7",
                         "gw-1-7",
                         event.verdict.severity,
                         summary.substr(0, 256),
                         1,
                         {1'767'225'600'123'456'789},
                         {}};
  for (const rules::Tag& label : labels) problem.labels.emplace_back(label.name, label.value);
  EXPECT_EQ(alertmanager_alert(problem), alertmanager_piece(event).body);
  EXPECT_EQ(Json::parse(alertmanager_alert(problem)).at("labels").at("alertname"), "mine");
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

// By OpenTelemetry's own messages, as a collector reads a request.
TEST(WebhookFormats, OtlpIsWhatACollectorReads) {
  ASSERT_TRUE(std::filesystem::exists(TRAPLINE_OTLP "/.complete"))
      << "no messages of OpenTelemetry in " TRAPLINE_OTLP ": run `./dev test`";
  Bodies bodies;
  for (const std::string& text : hostile_texts()) {
    const TestEvent source(trap_with_text(text.substr(0, 60'000)), "gw-1-7");
    rules::RoutedTrap event = source.event;
    const rules::Tag tags[] = {{text, text}};
    event.verdict.severity = rules::Severity::major;
    event.verdict.summary = "<b>\"summary\"";
    event.verdict.tags = tags;
    bodies.add("otlp", framed(WebhookFormat::otlp, otlp_piece(event, mibs()).body));
  }
  std::istringstream lines(bodies.judged(
      {TRAPLINE_OTLP "/bin/python", "-B", TRAPLINE_PEERS "/otlp/decoder.py"}, "otlp"));
  std::size_t records = 0;
  for (std::string line; std::getline(lines, line); ++records) {
    const Json record = Json::parse(line);
    EXPECT_EQ(record.at("resource").at("service.name"), "trapline");
    EXPECT_EQ(record.at("scope"), "trapline");
    EXPECT_EQ(record.at("time"), 1'767'225'600'123'456'789);
    EXPECT_EQ(record.at("observed"), 1'767'225'600'123'456'789);
    EXPECT_EQ(record.at("severity"), 17);
    EXPECT_EQ(record.at("severity_text"), "major");
    EXPECT_EQ(record.at("body"), "<b>\"summary\"");
    EXPECT_EQ(record.at("attributes").at("event.id"), "gw-1-7");
    EXPECT_TRUE(record.at("attributes").contains("snmp.varbind.1.3.6.1.4.1.9.1.1"));
  }
  EXPECT_EQ(records, hostile_texts().size());
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
