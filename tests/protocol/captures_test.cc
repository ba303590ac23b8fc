// Notifications, responses and malformed messages that others captured: what each must decode as
// stands in the captures' MANIFEST and in the projects they come from.

#include "tests/support/captures.h"

#include <map>

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "protocol/pdu.h"
#include "tests/fuzz/decode_invariants.h"
#include "tests/protocol/usm/v3_peer.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::Capture;
using test_support::ExactCopy;
using test_support::read_capture;
using test_support::read_captures;
using test_support::read_pcap;

struct Outcome {
  explicit Outcome(const Capture& capture)
      : copy(capture.octets), result(decode(copy.bytes(), kDefaultMaxVarbinds, scratch)) {
    EXPECT_FALSE(capture.octets.empty()) << capture.name;
  }
  [[nodiscard]] const TrapMessage& message() const { return result->message; }
  [[nodiscard]] std::string_view error() const {
    return result ? "accepted" : name_of(result.error().kind);
  }

  ExactCopy copy;
  DecodeScratch scratch;
  base::Result<Decoded, DecodeError> result;
};

// The nine varbinds with which the Perl module's tests try every type.
void expect_all_types(std::span<const VarBind> varbinds) {
  const ValueType types[] = {
      ValueType::integer32,         ValueType::octet_string, ValueType::octet_string,
      ValueType::object_identifier, ValueType::ip_address,   ValueType::counter32,
      ValueType::gauge32,           ValueType::time_ticks,   ValueType::opaque};
  ASSERT_EQ(varbinds.size(), std::size(types));
  for (std::size_t i = 0; i < varbinds.size(); ++i) {
    EXPECT_EQ(name_of(varbinds[i].value.type), name_of(types[i])) << i;
    EXPECT_EQ(varbinds[i].name.to_string(), "1.3.6.1.4.1.50000.1." + std::to_string(i + 3));
  }
  EXPECT_EQ(varbinds[0].value.as_signed(), 1);
  EXPECT_EQ(base::as_text(varbinds[1].value.content), "String");
  EXPECT_EQ(varbinds[3].value.as_oid().to_string(), "1.2.3.4.5.6.7.8.9");
  EXPECT_TRUE(base::equal(varbinds[4].value.content, test_support::hex("0a 0a 0a 01")));
  EXPECT_EQ(varbinds[5].value.number, 32323232U);
  EXPECT_EQ(varbinds[6].value.number, 42424242U);
  EXPECT_EQ(base::as_text(varbinds[8].value.content), "opaque data");
}

TEST(Captures, PerlTrapOfVersionOneWithEveryType) {
  TRAPLINE_NEED_CAPTURES(folder);
  const Outcome outcome(read_capture(folder / "perl-Net-Frame-Layer-SNMP/v1trap_all_types.bin"));
  ASSERT_TRUE(outcome.result) << outcome.error();
  EXPECT_EQ(outcome.message().version, Version::v1);
  EXPECT_EQ(outcome.message().enterprise.to_string(), "1.3.6.1.4.1.50000");
  EXPECT_EQ(outcome.message().trap_oid.to_string(), "1.3.6.1.4.1.50000.0.1");
  EXPECT_EQ(outcome.message().claimed_agent, base::IpAddress::v4({192, 168, 10, 102}));
  EXPECT_EQ(outcome.message().uptime, 1363097164U);
  EXPECT_TRUE(outcome.message().flags.empty());
  expect_all_types(outcome.message().varbinds);
}

TEST(Captures, PerlTrapAndInformOfVersionTwoWithEveryType) {
  TRAPLINE_NEED_CAPTURES(folder);
  for (const auto& [file, pdu, request_id] :
       {std::tuple("v2ctrap_all_types.bin", PduKind::trap, 0x5e750000),
        std::tuple("v2cinform_all_types.bin", PduKind::inform, 0x1ce60000)}) {
    const Outcome outcome(read_capture(folder / "perl-Net-Frame-Layer-SNMP" / file));
    ASSERT_TRUE(outcome.result) << outcome.error();
    EXPECT_EQ(outcome.message().version, Version::v2c);
    EXPECT_EQ(outcome.message().pdu, pdu);
    EXPECT_EQ(outcome.message().request_id, request_id);
    EXPECT_EQ(outcome.message().trap_oid.to_string(), "1.3.6.1.4.1.50000");
    EXPECT_EQ(base::as_text(outcome.result->community), "public");
    EXPECT_TRUE(outcome.message().flags.empty());
    expect_all_types(outcome.message().varbinds);
  }
}

