#include "protocol/translation.h"

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::message;
using test_support::Octets;
using test_support::oid;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::trap_oid_varbind;
using test_support::TrapV1;
using test_support::uptime_varbind;
using test_support::varbind;

constexpr std::string_view kName = "1.3.6.1.2.1.2.2.1.1.7";

// A decoded message about 192.0.2.80, as access would say.
struct Received {
  explicit Received(const Octets& octets) : copy(octets) {
    const auto decoded = decode(copy.bytes(), kDefaultMaxVarbinds, scratch);
    EXPECT_TRUE(decoded);
    if (decoded) trap = decoded->message;
    trap.agent = base::IpAddress::v4({192, 0, 2, 80});
  }

  ExactCopy copy;
  DecodeScratch scratch;
  TrapMessage trap;
};

Octets v2_trap(std::string_view trap_oid, const Octets& varbinds = {}) {
  return message(1, pdu_v2(0xa7, 1, {uptime_varbind(), trap_oid_varbind(trap_oid), varbinds}));
}

std::string v1_trap_oid_text(std::string_view enterprise, std::int32_t generic,
                             std::int32_t specific) {
  std::vector<std::byte> room;
  const Oid oid = *Oid::parse(enterprise);
  const auto trap_oid = v1_trap_oid(oid, generic, specific, room);
  return trap_oid ? trap_oid->to_string() : "none";
}

TEST(V1TrapOid, OfGenericTrapsIsTheStandardOne) {
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 0, 0), "1.3.6.1.6.3.1.1.5.1");
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 5, 77), "1.3.6.1.6.3.1.1.5.6");
}

TEST(V1TrapOid, OfEnterpriseSpecificTrapsHasAZeroBetween) {
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 6, 1), "1.3.6.1.4.1.9.0.1");
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 6, 300), "1.3.6.1.4.1.9.0.300");
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 6, -1), "1.3.6.1.4.1.9.0.4294967295");
  EXPECT_EQ(v1_trap_oid_text("1.3.6.1.4.1.9", 7, 4), "1.3.6.1.4.1.9.0.4");
}

TEST(V1TrapOid, OfTheEmptyEnterpriseStandsBelowZeroDotZero) {
  std::vector<std::byte> room;
  EXPECT_EQ(v1_trap_oid(OidView(), 6, 7, room)->to_string(), "0.0.0.7");
}

TEST(ToV1, AStandardTrapIsGeneric) {
  const Received received(v2_trap("1.3.6.1.6.3.1.1.5.3", varbind(kName, integer(7))));
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.generic, 2);
  EXPECT_EQ(out.specific, 0);
  EXPECT_EQ(out.enterprise.to_string(), "1.3.6.1.6.3.1.1.5");
  EXPECT_EQ(out.agent_addr, base::IpAddress::v4({192, 0, 2, 80}));
  EXPECT_EQ(out.uptime, 4711U);
  EXPECT_EQ(out.varbinds.size(), 1U);
  EXPECT_EQ(out.left_out, 0U);
}

TEST(ToV1, AStandardTrapTakesItsEnterpriseFromSnmpTrapEnterprise) {
  const Received received(
      v2_trap("1.3.6.1.6.3.1.1.5.1", varbind("1.3.6.1.6.3.1.1.4.3.0", oid("1.3.6.1.4.1.9.1.5"))));
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.generic, 0);
  EXPECT_EQ(out.enterprise.to_string(), "1.3.6.1.4.1.9.1.5");
}

TEST(ToV1, OthersAreSplitAtTheirLastSubIdentifier) {
  const Received received(v2_trap("1.3.6.1.4.1.9.9.300"));
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.generic, 6);
  EXPECT_EQ(out.enterprise.to_string(), "1.3.6.1.4.1.9.9");
  EXPECT_EQ(out.specific, 300);
}

TEST(ToV1, AZeroBeforeTheLastSubIdentifierIsNoPartOfTheEnterprise) {
  const Received received(v2_trap("1.3.6.1.4.1.8072.4.0.2"));
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.enterprise.to_string(), "1.3.6.1.4.1.8072.4");
  EXPECT_EQ(out.specific, 2);
}

TEST(ToV1, ASubIdentifierThatEndsInZeroBitsIsNoZero) {
  const Received received(v2_trap("1.3.6.1.4.1.128.5"));  // 128 is 81 00 on the wire
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.enterprise.to_string(), "1.3.6.1.4.1.128");
  EXPECT_EQ(out.specific, 5);
}

TEST(ToV1, AnOidTooShortToSplitStillGivesATrap) {
  for (const char* const text : {"0.0", "1.3", "1.3.0"}) {
    const Received received(v2_trap(text));
    const TranslatedV1 out = to_v1(received.trap);
    EXPECT_EQ(out.generic, 6) << text;
  }
}

TEST(ToV1, LeavesOutWhatVersionOneCannotCarry) {
  const Received received(v2_trap(
      "1.3.6.1.6.3.1.1.5.3", join({varbind(kName, hex("46 01 07")), varbind(kName, hex("80 00")),
                                   varbind(kName, integer(7))})));
  const TranslatedV1 out = to_v1(received.trap);
  EXPECT_EQ(out.varbinds.size(), 1U);
  EXPECT_EQ(out.left_out, 2U);
}

