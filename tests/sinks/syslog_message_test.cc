#include "sinks/syslog_message.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"
#include "tests/sinks/test_event.h"

namespace trapline::sinks {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kBom = "\xef\xbb\xbf";

std::string message_of(const rules::RoutedTrap& event, const SyslogSinkOptions& options = {}) {
  std::string out;
  append_syslog_message(event, options, protocol::mib::MibIndex::built_in(), out);
  return out;
}

TEST(SyslogMessage, EveryPartStandsWhereTheRfcPutsIt) {
  const TestEvent test(link_down(), "gw-1-7f3a-42");
  EXPECT_EQ(message_of(test.event),
            "<30>1 2026-01-01T00:00:00.123456Z 10.1.2.3 trapline - linkDown "
            "[trapline@32473 id=\"gw-1-7f3a-42\" severity=\"info\" state=\"event\" "
            "agent=\"10.1.2.3\" oid=\"1.3.6.1.6.3.1.1.5.3\" trap=\"IF-MIB::linkDown\" "
            "key=\"10.1.2.3/1.3.6.1.6.3.1.1.5.3\" peer=\"10.1.2.3\"] "
            "IF-MIB::linkDown from 10.1.2.3 IF-MIB::ifIndex.7=\"7\" "
            "IF-MIB::ifAdminStatus.7=\"up(1)\" IF-MIB::ifOperStatus.7=\"down(2)\" "
            "IF-MIB::ifDescr.7=\"GigabitEthernet0/7\"");
}

TEST(SyslogMessage, SeveritiesAreThoseOfRfc5674) {
  TestEvent test(link_down(), "gw-1-1");
  SyslogSinkOptions options;
  options.facility = 23;
  const std::array<std::pair<rules::Severity, const char*>, 6> expected = {
      {{rules::Severity::critical, "<185>1 "},
       {rules::Severity::major, "<186>1 "},
       {rules::Severity::minor, "<187>1 "},
       {rules::Severity::warning, "<188>1 "},
       {rules::Severity::cleared, "<189>1 "},
       {rules::Severity::info, "<190>1 "}}};
  for (const auto& [severity, start] : expected) {
    test.event.verdict.severity = severity;
    EXPECT_THAT(message_of(test.event, options), StartsWith(start));
  }
}

TEST(SyslogMessage, VerdictTagsAndNodeAreTold) {
  TestEvent test(link_down(), "gw-1-7f3a-42");
  const std::array<rules::Tag, 2> tags = {{{"site", "a]b\"c\\d"}, {"no =name\"", "x"}}};
  test.event.verdict.tags = tags;
  test.event.verdict.summary = "Port \"7\" is down";
  test.event.verdict.key = "if/7";
  test.event.verdict.state = rules::State::raise;
  SyslogSinkOptions options;
  options.hostname = SyslogHostname::node;
  options.enterprise_number = 9;
  const std::string message = message_of(test.event, options);
  EXPECT_THAT(message, HasSubstr("Z gw-1 trapline - linkDown [trapline@9 id="));
  EXPECT_THAT(message, HasSubstr("state=\"raise\""));
  EXPECT_THAT(message, HasSubstr("key=\"if/7\""));
  EXPECT_THAT(message,
              HasSubstr("[tags@9 site=\"a\\]b\\\"c\\\\d\" no__name_=\"x\"] Port \"7\" is"));
}

TEST(SyslogMessage, ABomStandsBeforeWhatIsNotAscii) {
  const TestEvent ascii(trap_with_text("plain"), "gw-1-1");
  EXPECT_THAT(message_of(ascii.event), Not(HasSubstr(kBom)));
  const TestEvent utf8(trap_with_text("Gr\xc3\xbc\xc3\x9f"
                                      "e"),
                       "gw-1-1");
  EXPECT_THAT(message_of(utf8.event), HasSubstr("] " + std::string(kBom) + "IF-MIB::linkDown"));
}

TEST(SyslogMessage, AMessageThatIsTooLongSaysSo) {
  const TestEvent test(trap_with_text(std::string(65'000, 'x')), "gw-1-1");
  SyslogSinkOptions options;
  for (const std::uint32_t most : {480U, 2'048U, 8'192U}) {
    options.max_bytes = most;
    const std::string message = message_of(test.event, options);
    EXPECT_LE(message.size(), most);
    EXPECT_GE(message.size(), most - 4);
    EXPECT_THAT(message, HasSubstr(" shortened=\"65"));
    EXPECT_THAT(message, EndsWith("xx\xe2\x80\xa6"));
    EXPECT_TRUE(base::is_utf8(message));
  }
}

TEST(SyslogMessage, JsonIsWholeOrGivesWayToText) {
  const TestEvent test(trap_with_text(std::string(1'000, 'x')), "gw-1-1");
  SyslogSinkOptions options;
  options.format = SyslogFormat::json;
  options.max_bytes = 8'192;
  EXPECT_THAT(message_of(test.event, options), HasSubstr("] {\"schema\":1,"));
  EXPECT_THAT(message_of(test.event, options), EndsWith("}"));
  options.max_bytes = 1'024;
  EXPECT_THAT(message_of(test.event, options), Not(HasSubstr("{\"schema\"")));
  EXPECT_THAT(message_of(test.event, options), HasSubstr(" shortened=\""));
}

TEST(SyslogMessage, LongTagsGiveWayToTheLimit) {
  TestEvent test(link_down(), "gw-1-1");
  const std::string value(300, '"');
  const std::vector<rules::Tag> tags(64, {"tag", value});
  test.event.verdict.tags = tags;
  test.event.verdict.summary = value;
  test.event.verdict.key = value;
  SyslogSinkOptions options;
  for (const std::uint32_t most : {480U, 600U, 1'000U, 2'048U, 8'192U}) {
    options.max_bytes = most;
    const std::string message = message_of(test.event, options);
    EXPECT_LE(message.size(), most);
    EXPECT_THAT(message, HasSubstr(" shortened=\""));  // else tags would be missing without a sign
  }
}

TEST(SyslogMessage, TheNodeIsWhatStandsBeforeEpochAndNumber) {
  EXPECT_EQ(node_of_id("gw-1-7f3a-42"), "gw-1");
  EXPECT_EQ(node_of_id("gw-7f3a-42.1"), "gw");
  EXPECT_EQ(node_of_id("42"), "-");
  EXPECT_EQ(node_of_id(""), "-");
}

}  // namespace
}  // namespace trapline::sinks