TEST(Captures, GosnmpTrapOfVersionTwo) {
  TRAPLINE_NEED_CAPTURES(folder);
  const Outcome outcome(read_capture(folder / "gosnmp/trap1.bin"));
  ASSERT_TRUE(outcome.result) << outcome.error();
  EXPECT_EQ(outcome.message().pdu, PduKind::trap);
  EXPECT_EQ(outcome.message().uptime, 18542501U);
  EXPECT_EQ(outcome.message().trap_oid.to_string(), "1.3.6.1.2.1.1");
  ASSERT_EQ(outcome.message().varbinds.size(), 3U);
  EXPECT_EQ(base::as_text(outcome.message().varbinds[0].value.content), "red laptop");
  EXPECT_EQ(outcome.message().varbinds[1].value.as_signed(), 5);
  EXPECT_EQ(outcome.message().varbinds[2].value.as_oid().to_string(), "1.3.6.1.4.1.2.3.4.5");
}

TEST(Captures, RusticataColdStartOfVersionOne) {
  TRAPLINE_NEED_CAPTURES(folder);
  const Outcome outcome(read_capture(folder / "rusticata-snmp-parser/snmpv1_trap_coldstart.bin"));
  ASSERT_TRUE(outcome.result) << outcome.error();
  EXPECT_EQ(outcome.message().trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.1");
  EXPECT_EQ(outcome.message().generic, 0);
  EXPECT_EQ(outcome.message().enterprise.to_string(), "1.3.6.1.4.1.4.1.2.21");
}

// Frame 7 has its PDU's tag 4 in high-tag form: other decoders read it as a seventh trap, we refuse
// it.
TEST(Captures, ProtosTrapsOfVersionOne) {
  TRAPLINE_NEED_CAPTURES(folder);
  const auto frames =
      read_pcap(folder / "suricata-verify/public-wiresharkwiki-c06-snmpv1-trap-app-r1-1-12.pcap");
  ASSERT_EQ(frames.size(), 12U);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Outcome outcome(frames[i]);
    if (i >= 6) {
      EXPECT_EQ(outcome.error(), "high_tag_number") << frames[i].name;
      continue;
    }
    ASSERT_TRUE(outcome.result) << frames[i].name << " " << outcome.error();
    EXPECT_EQ(outcome.message().enterprise.to_string(), "1.3.6.1.4.1.4.1.2.21");
    EXPECT_EQ(outcome.message().claimed_agent, base::IpAddress::v4({127, 0, 0, 1}));
    EXPECT_EQ(outcome.message().generic, static_cast<std::int32_t>(i));
  }
}

TEST(Captures, WhatCrashedGosnmpIsRefused) {
  TRAPLINE_NEED_CAPTURES(folder);
  std::size_t seen = 0;
  for (const Capture& capture : read_captures(folder / "gosnmp")) {
    if (!capture.name.starts_with("panic")) continue;
    ++seen;
    EXPECT_FALSE(Outcome(capture).result) << capture.name;
  }
  EXPECT_GE(seen, 8U);
}

TEST(Captures, TheMalformedGetIsRefusedWhereItsLengthsEnd) {
  TRAPLINE_NEED_CAPTURES(folder);
  const Outcome outcome(read_capture(folder / "seed-blog/malformed_get.bin"));
  EXPECT_EQ(outcome.error(), "length_beyond_parent");
  EXPECT_EQ(outcome.result.error().offset, 39U);
}

