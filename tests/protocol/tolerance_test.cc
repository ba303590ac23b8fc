// The rows of the tolerance table (protocol/README.md), in its order: what is accepted with a flag,
// and what is refused.

#include "protocol/tolerance.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "protocol/decode.h"
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
using test_support::oid;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::sequence;
using test_support::tlv;
using test_support::tlv_wide;
using test_support::trap_oid_varbind;
using test_support::TrapV1;
using test_support::uptime_varbind;
using test_support::v2c_trap;
using test_support::varbind;

constexpr std::string_view kName = "1.3.6.1.2.1.2.2.1.1.7";

struct Outcome {
  explicit Outcome(const Octets& octets)
      : copy(octets), result(decode(copy.bytes(), kDefaultMaxVarbinds, scratch)) {}

  ExactCopy copy;
  DecodeScratch scratch;
  base::Result<Decoded, DecodeError> result;
};

// Accepted with exactly these flags.
void expect_flags(const Octets& octets, std::initializer_list<Tolerance> tolerances) {
  const Outcome outcome(octets);
  ASSERT_TRUE(outcome.result) << name_of(outcome.result.error().kind);
  Tolerances expected;
  for (const Tolerance tolerance : tolerances) expected.add(tolerance);
  EXPECT_EQ(outcome.result->message.flags, expected);
}

void expect_refused(const Octets& octets, DecodeErrorKind kind) {
  const Outcome outcome(octets);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(name_of(outcome.result.error().kind), name_of(kind));
}

// A trap of one varbind with this value.
Octets with_value(const char* value) { return v2c_trap({varbind(kName, hex(value))}); }
// A trap of one varbind whose name is this element.
Octets with_name(const char* name) { return v2c_trap({sequence({hex(name), integer(1)})}); }
// A v2c trap of these varbinds and no others.
Octets of_varbinds(std::initializer_list<Octets> varbinds) {
  return message(1, pdu_v2(0xa7, 1, varbinds));
}

TEST(Tolerance, NonMinimalLengthAnywhere) {
  const Octets list = join({uptime_varbind(), trap_oid_varbind()});
  const Octets fields = join({integer(1), integer(0), integer(0), tlv_wide(0x30, list)});
  const Octets inner = join({integer(1), octet_string("public"), tlv_wide(0xa7, fields)});
  expect_flags(tlv_wide(0x30, inner), {Tolerance::non_minimal_length});
  expect_flags(with_value("04 81 01 61"), {Tolerance::non_minimal_length});
  expect_flags(with_name("06 82 00 02 2b 06"), {Tolerance::non_minimal_length});
}

TEST(Tolerance, IndefiniteLengthIsRefused) {
  expect_refused(hex("30 80 02 01 01 04 00 00 00"), DecodeErrorKind::indefinite_length);
  expect_refused(with_value("24 80 00 00"), DecodeErrorKind::indefinite_length);
}

TEST(Tolerance, TrailingBytesAtEveryLevel) {
  const Octets trap = v2c_trap({});
  expect_flags(join({trap, hex("00")}), {Tolerance::trailing_bytes});
  const Octets fields = join({integer(1), integer(0), integer(0),
                              sequence({uptime_varbind(), trap_oid_varbind()}), hex("05 00")});
  expect_flags(message(1, tlv(0xa7, fields)), {Tolerance::trailing_bytes});
  expect_flags(v2c_trap({sequence({oid(kName), integer(1), hex("00")})}),
               {Tolerance::trailing_bytes});
}

TEST(Tolerance, OuterLengthTooShortIsRefused) {
  Octets octets = v2c_trap({});
  octets[1] = std::byte(std::to_integer<unsigned>(octets[1]) - 1);
  expect_refused(octets, DecodeErrorKind::length_beyond_parent);
}

TEST(Tolerance, IntegersOfImpossibleSizesAreRefused) {
  expect_refused(message(1, pdu_v2(0xa7, 0x100000000, {uptime_varbind()})),
                 DecodeErrorKind::integer_size);
  expect_refused(with_value("02 00"), DecodeErrorKind::integer_size);
  expect_refused(with_value("02 09 00 00 00 00 00 00 00 00 01"), DecodeErrorKind::integer_size);
}

TEST(Tolerance, NegativeUnsigned) {
  expect_flags(with_value("43 04 ff ff ff ff"), {Tolerance::negative_unsigned});
  expect_flags(with_value("41 04 80 00 00 00"), {Tolerance::negative_unsigned});
  const Outcome outcome(
      of_varbinds({varbind("1.3.6.1.2.1.1.3.0", hex("43 04 ff ff ff ff")), trap_oid_varbind()}));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->message.uptime, UINT32_MAX);
}

