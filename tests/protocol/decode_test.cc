#include "protocol/decode.h"

#include <gtest/gtest.h>

#include "tests/fuzz/decode_invariants.h"
#include "tests/protocol/seed_messages.h"
#include "tests/support/seeded_random.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::integer;
using test_support::message;
using test_support::Octets;
using test_support::oid;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::trap_oid_varbind;
using test_support::TrapV1;
using test_support::uptime_varbind;
using test_support::v2c_trap;
using test_support::varbind;

constexpr std::string_view kName = "1.3.6.1.2.1.2.2.1.1.7";

// A datagram decoded, with what the result views.
struct Outcome {
  explicit Outcome(const Octets& octets, std::uint16_t max_varbinds = kDefaultMaxVarbinds)
      : copy(octets), result(decode(copy.bytes(), max_varbinds, scratch)) {}
  [[nodiscard]] const TrapMessage& message() const { return result->message; }

  ExactCopy copy;
  DecodeScratch scratch;
  base::Result<Decoded, DecodeError> result;
};

void expect_refused(const Octets& octets, DecodeErrorKind kind, std::uint32_t offset) {
  const Outcome outcome(octets);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(name_of(outcome.result.error().kind), name_of(kind));
  EXPECT_EQ(outcome.result.error().offset, offset);
}

TEST(Decode, AVersionTwoTrap) {
  const Outcome outcome(v2c_trap({varbind(kName, integer(7))}));
  ASSERT_TRUE(outcome.result);
  const TrapMessage& trap = outcome.message();
  EXPECT_EQ(trap.version, Version::v2c);
  EXPECT_EQ(trap.pdu, PduKind::trap);
  EXPECT_EQ(trap.request_id, 305419896);
  EXPECT_EQ(trap.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(trap.uptime, 4711U);
  EXPECT_EQ(trap.raw_varbinds.size(), 3U);
  ASSERT_EQ(trap.varbinds.size(), 1U);
  EXPECT_EQ(trap.varbinds[0].name.to_string(), kName);
  EXPECT_TRUE(trap.enterprise.empty());
  EXPECT_FALSE(trap.generic || trap.specific || trap.claimed_agent);
  EXPECT_EQ(trap.claimed_via, AgentVia::peer);
  EXPECT_TRUE(trap.flags.empty());
  EXPECT_EQ(base::as_text(outcome.result->community), "public");
}

TEST(Decode, AnInformRequest) {
  const Outcome outcome(message(1, pdu_v2(0xa6, -5, {uptime_varbind(), trap_oid_varbind()})));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.message().pdu, PduKind::inform);
  EXPECT_EQ(outcome.message().request_id, -5);
  EXPECT_TRUE(outcome.message().varbinds.empty());
}

TEST(Decode, AnEnterpriseSpecificVersionOneTrap) {
  TrapV1 sent;
  sent.varbinds = varbind(kName, integer(7));
  const Outcome outcome(message(0, pdu_v1(sent)));
  ASSERT_TRUE(outcome.result);
  const TrapMessage& trap = outcome.message();
  EXPECT_EQ(trap.version, Version::v1);
  EXPECT_EQ(trap.request_id, 0);
  EXPECT_EQ(trap.trap_oid.to_string(), "1.3.6.1.4.1.8072.0.17");
  EXPECT_EQ(trap.enterprise.to_string(), "1.3.6.1.4.1.8072");
  EXPECT_EQ(trap.generic, 6);
  EXPECT_EQ(trap.specific, 17);
  EXPECT_EQ(trap.uptime, 4711U);
  EXPECT_EQ(trap.varbinds.size(), 1U);
  EXPECT_EQ(trap.raw_varbinds.size(), 1U);
  EXPECT_EQ(trap.claimed_agent, base::IpAddress::v4({192, 0, 2, 1}));
  EXPECT_EQ(trap.claimed_via, AgentVia::agent_addr);
  EXPECT_TRUE(trap.flags.empty());
}

TEST(Decode, GenericTrapsAreTheStandardOnes) {
  for (std::int64_t generic = 0; generic < 6; ++generic) {
    TrapV1 sent;
    sent.generic = generic;
    const Outcome outcome(message(0, pdu_v1(sent)));
    ASSERT_TRUE(outcome.result);
    EXPECT_EQ(outcome.message().trap_oid.to_string(),
              "1.3.6.1.6.3.1.1.5." + std::to_string(generic + 1));
    EXPECT_TRUE(outcome.message().flags.empty());
  }
}

