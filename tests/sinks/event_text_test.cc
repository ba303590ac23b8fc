#include "sinks/event_text.h"

#include <string>

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "tests/sinks/test_event.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

std::string render(const rules::RoutedTrap& event) {
  std::string out;
  append_event_text(event, protocol::mib::MibIndex::built_in(), out);
  return out;
}

TEST(EventText, ALinkDown) {
  const TestEvent event(link_down(), "gw-1-5f3a-17");
  EXPECT_EQ(render(event.event),
            "2026-01-01T00:00:00.123456Z info 10.1.2.3 IF-MIB::linkDown ifIndex.7=7 "
            "ifAdminStatus.7=up(1) ifOperStatus.7=down(2) ifDescr.7=\"GigabitEthernet0/7\" "
            "id=gw-1-5f3a-17");
}

TEST(EventText, WhatRulesDecidedIsShown) {
  TestEvent event(v2c_trap({}), "x");
  event.event.verdict.severity = rules::Severity::critical;
  event.event.verdict.state = rules::State::raise;
  event.event.verdict.summary = "uplink \"7\" is down";
  EXPECT_EQ(render(event.event),
            "2026-01-01T00:00:00.123456Z critical raise 10.1.2.3 IF-MIB::linkDown "
            "\"uplink \\\"7\\\" is down\" id=x");
}

TEST(EventText, WhatCouldHoldABlankIsQuoted) {
  const TestEvent event(v2c_trap({varbind("1.3.6.1.4.1.9.1", octet_string("a b\" id=fake")),
                                  varbind("1.3.6.1.4.1.9.2", octet_string("")),
                                  varbind("1.3.6.1.4.1.9.3", time_ticks(9'378'405)),
                                  varbind("1.3.6.1.4.1.9.4", hex("05 00")),
                                  varbind("1.3.6.1.4.1.9.5", hex("04 02 00 ff"))}),
                        "x");
  const std::string line = render(event.event);
  EXPECT_NE(line.find(R"(=1)"), 0U);
  EXPECT_TRUE(line.ends_with(
      R"(1.3.6.1.4.1.9.1="a b\" id=fake" 1.3.6.1.4.1.9.2="" 1.3.6.1.4.1.9.3="1 day, 2:03:04.05" )"
      R"(1.3.6.1.4.1.9.4="" 1.3.6.1.4.1.9.5=00ff id=x)"))
      << line;
}

TEST(EventText, HostileTextStaysOnOneLine) {
  for (const std::string text : {"a\r\nb", "\x1b[2J\x07",
                                 "\xe2\x80\xae"
                                 "evil",
                                 "\xff\xfe", "\" id=gw-1-5f3a-1\n"}) {
    for (const char* const name : {"1.3.6.1.4.1.9.1.1", "1.3.6.1.2.1.2.2.1.2.7"}) {
      const TestEvent event(trap_with_value(octet_string(text), name), "true-id");
      const std::string line = render(event.event);
      EXPECT_TRUE(base::is_printable_utf8(line));
      EXPECT_EQ(line.find("\xe2\x80\xae"), std::string::npos);
      EXPECT_TRUE(line.ends_with(" id=true-id"));
    }
  }
}

}  // namespace
}  // namespace trapline::sinks