TEST(ToV1, AgentAddrIsSnmpTrapAddressThenTheAgentThenZeros) {
  Received relayed(
      v2_trap("1.3.6.1.6.3.1.1.5.3", varbind("1.3.6.1.6.3.18.1.3.0", hex("40 04 c6 33 64 09"))));
  EXPECT_EQ(to_v1(relayed.trap).agent_addr, base::IpAddress::v4({198, 51, 100, 9}));
  Received direct(v2_trap("1.3.6.1.6.3.1.1.5.3"));
  direct.trap.agent = *base::IpAddress::parse("2001:db8::1");
  EXPECT_EQ(to_v1(direct.trap).agent_addr, base::IpAddress::v4({0, 0, 0, 0}));
  const Received v1(message(0, pdu_v1({})));
  EXPECT_EQ(to_v1(v1.trap).agent_addr, base::IpAddress::v4({192, 0, 2, 1}));
}

TEST(ToV1, AVersionOneTrapComesBackAsItWas) {
  for (std::int64_t generic = 0; generic <= 7; ++generic) {
    TrapV1 sent;
    sent.generic = generic;
    const Received received(message(0, pdu_v1(sent)));
    const TranslatedV1 out = to_v1(received.trap);
    EXPECT_EQ(out.enterprise.to_string(), sent.enterprise);
    EXPECT_EQ(out.generic, generic);
    EXPECT_EQ(out.specific, sent.specific);
  }
}

TEST(ToV2, AVersionOneTrapTellsWhereItCameFrom) {
  TrapV1 sent;
  sent.varbinds = varbind(kName, integer(7));
  const Received received(message(0, pdu_v1(sent)));
  TranslationRoom room;
  const auto varbinds = to_v2_varbinds(received.trap, room);
  ASSERT_EQ(varbinds.size(), 3U);
  EXPECT_EQ(varbinds[1].name.to_string(), "1.3.6.1.6.3.18.1.3.0");
  EXPECT_TRUE(base::equal(varbinds[1].value.content, hex("c0 00 02 01")));
  EXPECT_EQ(varbinds[2].name.to_string(), "1.3.6.1.6.3.1.1.4.3.0");
  EXPECT_EQ(varbinds[2].value.as_oid().to_string(), "1.3.6.1.4.1.8072");
}

TEST(ToV2, AddsNothingThatIsThere) {
  TrapV1 sent;
  sent.varbinds = join({varbind("1.3.6.1.6.3.18.1.3.0", hex("40 04 c6 33 64 09")),
                        varbind("1.3.6.1.6.3.1.1.4.3.0", oid("1.3.6.1.4.1.9"))});
  const Received received(message(0, pdu_v1(sent)));
  TranslationRoom room;
  EXPECT_EQ(to_v2_varbinds(received.trap, room).size(), 2U);
  Received v2(v2_trap("1.3.6.1.6.3.1.1.5.3", varbind(kName, integer(7))));
  v2.trap.agent = *base::IpAddress::parse("2001:db8::1");
  EXPECT_EQ(to_v2_varbinds(v2.trap, room).data(), v2.trap.varbinds.data());
}

TEST(ToV2, AVersionTwoTrapTellsItsAgentAndNoEnterprise) {
  const Received v2(v2_trap("1.3.6.1.6.3.1.1.5.3", varbind(kName, integer(7))));
  TranslationRoom room;
  const auto varbinds = to_v2_varbinds(v2.trap, room);
  ASSERT_EQ(varbinds.size(), 2U);
  EXPECT_EQ(varbinds[1].name.to_string(), "1.3.6.1.6.3.18.1.3.0");
  EXPECT_TRUE(base::equal(varbinds[1].value.content, hex("c0 00 02 50")));
}

TEST(ToV2, ASnmpTrapAddressThatClaimsNothingIsAsGoodAsAbsent) {
  for (const char* const value : {"40 04 00 00 00 00", "40 03 01 02 03", "04 04 01 02 03 04"}) {
    const Received v2(v2_trap("1.3.6.1.6.3.1.1.5.3", varbind("1.3.6.1.6.3.18.1.3.0", hex(value))));
    TranslationRoom room;
    const auto varbinds = to_v2_varbinds(v2.trap, room);
    ASSERT_EQ(varbinds.size(), 2U) << value;
    EXPECT_TRUE(base::equal(varbinds[1].value.content, hex("c0 00 02 50"))) << value;
  }
}

TEST(ToV2, AnAgentAddrOfZerosGivesWayToTheAgent) {
  TrapV1 sent;
  sent.agent_addr = hex("40 04 00 00 00 00");
  const Received received(message(0, pdu_v1(sent)));
  TranslationRoom room;
  const auto varbinds = to_v2_varbinds(received.trap, room);
  ASSERT_EQ(varbinds.size(), 2U);
  EXPECT_TRUE(base::equal(varbinds[0].value.content, hex("c0 00 02 50")));
}

TEST(Translation, ThereAndBackKeepsTheTrap) {
  TrapV1 sent;
  sent.varbinds = varbind(kName, integer(7));
  const Received v1(message(0, pdu_v1(sent)));
  TranslationRoom room;
  Octets out;
  encode_v2c({.pdu = PduKind::trap,
              .request_id = 1,
              .uptime = v1.trap.uptime,
              .trap_oid = v1.trap.trap_oid,
              .varbinds = to_v2_varbinds(v1.trap, room)},
             base::as_bytes("public"), out);
  const Received v2(out);
  const TranslatedV1 back = to_v1(v2.trap);
  EXPECT_EQ(back.enterprise.to_string(), sent.enterprise);
  EXPECT_EQ(back.generic, 6);
  EXPECT_EQ(back.specific, sent.specific);
  EXPECT_EQ(back.uptime, v1.trap.uptime);
}

}  // namespace
}  // namespace trapline::protocol