TEST(Tolerance, Counter64OfNineOctetsIsRightAndOfTenIsRefused) {
  expect_flags(with_value("46 09 00 ff ff ff ff ff ff ff ff"), {});
  expect_flags(with_value("46 09 00 7f ff ff ff ff ff ff ff"), {Tolerance::wide_counter64});
  expect_refused(with_value("46 0a 00 00 ff ff ff ff ff ff ff ff"), DecodeErrorKind::value_size);
}

TEST(Tolerance, IntegersWiderThanTheirType) {
  expect_flags(with_value("02 05 01 00 00 00 00"), {Tolerance::wide_integer});
  expect_flags(with_value("41 05 01 00 00 00 00"), {Tolerance::wide_integer});
  expect_flags(with_value("41 05 00 ff ff ff ff"), {});
}

TEST(Tolerance, PaddedSubIdentifierInNamesAndValues) {
  expect_flags(with_value("06 03 80 2b 06"), {Tolerance::padded_sub_identifier});
  expect_flags(with_name("06 04 2b 80 80 06"), {Tolerance::padded_sub_identifier});
}

TEST(Tolerance, AStandardNameMayBePadded) {
  const Octets uptime = sequence({hex("06 09 2b 06 01 02 01 01 80 03 00"), hex("43 01 07")});
  const Outcome outcome(of_varbinds({uptime, trap_oid_varbind()}));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->message.uptime, 7U);
}

TEST(Tolerance, OidsOutsideTheirLimitsAreRefused) {
  expect_refused(with_value("06 06 2b 90 80 80 80 00"), DecodeErrorKind::sub_identifier);
  expect_refused(with_name("06 06 2b 90 80 80 80 00"), DecodeErrorKind::sub_identifier);
  expect_refused(with_value("06 02 2b 86"), DecodeErrorKind::sub_identifier);
  const Octets too_long = tlv(0x06, Octets(kMaxSubIdentifiers, std::byte{1}));
  expect_refused(v2c_trap({varbind(kName, too_long)}), DecodeErrorKind::oid_too_long);
}

TEST(Tolerance, EmptyOidInNamesAndValues) {
  expect_flags(with_value("06 00"), {Tolerance::empty_oid});
  expect_flags(with_name("06 00"), {Tolerance::empty_oid});
}

TEST(Tolerance, NullWithContent) {
  expect_flags(with_value("05 01 00"), {Tolerance::null_with_content});
}

TEST(Tolerance, RawValues) {
  expect_flags(with_value("40 05 c0 00 02 01 00"), {Tolerance::raw_value});
  expect_flags(with_value("49 01 00"), {Tolerance::raw_value});
  expect_flags(with_value("24 03 04 01 61"), {Tolerance::raw_value});
}

TEST(Tolerance, ExceptionsInANotification) {
  expect_flags(with_value("80 00"), {Tolerance::exception_in_notification});
  expect_flags(with_value("81 00"), {Tolerance::exception_in_notification});
  expect_flags(with_value("82 00"), {Tolerance::exception_in_notification});
}

TEST(Tolerance, PdusAndTypesOfTheOtherVersion) {
  expect_flags(message(0, pdu_v2(0xa7, 1, {uptime_varbind(), trap_oid_varbind()})),
               {Tolerance::pdu_of_other_version});
  expect_flags(message(1, pdu_v1({})), {Tolerance::pdu_of_other_version});
  TrapV1 counter;
  counter.varbinds = varbind(kName, hex("46 01 07"));
  expect_flags(message(0, pdu_v1(counter)), {Tolerance::pdu_of_other_version});
}

TEST(Tolerance, NoVarbindsAtAll) {
  expect_flags(message(0, pdu_v1({})), {});
  expect_refused(message(1, pdu_v2(0xa7, 1, {})), DecodeErrorKind::no_varbinds);
  expect_refused(message(1, pdu_v2(0xa6, 1, {})), DecodeErrorKind::no_varbinds);
}

TEST(Tolerance, VersionTwoReportAndResponseAreRefused) {
  expect_refused(message(2, pdu_v2(0xa7, 1, {uptime_varbind()})), DecodeErrorKind::unknown_version);
  expect_refused(message(1, pdu_v2(0xa8, 1, {uptime_varbind()})),
                 DecodeErrorKind::not_a_notification);
  expect_refused(message(1, pdu_v2(0xa2, 1, {uptime_varbind()})),
                 DecodeErrorKind::not_a_notification);
}

TEST(Tolerance, TrapOidBeforeUptime) {
  const Octets octets =
      of_varbinds({trap_oid_varbind(), uptime_varbind(), varbind(kName, integer(7))});
  expect_flags(octets, {Tolerance::trap_oid_before_uptime});
  const Outcome outcome(octets);
  EXPECT_EQ(outcome.result->message.uptime, 4711U);
  EXPECT_EQ(outcome.result->message.varbinds.size(), 1U);
}