TEST(Decode, AVersionOneTrapMayHaveNoVarbinds) {
  const Outcome outcome(message(0, pdu_v1({})));
  ASSERT_TRUE(outcome.result);
  EXPECT_TRUE(outcome.message().varbinds.empty());
  EXPECT_TRUE(outcome.message().flags.empty());
}

TEST(Decode, ATrapOidMustFitBehindItsEnterprise) {
  std::string enterprise = "1.3";
  for (std::size_t i = 2; i < kMaxSubIdentifiers - 2; ++i) enterprise += ".1";
  TrapV1 sent;
  sent.enterprise = enterprise;
  const Outcome fits(message(0, pdu_v1(sent)));
  ASSERT_TRUE(fits.result);
  EXPECT_EQ(fits.message().trap_oid.size(), kMaxSubIdentifiers);
  enterprise += ".1";
  sent.enterprise = enterprise;
  const Outcome outcome(message(0, pdu_v1(sent)));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().kind, DecodeErrorKind::oid_too_long);
}

TEST(Decode, AgentAddrOfZerosClaimsNothing) {
  TrapV1 sent;
  sent.agent_addr = hex("40 04 00 00 00 00");
  const Outcome outcome(message(0, pdu_v1(sent)));
  ASSERT_TRUE(outcome.result);
  EXPECT_FALSE(outcome.message().claimed_agent);
  EXPECT_EQ(outcome.message().claimed_via, AgentVia::peer);
}

TEST(Decode, SnmpTrapAddressWinsOverAgentAddr) {
  TrapV1 sent;
  sent.varbinds = varbind("1.3.6.1.6.3.18.1.3.0", hex("40 04 c6 33 64 09"));
  const Outcome outcome(message(0, pdu_v1(sent)));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.message().claimed_agent, base::IpAddress::v4({198, 51, 100, 9}));
  EXPECT_EQ(outcome.message().claimed_via, AgentVia::snmp_trap_address);
}

TEST(Decode, RelayedTrapsTellAgentAndEnterprise) {
  const Outcome outcome(v2c_trap({varbind("1.3.6.1.6.3.18.1.3.0", hex("40 04 c6 33 64 09")),
                                  varbind("1.3.6.1.6.3.1.1.4.3.0", oid("1.3.6.1.4.1.9"))}));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.message().claimed_agent, base::IpAddress::v4({198, 51, 100, 9}));
  EXPECT_EQ(outcome.message().claimed_via, AgentVia::snmp_trap_address);
  EXPECT_EQ(outcome.message().enterprise.to_string(), "1.3.6.1.4.1.9");
  EXPECT_EQ(outcome.message().varbinds.size(), 2U);
}

TEST(Decode, SnmpTrapAddressOfAnotherTypeClaimsNothing) {
  const Outcome outcome(v2c_trap({varbind("1.3.6.1.6.3.18.1.3.0", hex("04 04 c6 33 64 09"))}));
  ASSERT_TRUE(outcome.result);
  EXPECT_FALSE(outcome.message().claimed_agent);
}

TEST(Decode, RefusesWhatAsksOrAnswers) {
  for (const unsigned tag : {0xa0U, 0xa1U, 0xa2U, 0xa3U, 0xa5U, 0xa8U}) {
    expect_refused(
        message(1, pdu_v2(static_cast<std::uint8_t>(tag), 1, {varbind(kName, hex("05 00"))})),
        DecodeErrorKind::not_a_notification, 13);
  }
  expect_refused(message(1, hex("a9 02 05 00")), DecodeErrorKind::unexpected_tag, 13);
  expect_refused(message(1, hex("30 02 05 00")), DecodeErrorKind::unexpected_tag, 13);
  expect_refused(message(1, hex("84 02 05 00")), DecodeErrorKind::unexpected_tag, 13);
}

TEST(Decode, ASetThatIsMalformedIsCalledThat) {
  expect_refused(message(1, hex("a3 05 02 01 01 02 00")), DecodeErrorKind::integer_size, 18);
}

TEST(Decode, LimitsVarbinds) {
  const Octets three = v2c_trap({varbind(kName, integer(7))});
  EXPECT_TRUE(Outcome(three, 3).result);
  const Outcome outcome(three, 2);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().kind, DecodeErrorKind::too_many_varbinds);
}

