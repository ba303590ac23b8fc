#include "sinks/event_json.h"

#include <bit>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tests/sinks/test_event.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using nlohmann::json;
using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

std::string render(const rules::RoutedTrap& event) {
  std::string out;
  append_event_json(event, protocol::mib::MibIndex::built_in(), out);
  return out;
}

json parsed(const Octets& datagram) {
  const TestEvent event(datagram, "gw-1-5f3a-17");
  return json::parse(render(event.event));
}

json only_varbind(const Octets& value, std::string_view name = "1.3.6.1.4.1.9.1.1") {
  return parsed(trap_with_value(value, name)).at("varbinds").at(0);
}

TEST(EventJson, ALinkDownFieldByField) {
  const TestEvent event(link_down(), "gw-1-5f3a-17");
  EXPECT_EQ(json::parse(render(event.event)), json::parse(R"j({
    "schema": 1, "id": "gw-1-5f3a-17",
    "time": "2026-01-01T00:00:00.123456Z", "received_at": "2026-01-01T00:00:00.123456Z",
    "listener": "0.0.0.0:162", "peer": {"ip": "10.1.2.3", "port": 34567},
    "agent": {"ip": "10.1.2.3", "via": "peer"}, "version": "v2c", "pdu": "trap",
    "security": {"name": "core", "level": "noAuthNoPriv"},
    "trap": {"oid": "1.3.6.1.6.3.1.1.5.3", "name": "IF-MIB::linkDown", "module": "IF-MIB"},
    "uptime": 4711, "request_id": 305419896,
    "varbinds": [
      {"oid": "1.3.6.1.2.1.2.2.1.1.7", "name": "ifIndex.7", "type": "Integer32", "value": 7,
       "text": "7"},
      {"oid": "1.3.6.1.2.1.2.2.1.7.7", "name": "ifAdminStatus.7", "type": "Integer32",
       "value": 1, "text": "up(1)", "label": "up"
},
      {"oid": "1.3.6.1.2.1.2.2.1.8.7", "name": "ifOperStatus.7", "type": "Integer32",
       "value": 2, "text": "down(2)", "label": "down"},
      {"oid": "1.3.6.1.2.1.2.2.1.2.7", "name": "ifDescr.7", "type": "OCTET STRING",
       "value": "GigabitEthernet0/7", "text": "GigabitEthernet0/7"}],
    "severity": "info", "state": "event", "key": "10.1.2.3/1.3.6.1.6.3.1.1.5.3",
    "summary": "IF-MIB::linkDown from 10.1.2.3", "tags": {}, "rules": [], "flags": []
})j"));
}

TEST(EventJson, BeginsWithSchemaAndId) {
  const TestEvent event(link_down(), "gw-1-5f3a-17");
  EXPECT_TRUE(render(event.event).starts_with(R"({"schema":1,"id":"gw-1-5f3a-17","time":)"));
  const TestEvent nameless(link_down(), "");
  EXPECT_EQ(json::parse(render(nameless.event)).at("id"), "");
}

TEST(EventJson, AV1TrapCarriesItsEnterprise) {
  const json event = parsed(message(0, pdu_v1({})));
  EXPECT_EQ(event.at("version"), "v1");
  EXPECT_EQ(event.at("enterprise"), "1.3.6.1.4.1.8072");
  EXPECT_EQ(event.at("trap").at("oid"), "1.3.6.1.4.1.8072.0.17");
  EXPECT_EQ(event.at("trap").at("name"), "1.3.6.1.4.1.8072.0.17");
  EXPECT_EQ(event.at("trap").at("module"), "");
  EXPECT_EQ(event.at("request_id"), 0);
}

TEST(EventJson, V3SecurityHasEngineAndContext) {
  TestEvent event(link_down(), "x");
  const Octets engine = hex("80 00 1f 88 04");
  event.event.message.version = protocol::Version::v3;
  event.event.message.security = {"noc", protocol::SecurityLevel::auth_priv, engine, engine, "ctx"};
  EXPECT_EQ(json::parse(render(event.event)).at("security"),
            json::parse(R"({"name":"noc","level":"authPriv","engine_id":"80001f8804",)"
                        R"("context":"ctx"})"));
}

TEST(EventJson, TheVerdictOfRules) {
  TestEvent event(link_down(), "x");
  const rules::Tag tags[] = {{"team", "noc"}, {"a \"b\"", "c\nd"}};
  const std::string_view names[] = {"link-down", "r\"2"};
  rules::Verdict& verdict = event.event.verdict;
  verdict.severity = rules::Severity::critical;
  verdict.state = rules::State::raise;
  verdict.key = "k\"1";
  verdict.summary = "it is\ndown";
  verdict.tags = tags;
  verdict.rules = names;
  const json rendered = json::parse(render(event.event));
  EXPECT_EQ(rendered.at("severity"), "critical");
  EXPECT_EQ(rendered.at("state"), "raise");
  EXPECT_EQ(rendered.at("key"), "k\"1");
  EXPECT_EQ(rendered.at("summary"), "it is\ndown");
  EXPECT_EQ(rendered.at("tags"), json::parse(R"({"team":"noc","a \"b\"":"c\nd"})"));
  EXPECT_EQ(rendered.at("rules"), json::parse(R"(["link-down","r\"2"])"));
}