TEST(Captures, RequestsAndResponsesAreNoNotifications) {
  TRAPLINE_NEED_CAPTURES(folder);
  std::map<std::string_view, int> seen;
  for (const char* const below : {"gosnmp", "rusticata-snmp-parser", "gosnmp/netsnmp_TestPDU"}) {
    for (const Capture& capture : read_captures(folder / below)) {
      const Outcome outcome(capture);
      if (capture.name.starts_with("panic") || outcome.result) continue;
      ++seen[outcome.error()];
      EXPECT_TRUE(outcome.error() == "not_a_notification" ||
                  outcome.error() == "unsupported_version")
          << capture.name << " " << outcome.error();
    }
  }
  EXPECT_GE(seen["not_a_notification"], 30);
  EXPECT_GE(seen["unsupported_version"], 7);
}

usm::UsmUser usm_user(std::string name, usm::AuthProtocol auth, std::string_view auth_password,
                      usm::PrivProtocol priv = usm::PrivProtocol::none,
                      std::string_view priv_password = {}) {
  usm::UsmUser user;
  user.name = std::move(name);
  user.auth = auth;
  user.priv = priv;
  user.keys.push_back(usm::master_keys(auth, priv, auth_password, priv_password));
  return user;
}

TEST(Captures, GosnmpTrapsOfVersionThree) {
  TRAPLINE_NEED_CAPTURES(folder);
  usm::Receiver receiver(usm::users(usm_user("myuser", usm::AuthProtocol::md5, "mypassword"),
                                    usm_user("myuser2", usm::AuthProtocol::md5, "mypassword2",
                                             usm::PrivProtocol::aes128, "myprivacy2")));
  ASSERT_TRUE(receiver.receive(read_capture(folder / "gosnmp/genericV3Trap.bin").octets))
      << receiver.verdict();
  EXPECT_EQ(receiver.message().request_id, 957979745);
  EXPECT_EQ(receiver.message().security.level, SecurityLevel::auth_no_priv);
  EXPECT_EQ(receiver.trace().boots, 15);
  ASSERT_TRUE(receiver.receive(read_capture(folder / "gosnmp/snmpV3AuthPrivTrap.bin").octets))
      << receiver.verdict();
  EXPECT_EQ(receiver.message().request_id, 1318065890);
  EXPECT_EQ(receiver.message().security.level, SecurityLevel::auth_priv);
  EXPECT_EQ(receiver.engines.size(), 2U);
}

// Authentic, and yet Responses: refused for that alone, which only the right password finds out.
TEST(Captures, HashcatsResponsesOfEveryAuthProtocolAreAuthentic) {
  TRAPLINE_NEED_CAPTURES(folder);
  using usm::AuthProtocol;
  usm::Receiver receiver(usm::users(usm_user("matrix_MD5", AuthProtocol::md5, "hashcat1"),
                                    usm_user("matrix_SHA", AuthProtocol::sha1, "hashcat1"),
                                    usm_user("matrix_SHA-224", AuthProtocol::sha224, "hashcat1"),
                                    usm_user("matrix_SHA-256", AuthProtocol::sha256, "hashcat1"),
                                    usm_user("matrix_SHA-384", AuthProtocol::sha384, "hashcat1"),
                                    usm_user("matrix_SHA-512", AuthProtocol::sha512, "hashcat1")));
  const auto captures = read_captures(folder / "hashcat");
  ASSERT_EQ(captures.size(), 6U);
  for (const Capture& capture : captures) {
    receiver.receive(capture.octets);
    EXPECT_EQ(receiver.verdict(), "not_a_notification") << capture.name << receiver.trace().user;
    EXPECT_TRUE(receiver.trace().authenticated) << capture.name;
    auto octets = capture.octets;
    octets.back() ^= std::byte{1};
    receiver.receive(octets);
    EXPECT_EQ(receiver.verdict(), "wrong_digest") << capture.name;
  }
}

TEST(Captures, VersionThreeOfOthersIsNamedForWhatItIs) {
  TRAPLINE_NEED_CAPTURES(folder);
  usm::Receiver receiver(
      usm::users(usm::test_user("ops", usm::AuthProtocol::md5, usm::PrivProtocol::none)));
  std::map<std::string_view, int> seen;
  for (const char* const below : {"gosnmp", "rusticata-snmp-parser"}) {
    for (const Capture& capture : read_captures(folder / below)) {
      const bool is_v3 = Outcome(capture).error() == "unsupported_version";
      receiver.receive(capture.octets);
      if (is_v3) ++seen[receiver.verdict()];
    }
  }
  EXPECT_GE(seen["discovery"], 1);
  EXPECT_GE(seen["unknown_user"], 2);
  EXPECT_EQ(seen["accepted"], 0);
}

