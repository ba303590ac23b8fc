#include "protocol/notification_content.h"

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "protocol/translation.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::message;
using test_support::octet_string;
using test_support::Octets;
using test_support::oid;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::trap_oid_varbind;
using test_support::TrapV1;
using test_support::uptime_varbind;
using test_support::varbind;

// A decoded message from 192.0.2.80.
struct Received {
  explicit Received(Octets octets) : datagram(std::move(octets)) {
    const auto decoded = decode(datagram, kDefaultMaxVarbinds, scratch);
    EXPECT_TRUE(decoded);
    if (decoded) trap = decoded->message;
    trap.agent = base::IpAddress::v4({192, 0, 2, 80});
  }
  [[nodiscard]] Octets content() const {
    Octets out;
    append_content(trap, told_origin(trap), out);
    return out;
  }

  const Octets datagram;
  DecodeScratch scratch;
  TrapMessage trap;
};

Octets v2(std::string_view trap_oid, const Octets& varbinds, std::int64_t request_id = 1) {
  return message(
      1, pdu_v2(0xa7, request_id, {uptime_varbind(), trap_oid_varbind(trap_oid), varbinds}));
}

Octets as_v1(const Received& received) {
  const TranslatedV1 translated = to_v1(received.trap);
  Octets out;
  encode_v1({translated.enterprise, translated.agent_addr, translated.generic, translated.specific,
             translated.uptime, translated.varbinds},
            base::as_bytes("x"), out);
  return out;
}

Octets as_v2(const Received& received) {
  TranslationRoom room;
  Octets out;
  encode_v2c({.pdu = PduKind::inform,
              .request_id = 99,
              .uptime = received.trap.uptime,
              .trap_oid = received.trap.trap_oid,
              .varbinds = to_v2_varbinds(received.trap, room)},
             base::as_bytes("y"), out);
  return out;
}

TEST(NotificationContent, SurvivesEveryTranslation) {
  const Octets odd = join(
      {varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)), varbind("1.3.6.1.4.1.9.1", hex("46 01 07")),
       varbind("1.3.6.1.4.1.9.2", hex("80 00")), varbind("1.3.6.1.4.1.9.3", octet_string("text")),
       varbind("1.3.6.1.4.1.9.4", hex("44 07 9f 78 04 42 f6 00 00"))});
  for (const char* const trap_oid :
       {"1.3.6.1.6.3.1.1.5.3", "1.3.6.1.4.1.9.9.300", "1.3.6.1.4.1.8072.4.0.2", "1.3.6.1.4.1.1.0.0",
        "1.3.6.1.4.1.9.0.4294967295"}) {
    const Received first(v2(trap_oid, odd));
    const Received second(as_v1(first));
    const Received third(as_v2(second));
    const Received fourth(as_v1(third));
    const Octets content = first.content();
    EXPECT_EQ(second.content(), content) << trap_oid;
    EXPECT_EQ(third.content(), content) << trap_oid;
    EXPECT_EQ(fourth.content(), content) << trap_oid;
    EXPECT_EQ(Received(as_v2(first)).content(), content) << trap_oid;
  }
}

TEST(NotificationContent, OfAVersionOneTrapStaysWhatItIs) {
  for (const std::int64_t generic : {0, 3, 6, 7}) {
    TrapV1 sent;
    sent.generic = generic;
    sent.varbinds = varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7));
    const Received first(message(0, pdu_v1(sent)));
    EXPECT_EQ(Received(as_v2(first)).content(), first.content()) << generic;
    EXPECT_EQ(Received(as_v1(first)).content(), first.content()) << generic;
  }
}

TEST(NotificationContent, ARawValueIsTheSameInsideAnOpaque) {
  const Received raw(v2("1.3.6.1.6.3.1.1.5.1", varbind("1.3.6.1.4.1.9.3", hex("5a 01 07"))));
  const Received wrapped(
      v2("1.3.6.1.6.3.1.1.5.1", varbind("1.3.6.1.4.1.9.3", hex("44 03 5a 01 07"))));
  EXPECT_EQ(raw.content(), wrapped.content());
}

TEST(NotificationContent, AnyOtherDifferenceShows) {
  const Octets seven = varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7));
  const Received one(v2("1.3.6.1.6.3.1.1.5.3", seven));
  EXPECT_EQ(Received(v2("1.3.6.1.6.3.1.1.5.3", seven, 2)).content(), one.content());
  EXPECT_NE(Received(v2("1.3.6.1.6.3.1.1.5.4", seven)).content(), one.content());
  EXPECT_NE(
      Received(v2("1.3.6.1.6.3.1.1.5.3", varbind("1.3.6.1.2.1.2.2.1.1.7", integer(8)))).content(),
      one.content());
  EXPECT_NE(
      Received(v2("1.3.6.1.6.3.1.1.5.3", varbind("1.3.6.1.2.1.2.2.1.1.8", integer(7)))).content(),
      one.content());
  Received elsewhere(v2("1.3.6.1.6.3.1.1.5.3", seven));
  elsewhere.trap.agent = base::IpAddress::v4({192, 0, 2, 81});
  EXPECT_NE(elsewhere.content(), one.content());
  elsewhere.trap.agent = one.trap.agent;
  ++elsewhere.trap.uptime;
  EXPECT_NE(elsewhere.content(), one.content());
}

}  // namespace
}  // namespace trapline::protocol