TEST(Tolerance, OfTwoTrapOidsTheFirstWins) {
  const Octets octets = of_varbinds({uptime_varbind(), trap_oid_varbind("1.3.6.1.6.3.1.1.5.3"),
                                     trap_oid_varbind("1.3.6.1.6.3.1.1.5.4")});
  expect_flags(octets, {Tolerance::repeated_trap_oid});
  const Outcome outcome(octets);
  EXPECT_EQ(outcome.result->message.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(outcome.result->message.varbinds.size(), 1U) << "the second one stays to be seen";
}

TEST(Tolerance, AMissingTrapOidReadsAsZeroDotZero) {
  const Octets octets = of_varbinds({uptime_varbind(), varbind(kName, integer(7))});
  expect_flags(octets, {Tolerance::missing_trap_oid});
  const Outcome outcome(octets);
  EXPECT_EQ(outcome.result->message.trap_oid.to_string(), "0.0");
  EXPECT_EQ(outcome.result->message.varbinds.size(), 1U);
}

TEST(Tolerance, AMissingUptimeIsZero) {
  expect_flags(of_varbinds({trap_oid_varbind()}), {Tolerance::missing_uptime});
  const Octets of_other_type =
      of_varbinds({varbind("1.3.6.1.2.1.1.3.0", integer(7)), trap_oid_varbind()});
  expect_flags(of_other_type, {Tolerance::missing_uptime});
  EXPECT_EQ(Outcome(of_other_type).result->message.varbinds.size(), 1U) << "its value stays";
}

TEST(Tolerance, StandardVarbindsBehindTheSecondPlace) {
  const Octets octets = of_varbinds({varbind(kName, integer(7)), varbind(kName, integer(8)),
                                     uptime_varbind(), trap_oid_varbind()});
  expect_flags(octets, {Tolerance::late_standard_varbind});
  const Outcome outcome(octets);
  EXPECT_EQ(outcome.result->message.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(outcome.result->message.varbinds.size(), 2U);
}

TEST(Tolerance, ControlCharactersInTextAreNobodysBusinessHere) {
  expect_flags(with_value("04 05 61 0d 0a 00 1b"), {});
}

TEST(Tolerance, ATrapOidThatIsNoOidStaysAVarbind) {
  const Octets octets = of_varbinds(
      {uptime_varbind(), varbind("1.3.6.1.6.3.1.1.4.1.0", octet_string(std::string(2000, 'x')))});
  expect_flags(octets, {Tolerance::trap_oid_not_an_oid});
  const Outcome outcome(octets);
  EXPECT_EQ(outcome.result->message.trap_oid.to_string(), "0.0");
  ASSERT_EQ(outcome.result->message.varbinds.size(), 1U);
  EXPECT_EQ(outcome.result->message.varbinds[0].value.content.size(), 2000U);
}

TEST(Tolerance, HighTagPduIsRefused) {
  expect_refused(message(0, hex("bf 04 02 05 00")), DecodeErrorKind::high_tag_number);
}

TEST(Tolerance, GenericTrapAboveSixAndNegativeSpecific) {
  TrapV1 odd;
  odd.generic = 7;
  expect_flags(message(0, pdu_v1(odd)), {Tolerance::odd_generic_trap});
  odd.generic = -1;
  expect_flags(message(0, pdu_v1(odd)), {Tolerance::odd_generic_trap});
  odd.generic = 6;
  odd.specific = -1;
  expect_flags(message(0, pdu_v1(odd)), {Tolerance::negative_specific_trap});
  EXPECT_EQ(Outcome(message(0, pdu_v1(odd))).result->message.trap_oid.to_string(),
            "1.3.6.1.4.1.8072.0.4294967295");
}

TEST(Tolerance, EveryOneHasANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (int i = 0; i < kToleranceCount; ++i) {
    const std::string_view name = name_of(static_cast<Tolerance>(i));
    EXPECT_NE(name, "unknown");
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 0) << name;
    names.push_back(name);
  }
}

TEST(Tolerances, AreASet) {
  Tolerances some;
  EXPECT_TRUE(some.empty());
  some.add(Tolerance::empty_oid);
  Tolerances more(some.bits());
  more.add(Tolerance::raw_value);
  some.add(more);
  EXPECT_EQ(some, more);
  EXPECT_TRUE(some.has(Tolerance::raw_value));
  EXPECT_FALSE(some.has(Tolerance::trailing_bytes));
}

}  // namespace
}  // namespace trapline::protocol