// The first value of a message's PDU, whichever PDU it is.
Value first_value(const ExactCopy& copy, std::vector<VarBind>& varbinds) {
  std::vector<std::byte> room;
  BerContext context(copy.bytes(), room);
  CommunityMessage message;
  Element pdu;
  PduHeader header;
  EXPECT_TRUE(read_community_message(copy.bytes(), context, message));
  BerReader reader(message.pdu, context);
  EXPECT_TRUE(reader.read_any(pdu));
  BerReader content(pdu.content, context);
  EXPECT_TRUE(read_pdu_header(content, header));
  EXPECT_TRUE(read_varbinds(content, kDefaultMaxVarbinds, varbinds));
  EXPECT_TRUE(context.flags.empty());
  return varbinds.empty() ? Value{} : varbinds.front().value;
}

TEST(Captures, NetSnmpsPdusOfEveryType) {
  TRAPLINE_NEED_CAPTURES(folder);
  constexpr std::uint64_t kTen = 0x4024'0000'0000'0000;  // 10.0
  const std::map<std::string, std::pair<ValueType, std::uint64_t>> expected = {
      {"test0_PDUInteger_pkt.b64", {ValueType::integer32, 104}},
      {"test1_PDUCounter32_pkt.b64", {ValueType::counter32, 0x1028'3371}},
      {"test2_PDUGauge32_pkt.b64", {ValueType::gauge32, UINT32_MAX}},
      {"test3_PDUOctetString_pkt.b64", {ValueType::octet_string, 0}},
      {"test4_PDUIPAddress_pkt.b64", {ValueType::ip_address, 0}},
      {"test5_PDUOpaqueFloat_pkt.b64", {ValueType::opaque_float, kTen}},
      {"test6_PDUOpaqueFloat_pkt.b64", {ValueType::opaque_float, 0}},
      {"test7_PDUOpaqueDouble_pkt.b64", {ValueType::opaque_double, kTen}},
      {"test8_PDUOpaqueDouble_pkt.b64", {ValueType::opaque_double, 0}},
      {"test9_PDUCounter32_pkt.b64", {ValueType::counter32, 0x1028'3371}},
      {"test10_PDUTimeTicks_pkt.b64", {ValueType::time_ticks, 0x1301'9254}},
      {"test11_PDUUinteger32_pkt.b64", {ValueType::unsigned32, INT32_MAX}},
      {"test12_PDUCounter64_pkt.b64", {ValueType::counter64, INT64_MAX}}};
  const auto captures = read_captures(folder / "gosnmp/netsnmp_TestPDU");
  ASSERT_EQ(captures.size(), expected.size());
  for (const Capture& capture : captures) {
    const ExactCopy copy(capture.octets);
    std::vector<VarBind> varbinds;
    const Value value = first_value(copy, varbinds);
    const auto& [type, number] = expected.at(capture.name);
    EXPECT_EQ(name_of(value.type), name_of(type)) << capture.name;
    EXPECT_EQ(value.number, number) << capture.name;
  }
}

TEST(Captures, BreakNoInvariantWhereverTheyAreCut) {
  TRAPLINE_NEED_CAPTURES(folder);
  for (const char* const below :
       {"gosnmp", "rusticata-snmp-parser", "perl-Net-Frame-Layer-SNMP", "hashcat"}) {
    for (const Capture& capture : read_captures(folder / below)) {
      SCOPED_TRACE(capture.name);
      for (std::size_t size = 0; size <= capture.octets.size(); ++size) {
        fuzz::check_decode(ExactCopy(base::Bytes(capture.octets).first(size)).bytes(),
                           kDefaultMaxVarbinds);
      }
    }
  }
}

}  // namespace
}  // namespace trapline::protocol
