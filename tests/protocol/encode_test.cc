#include "protocol/encode.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "tests/fuzz/decode_invariants.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::message;
using test_support::octet_string;
using test_support::Octets;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::sequence;
using test_support::tlv;
using test_support::tlv_wide;
using test_support::trap_oid_varbind;
using test_support::uptime_varbind;

Octets respond(const Octets& inform) {
  const ExactCopy copy(inform);
  Octets out(inform.size() + 16);
  out.resize(encode_response(copy.bytes(), out));
  return out;
}

// The fields of an inform, each as its octets, and the list behind them.
Octets inform_of(std::initializer_list<Octets> fields) {
  return message(1,
                 tlv(0xa6, join({join(fields), sequence({uptime_varbind(), trap_oid_varbind()})})));
}

TEST(EncodeResponse, IsTheInformWithAnotherTag) {
  const Octets inform = message(1, pdu_v2(0xa6, 4711, {uptime_varbind(), trap_oid_varbind()}));
  const Octets expected = message(1, pdu_v2(0xa2, 4711, {uptime_varbind(), trap_oid_varbind()}));
  EXPECT_EQ(respond(inform), expected);
}

TEST(EncodeResponse, ZeroesTheErrorFieldsWithinTheirWidth) {
  const Octets inform = inform_of({integer(1), hex("02 04 01 02 03 04"), hex("02 02 00 05")});
  const Octets response = respond(inform);
  ASSERT_EQ(response.size(), inform.size());
  const Octets fields = hex("02 01 01  02 04 00 00 00 00  02 02 00 00");
  const auto found = std::search(response.begin(), response.end(), fields.begin(), fields.end());
  EXPECT_NE(found, response.end());
}

TEST(EncodeResponse, LeavesTrailingOctetsOut) {
  const Octets inform = inform_of({integer(1), integer(0), integer(0)});
  EXPECT_EQ(respond(join({inform, hex("00 00 00 00")})).size(), inform.size());
}

TEST(EncodeResponse, KeepsOddLengthsAsTheyCame) {
  const Octets fields = join({integer(1), integer(0), integer(0),
                              tlv_wide(0x30, join({uptime_varbind(), trap_oid_varbind()}))});
  const Octets inform = tlv_wide(
      0x30, join({hex("02 04 00 00 00 01"), octet_string("public"), tlv_wide(0xa6, fields)}));
  const Octets response = respond(inform);
  ASSERT_EQ(response.size(), inform.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < inform.size(); ++i) changed += inform[i] != response[i] ? 1U : 0U;
  EXPECT_EQ(changed, 1U) << "the PDU's tag";
  DecodeScratch scratch;
  fuzz::check_response(inform, decode(inform, kDefaultMaxVarbinds, scratch)->message);
}

TEST(EncodeResponse, AnswersAnInformThatCameInAVersionOneMessage) {
  const Octets inform = message(0, pdu_v2(0xa6, 9, {uptime_varbind(), trap_oid_varbind()}));
  EXPECT_EQ(respond(inform), message(0, pdu_v2(0xa2, 9, {uptime_varbind(), trap_oid_varbind()})));
}

TEST(EncodeResponse, AnswersInformsOnly) {
  EXPECT_TRUE(respond(test_support::v2c_trap({})).empty());
  EXPECT_TRUE(respond(message(0, pdu_v1({}))).empty());
  EXPECT_TRUE(respond(message(1, pdu_v2(0xa2, 1, {uptime_varbind()}))).empty());
  EXPECT_TRUE(respond(hex("30 03 02 01 01")).empty());
  EXPECT_TRUE(respond({}).empty());
}

TEST(EncodeResponse, NeedsRoom) {
  const Octets inform = message(1, pdu_v2(0xa6, 1, {uptime_varbind()}));
  Octets out(inform.size() - 1);
  EXPECT_EQ(encode_response(inform, out), 0U);
  out.resize(inform.size());
  EXPECT_EQ(encode_response(inform, out), inform.size());
}

// Two varbinds and what they view.
struct Sample {
  Oid name = *Oid::parse("1.3.6.1.2.1.2.2.1.1.7");
  Oid trap_oid = *Oid::parse("1.3.6.1.6.3.1.1.5.3");
  std::vector<VarBind> varbinds = {
      {name, {.type = ValueType::integer32, .tag = 2, .number = 7, .content = {}}},
      {name,
       {.type = ValueType::octet_string, .tag = 4, .number = 0, .content = base::as_bytes("up")}}};
};

void expect_sample(const TrapMessage& trap, const Sample& sample) {
  EXPECT_EQ(trap.uptime, 99U);
  EXPECT_TRUE(trap.flags.empty());
  ASSERT_EQ(trap.varbinds.size(), 2U);
  EXPECT_EQ(trap.varbinds[0].name, sample.name.view());
  EXPECT_EQ(trap.varbinds[0].value.as_signed(), 7);
  EXPECT_EQ(base::as_text(trap.varbinds[1].value.content), "up");
}

TEST(EncodeV2c, IsDecodedAsItWasMeant) {
  const Sample sample;
  for (const PduKind pdu : {PduKind::trap, PduKind::inform}) {
    const Notification notification{.pdu = pdu,
                                    .request_id = -7,
                                    .uptime = 99,
                                    .trap_oid = sample.trap_oid,
                                    .varbinds = sample.varbinds};
    Octets out;
    encode_v2c(notification, base::as_bytes("secret"), out);
    DecodeScratch scratch;
    const auto decoded = decode(out, kDefaultMaxVarbinds, scratch);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(base::as_text(decoded->community), "secret");
    EXPECT_EQ(decoded->message.version, Version::v2c);
    EXPECT_EQ(decoded->message.pdu, pdu);
    EXPECT_EQ(decoded->message.request_id, -7);
    EXPECT_EQ(decoded->message.trap_oid, sample.trap_oid.view());
    expect_sample(decoded->message, sample);
  }
}

TEST(EncodeV1, IsDecodedAsItWasMeant) {
  const Sample sample;
  const Oid enterprise = *Oid::parse("1.3.6.1.4.1.8072");
  const NotificationV1 notification{.enterprise = enterprise,
                                    .agent_addr = base::IpAddress::v4({192, 0, 2, 7}),
                                    .generic = 6,
                                    .specific = 12,
                                    .uptime = 99,
                                    .varbinds = sample.varbinds};
  Octets out;
  encode_v1(notification, base::as_bytes("secret"), out);
  DecodeScratch scratch;
  const auto decoded = decode(out, kDefaultMaxVarbinds, scratch);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->message.version, Version::v1);
  EXPECT_EQ(decoded->message.enterprise, enterprise.view());
  EXPECT_EQ(decoded->message.trap_oid.to_string(), "1.3.6.1.4.1.8072.0.12");
  EXPECT_EQ(decoded->message.claimed_agent, base::IpAddress::v4({192, 0, 2, 7}));
  expect_sample(decoded->message, sample);
}

TEST(EncodeV2c, AppendsToWhatIsThere) {
  const Sample sample;
  Octets out = hex("aa bb");
  encode_v2c({.pdu = PduKind::trap,
              .request_id = 1,
              .uptime = 0,
              .trap_oid = sample.trap_oid,
              .varbinds = {}},
             base::as_bytes("public"), out);
  EXPECT_EQ(out[1], std::byte{0xbb});
  EXPECT_EQ(Octets(out.begin() + 2, out.end()),
            message(1, pdu_v2(0xa7, 1, {uptime_varbind(0), trap_oid_varbind()})));
}

}  // namespace
}  // namespace trapline::protocol