TEST(Decode, EveryErrorAndNameIsNamed) {
  for (int kind = 0; kind < kDecodeErrorKindCount; ++kind) {
    EXPECT_NE(name_of(static_cast<DecodeErrorKind>(kind)), "unknown");
  }
  EXPECT_EQ(name_of(Version::v2c), "v2c");
  EXPECT_EQ(name_of(PduKind::inform), "inform");
  EXPECT_EQ(name_of(SecurityLevel::auth_priv), "authPriv");
  EXPECT_EQ(name_of(AgentVia::agent_addr), "agent-addr");
}

TEST(Decode, TruncatedAtEveryByteIsAnErrorAndNeverReadsBeyond) {
  for (const Seed& seed : decode_seeds()) {
    SCOPED_TRACE(seed.name);
    if (!Outcome(seed.octets).result || seed.name == "trailing_octets") continue;
    for (std::size_t size = 0; size < seed.octets.size(); ++size) {
      const Octets cut(seed.octets.begin(),
                       seed.octets.begin() + static_cast<std::ptrdiff_t>(size));
      expect_refused(cut, DecodeErrorKind::truncated, static_cast<std::uint32_t>(size));
    }
  }
}

TEST(Decode, EveryLengthTooLongOrTooShortIsAnErrorOrStaysInside) {
  for (const Seed& seed : decode_seeds()) {
    SCOPED_TRACE(seed.name);
    for (std::size_t at = 0; at < seed.octets.size(); ++at) {
      for (const int change : {-2, -1, 1, 2, 0x40, 0x80}) {
        Octets octets = seed.octets;
        octets[at] = std::byte((std::to_integer<int>(octets[at]) + change) & 0xff);
        fuzz::check_decode(ExactCopy(octets).bytes(), kDefaultMaxVarbinds);
      }
    }
  }
}

TEST(Decode, APduAloneSaysTheSameAsItsMessage) {
  test_support::SeededRandom random(20260101);
  const std::vector<Seed> seeds = decode_seeds();
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    Octets octets = seeds[random.next() % seeds.size()].octets;
    for (std::uint64_t changes = random.next() % 4; changes > 0; --changes) {
      octets[random.next() % octets.size()] = std::byte(random.next() & 0xff);
    }
    const Outcome outcome(octets);
    if (!outcome.result) continue;
    ++accepted;
    fuzz::check_pdu_alone(*outcome.result, kDefaultMaxVarbinds);
  }
  EXPECT_GT(accepted, 1'000U);
}

TEST(DecodePdu, CountsOffsetsFromThePdu) {
  DecodeScratch scratch;
  const ExactCopy pdu(pdu_v2(0xa7, 1, {}));
  const auto result = decode_pdu(pdu.bytes(), Version::v2c, kDefaultMaxVarbinds, scratch);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, DecodeErrorKind::no_varbinds);
  EXPECT_EQ(result.error().offset, 11U);
}

TEST(DecodePdu, OctetsBehindItAreFlagged) {
  DecodeScratch scratch;
  Octets octets = pdu_v1({});
  octets.push_back(std::byte{0});
  const ExactCopy pdu(octets);
  const auto result = decode_pdu(pdu.bytes(), Version::v1, kDefaultMaxVarbinds, scratch);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->flags.has(Tolerance::trailing_bytes));
}

TEST(Decode, OidsOfOneMessageStayWhereTheyAre) {
  Octets list;
  for (int i = 0; i < 4'000; ++i) {
    const Octets padded = hex("30 0b 06 04 80 2b 80 06 06 03 80 2b 06");
    list.insert(list.end(), padded.begin(), padded.end());
  }
  TrapV1 sent;
  sent.varbinds = list;
  const Outcome outcome(message(0, pdu_v1(sent)), kHighestMaxVarbinds);
  ASSERT_TRUE(outcome.result);
  ASSERT_EQ(outcome.message().varbinds.size(), 4'000U);
  for (const VarBind& varbind : outcome.message().varbinds) {
    EXPECT_EQ(varbind.name.to_string(), "1.3.6");
    EXPECT_EQ(varbind.value.as_oid().to_string(), "1.3.6");
  }
  EXPECT_EQ(outcome.message().trap_oid.to_string(), "1.3.6.1.4.1.8072.0.17");
}

}  // namespace
}  // namespace trapline::protocol