TEST(EventJson, FlagsByName) {
  Octets padded = link_down();
  padded.push_back(std::byte{0});
  EXPECT_EQ(parsed(padded).at("flags"), json::parse(R"(["trailing_bytes"])"));
}

TEST(EventJson, WhatTheRulesDidIsAmongTheFlags) {
  TestEvent event(link_down(), "x");
  event.event.message.flags.add(protocol::Tolerance::trailing_bytes);
  event.event.verdict.flags.set(rules::VerdictFlag::held);
  event.event.verdict.flags.set(rules::VerdictFlag::rule_error);
  EXPECT_EQ(json::parse(render(event.event)).at("flags"),
            json({"trailing_bytes", "held", "rule_error"}));
}

TEST(EventJson, ASyntheticEventSaysWhatMadeItAndWhen) {
  TestEvent event(link_down(), "n-1-9-1");
  const std::string_view causes[] = {"n-1-5", "n-1-6"};
  rules::Verdict& verdict = event.event.verdict;
  verdict.synthetic = rules::Synthetic::dedup;
  verdict.made = {1'767'225'660'000'000'000};
  verdict.count = 12;
  verdict.first_time = {1'767'225'600'000'000'000};
  verdict.raise_id = "n-1-2";
  verdict.causes = causes;
  const json rendered = json::parse(render(event.event));
  EXPECT_EQ(rendered.at("time"), "2026-01-01T00:01:00.000000Z");
  EXPECT_EQ(rendered.at("received_at"), "2026-01-01T00:00:00.123456Z");
  EXPECT_EQ(rendered.at("count"), 12);
  EXPECT_EQ(rendered.at("first_time"), "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(rendered.at("raise_id"), "n-1-2");
  EXPECT_EQ(rendered.at("synthetic"), "dedup");
  EXPECT_EQ(rendered.at("causes"), json({"n-1-5", "n-1-6"}));
}

TEST(EventJson, NumbersOfEachType) {
  EXPECT_EQ(only_varbind(integer(-5)).at("value"), -5);
  EXPECT_EQ(only_varbind(integer(-5)).at("text"), "-5");
  const json counter = only_varbind(tlv(0x46, hex("00 ff ff ff ff ff ff ff ff")));
  EXPECT_EQ(counter.at("type"), "Counter64");
  EXPECT_EQ(counter.at("value"), "18446744073709551615");
  EXPECT_EQ(counter.at("text"), "18446744073709551615");
  EXPECT_EQ(only_varbind(tlv(0x46, hex("20 00 00 00 00 00 00"))).at("value"), 1ULL << 53);
  EXPECT_EQ(only_varbind(tlv(0x42, hex("00 ff ff ff ff"))).at("value"), 4'294'967'295U);
}

TEST(EventJson, TimeTicksAreANumberAndReadable) {
  const json ticks = only_varbind(time_ticks(9'378'405));
  EXPECT_EQ(ticks.at("type"), "TimeTicks");
  EXPECT_EQ(ticks.at("value"), 9'378'405);
  EXPECT_EQ(ticks.at("text"), "1 day, 2:03:04.05");
}

TEST(EventJson, AddressesOidsNullAndExceptions) {
  EXPECT_EQ(only_varbind(tlv(0x40, hex("c0 00 02 01"))).at("value"), "192.0.2.1");
  const json oid_value = only_varbind(oid("1.3.6.1.6.3.1.1.5.4"));
  EXPECT_EQ(oid_value.at("value"), "1.3.6.1.6.3.1.1.5.4");
  EXPECT_EQ(oid_value.at("text"), "IF-MIB::linkUp");
  EXPECT_TRUE(only_varbind(hex("05 00")).at("value").is_null());
  const json exception = only_varbind(hex("80 00"));
  EXPECT_TRUE(exception.at("value").is_null());
  EXPECT_EQ(exception.at("text"), "noSuchObject");
}

TEST(EventJson, OpaqueNumbersAreNumbers) {
  const json single = only_varbind(tlv(0x44, hex("9f 78 04 3f c0 00 00")));
  EXPECT_EQ(single.at("value"), 1.5);
  EXPECT_EQ(single.at("text"), "1.5");
  EXPECT_EQ(only_varbind(tlv(0x44, hex("9f 79 08 40 02 00 00 00 00 00 00"))).at("value"), 2.25);
  const json not_a_number = only_varbind(tlv(0x44, hex("9f 78 04 7f c0 00 00")));
  EXPECT_TRUE(not_a_number.at("value").is_null());
  EXPECT_EQ(not_a_number.at("text"), "nan");
  EXPECT_EQ(only_varbind(tlv(0x44, hex("9f 7a 01 b3"))).at("value"), -77);
}

TEST(EventJson, WhatIsKeptUndecodedIsHex) {
  const json raw = only_varbind(hex("40 03 01 02 03"));  // an IpAddress of three octets
  EXPECT_EQ(raw.at("type"), "raw");
  EXPECT_EQ(raw.at("value"), "010203");
  EXPECT_EQ(raw.at("hex"), "010203");
  EXPECT_EQ(raw.at("text"), "0x40: 010203");
  EXPECT_EQ(only_varbind(hex("44 02 0a 0b")).at("hex"), "0a0b");
}

TEST(EventJson, OctetStringsAreTextOrHex) {
  EXPECT_EQ(only_varbind(octet_string("grün")).at("value"), "grün");
  EXPECT_FALSE(only_varbind(octet_string("grün")).contains("hex"));
  EXPECT_EQ(only_varbind(octet_string("")).at("value"), "");
  const json binary = only_varbind(octet_string(std::string_view("a\0b", 3)));
  EXPECT_EQ(binary.at("value"), "610062");
  EXPECT_EQ(binary.at("text"), "610062");
  EXPECT_EQ(binary.at("hex"), "610062");
}

TEST(EventJson, TheMibSaysWhatAnOctetStringIs) {
  const json mac = only_varbind(tlv(0x04, hex("00 1b 44 11 3a b7")), "1.3.6.1.2.1.2.2.1.6.7");
  EXPECT_EQ(mac.at("name"), "ifPhysAddress.7");
  EXPECT_EQ(mac.at("value"), "001b44113ab7");
  EXPECT_EQ(mac.at("text"), "00:1b:44:11:3a:b7");
  EXPECT_EQ(mac.at("hex"), "001b44113ab7");
  const json text = only_varbind(octet_string("eth0\r\n"), "1.3.6.1.2.1.2.2.1.2.7");
  EXPECT_EQ(text.at("value"), "eth0\r\n");
  EXPECT_FALSE(text.contains("hex"));
  const json broken = only_varbind(tlv(0x04, hex("65 ff")), "1.3.6.1.2.1.2.2.1.2.7");
  EXPECT_EQ(broken.at("value"), "e\xef\xbf\xbd");
  EXPECT_EQ(broken.at("hex"), "65ff");
}

// Every hostile string must stay on one line, read back as JSON, and be there in full.
TEST(EventJson, HostileTextStaysOnOneValidLine) {
  const std::string hostile[] = {"<script>alert(1)</script>&amp;'",
                                 "a\r\nb\nc",
                                 "\"\\\"},{\"x\":1",
                                 "\x1b[2J\x1b]0;t\x07",
                                 "\xe2\x80\xae"
                                 "evil\xe2\x81\xa6",
                                 "\xff\xfe\xc3(",
                                 std::string(64'000, '"'),
                                 std::string(64'000, '\x01'),
                                 std::string("\0\0", 2),
                                 "\xe2\x80\xa8{{7*7}}%n%s${jndi:x}"};
  for (const std::string& text : hostile) {
    for (const char* const name : {"1.3.6.1.4.1.9.1.1", "1.3.6.1.2.1.2.2.1.2.7"}) {
      const TestEvent event(trap_with_value(octet_string(text), name), "id");
      const std::string line = render(event.event);
      EXPECT_TRUE(base::is_printable_utf8(line));
      const json varbind_json = json::parse(line).at("varbinds").at(0);
      std::string hex_text;
      for (const unsigned char octet : text) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        hex_text += kDigits[octet >> 4];
        hex_text += kDigits[octet & 0xf];
      }
      const bool whole =
          varbind_json.at("value") == text || varbind_json.value("hex", "") == hex_text;
      EXPECT_TRUE(whole);
    }
  }
}

TEST(EventJson, HostileNamesOfOursAreEscapedToo) {
  TestEvent event(link_down(), "id\"\n");
  event.event.message.listener = "l\"\n";
  event.event.message.community = "c\"\n";
  const json rendered = json::parse(render(event.event));
  EXPECT_EQ(rendered.at("id"), "id\"\n");
  EXPECT_EQ(rendered.at("listener"), "l\"\n");
  EXPECT_EQ(rendered.at("security").at("name"), "c\"\n");
}

TEST(EventJson, NothingIsTooLong) {
  std::string longest = "1.3.6.1.4.1";
  for (int i = 6; i < 128; ++i) longest += ".4294967295";
  Octets varbinds;
  for (int i = 0; i < 60; ++i) varbinds = join({varbinds, varbind(longest, oid(longest))});
  const json event =
      parsed(message(1, pdu_v2(0xa7, 1, {uptime_varbind(), trap_oid_varbind(longest), varbinds})));
  EXPECT_EQ(event.at("trap").at("oid"), longest);
  ASSERT_EQ(event.at("varbinds").size(), 60U);
  for (const json& each : event.at("varbinds")) EXPECT_EQ(each.at("value"), longest);
}

TEST(EventJson, AppendsAndLeavesWhatIsThere) {
  const TestEvent event(link_down(), "x");
  std::string out = "before ";
  append_event_json(event.event, protocol::mib::MibIndex::built_in(), out);
  EXPECT_EQ(out, "before " + render(event.event));
}

}  // namespace
}  // namespace trapline::sinks
