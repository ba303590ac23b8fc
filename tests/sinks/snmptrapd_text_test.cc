#include "sinks/snmptrapd_text.h"

#include <stdlib.h>
#include <time.h>

#include <string>

#include <gtest/gtest.h>

#include "tests/sinks/test_event.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

constexpr std::string_view kHeader =
    "2026-01-01 00:00:00 <UNKNOWN> [UDP: [10.1.2.3]:34567->[10.0.0.1]:162]:\n";
constexpr std::string_view kStandard =
    "SNMPv2-MIB::sysUpTime.0 = Timeticks: (4711) 0:00:47.11\t"
    "SNMPv2-MIB::snmpTrapOID.0 = OID: IF-MIB::linkDown";

class SnmptrapdText : public testing::Test {
 protected:
  void SetUp() override { set_time_zone("UTC0"); }

  static void set_time_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  static std::string render(const rules::RoutedTrap& event) {
    std::string out;
    append_snmptrapd_text(event, protocol::mib::MibIndex::built_in(), out);
    return out;
  }
  static std::string render(const Octets& datagram) {
    return render(TestEvent(datagram, "x").event);
  }
  // What is printed behind "= " for one value.
  static std::string value(const Octets& octets, std::string_view name = "1.3.6.1.4.1.9.1") {
    const std::string text = render(trap_with_value(octets, name));
    return text.substr(text.rfind(" = ") + 3);
  }
};

TEST_F(SnmptrapdText, AV2cTrapIsTwoLines) {
  EXPECT_EQ(render(link_down()),
            std::string(kHeader) + std::string(kStandard) +
                "\tIF-MIB::ifIndex.7 = INTEGER: 7\tIF-MIB::ifAdminStatus.7 = INTEGER: up(1)"
                "\tIF-MIB::ifOperStatus.7 = INTEGER: down(2)"
                "\tIF-MIB::ifDescr.7 = STRING: GigabitEthernet0/7");
}

TEST_F(SnmptrapdText, TheTimeIsLocal) {
  set_time_zone("XXX-5:30");
  EXPECT_TRUE(render(link_down()).starts_with("2026-01-01 05:30:00 <UNKNOWN>"));
  set_time_zone("UTC0");
}

TEST_F(SnmptrapdText, AnIpv6PeerIsShownWithoutTheLocalEnd) {
  TestEvent event(link_down(), "x");
  event.event.message.peer = *base::Endpoint::parse("[2001:db8::1]:5");
  EXPECT_TRUE(render(event.event)
                  .starts_with("2026-01-01 00:00:00 <UNKNOWN> [UDP/IPv6: [2001:db8::1]:5]:\n"));
}

TEST_F(SnmptrapdText, AV1TrapIsThreeLinesAndShowsNoCommunity) {
  EXPECT_EQ(render(message(0, pdu_v1({.varbinds = varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7))}))),
            "2026-01-01 00:00:00 192.0.2.1 [192.0.2.1] (via UDP: "
            "[10.1.2.3]:34567->[10.0.0.1]:162) TRAP, SNMP v1, community core\n"
            "\tSNMPv2-SMI::enterprises.8072 Enterprise Specific Trap (17) Uptime: 0:00:47.11\n"
            "\tIF-MIB::ifIndex.7 = INTEGER: 7");
  const std::string bare =
      render(message(0, pdu_v1({.generic = 2, .specific = 0, .varbinds = {}})));
  EXPECT_TRUE(bare.ends_with("8072 Link Down Trap (0) Uptime: 0:00:47.11\n")) << bare;
}

TEST_F(SnmptrapdText, ValuesOfEachType) {
  EXPECT_EQ(value(integer(-5)), "INTEGER: -5");
  EXPECT_EQ(value(tlv(0x42, hex("05"))), "Gauge32: 5");
  EXPECT_EQ(value(tlv(0x41, hex("06"))), "Counter32: 6");
  EXPECT_EQ(value(time_ticks(12'345'678)), "Timeticks: (12345678) 1 day, 10:17:36.78");
  EXPECT_EQ(value(tlv(0x40, hex("0a 01 02 03"))), "IpAddress: 10.1.2.3");
  EXPECT_EQ(value(oid("1.3.6.1.6.3.1.1.5.4")), "OID: IF-MIB::linkUp");
  EXPECT_EQ(value(tlv(0x46, hex("00 ff ff ff ff ff ff ff ff"))), "Counter64: 18446744073709551615");
  EXPECT_EQ(value(hex("05 00")), "NULL");
  EXPECT_EQ(value(tlv(0x44, hex("9f 78 04 3f c0 00 00"))), "Opaque: Float: 1.500000");
  EXPECT_EQ(value(tlv(0x44, hex("9f 79 08 40 02 00 00 00 00 00 00"))), "Opaque: Float: 2.250000");
  EXPECT_EQ(value(tlv(0x44, hex("9f 7a 01 b3"))), "Opaque: Int64: -77");
  EXPECT_EQ(value(tlv(0x44, hex("9f 7b 01 58"))), "Opaque: UInt64: 88");
}

TEST_F(SnmptrapdText, OctetStrings) {
  EXPECT_EQ(value(octet_string("eth \"0\" \\ x")), R"(STRING: "eth \"0\" \\ x")");
  EXPECT_EQ(value(octet_string("")), "\"\"");
  EXPECT_EQ(value(hex("04 06 00 1b 44 11 3a b7")), "Hex-STRING: 00 1B 44 11 3A B7 ");
  EXPECT_EQ(value(octet_string("ünï")), "Hex-STRING: C3 BC 6E C3 AF ");
  EXPECT_EQ(value(octet_string("eth \"0\" ü"), "1.3.6.1.2.1.2.2.1.2.7"), "STRING: eth \"0\" ü");
  EXPECT_EQ(value(hex("04 06 00 1b 44 11 3a b7"), "1.3.6.1.2.1.2.2.1.6.7"),
            "STRING: 0:1b:44:11:3a:b7");
}

TEST_F(SnmptrapdText, NamesWithoutAMib) {
  const std::string text =
      render(v2c_trap({varbind("1.0.8802.1", integer(1)), varbind("2.5.4", integer(1)),
                       varbind("0.5.1", integer(1)), varbind("1.3.6.1.4.1.9.1", integer(1))}));
  EXPECT_TRUE(
      text.ends_with("\tiso.0.8802.1 = INTEGER: 1\tjoint-iso-ccitt.5.4 = INTEGER: 1"
                     "\tccitt.5.1 = INTEGER: 1\tSNMPv2-SMI::enterprises.9.1 = INTEGER: 1"))
      << text;
}

TEST_F(SnmptrapdText, HostileTextAddsNoLine) {
  for (const char* const text : {"a\nb", "\r\n2026-01-01 00:00:00 <UNKNOWN>", "\x1b[2J", "\ttab",
                                 "\xe2\x80\xae"
                                 "evil",
                                 "\xe2\x80\xa8"}) {
    for (const char* const name : {"1.3.6.1.4.1.9.1", "1.3.6.1.2.1.2.2.1.2.7"}) {
      EXPECT_TRUE(value(octet_string(text), name).starts_with("Hex-STRING: ")) << text;
    }
  }
}

}  // namespace
}  // namespace trapline::sinks
