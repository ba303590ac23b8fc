#include "protocol/community_message.h"

#include <gtest/gtest.h>

#include "protocol/decode.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::octet_string;
using test_support::Octets;
using test_support::sequence;
using test_support::tlv;

// A message taken apart, and how that ended.
struct Outcome {
  explicit Outcome(const Octets& octets) : copy(octets), context(copy.bytes(), room) {
    accepted = read_community_message(copy.bytes(), context, message);
  }

  ExactCopy copy;
  std::vector<std::byte> room;
  BerContext context;
  CommunityMessage message;
  bool accepted = false;
};

void expect_refused(const Octets& octets, DecodeErrorKind kind, std::uint32_t offset) {
  const Outcome outcome(octets);
  EXPECT_FALSE(outcome.accepted);
  EXPECT_EQ(name_of(outcome.context.error.kind), name_of(kind));
  EXPECT_EQ(outcome.context.error.offset, offset);
}

const Octets kPdu = hex("a7 02 05 00");

TEST(CommunityMessage, IsVersionCommunityAndPdu) {
  const Outcome outcome(test_support::message(1, kPdu));
  ASSERT_TRUE(outcome.accepted);
  EXPECT_EQ(outcome.message.version, Version::v2c);
  EXPECT_EQ(base::as_text(outcome.message.community), "public");
  EXPECT_TRUE(base::equal(outcome.message.pdu, kPdu));
  EXPECT_EQ(outcome.message.whole.size(), outcome.copy.bytes().size());
  EXPECT_TRUE(outcome.context.flags.empty());
}

TEST(CommunityMessage, VersionsAreToldApart) {
  EXPECT_EQ(Outcome(test_support::message(0, kPdu)).message.version, Version::v1);
  expect_refused(test_support::message(2, kPdu), DecodeErrorKind::unknown_version, 2);
  expect_refused(test_support::message(3, kPdu), DecodeErrorKind::unsupported_version, 2);
  expect_refused(test_support::message(-1, kPdu), DecodeErrorKind::unknown_version, 2);
  expect_refused(test_support::message(0x100000001, kPdu), DecodeErrorKind::unknown_version, 2);
}

TEST(CommunityMessage, CommunityHasAtMost255Octets) {
  const auto with_community = [](std::size_t size) {
    return sequence({integer(1), octet_string(std::string(size, 'c')), kPdu});
  };
  EXPECT_TRUE(Outcome(with_community(kMaxCommunityBytes)).accepted);
  EXPECT_TRUE(Outcome(with_community(0)).accepted);
  expect_refused(with_community(kMaxCommunityBytes + 1), DecodeErrorKind::community_size, 7);
}

TEST(CommunityMessage, TrailingOctetsAreLeftOutAndFlagged) {
  const Octets plain = test_support::message(1, kPdu);
  const Outcome outcome(join({plain, hex("00 00 00")}));
  ASSERT_TRUE(outcome.accepted);
  EXPECT_TRUE(base::equal(outcome.message.whole, plain));
  EXPECT_TRUE(outcome.context.flags.has(Tolerance::trailing_bytes));
  const Outcome inside(sequence({integer(1), octet_string("public"), kPdu, hex("05 00")}));
  ASSERT_TRUE(inside.accepted);
  EXPECT_TRUE(base::equal(inside.message.pdu, kPdu));
  EXPECT_TRUE(inside.context.flags.has(Tolerance::trailing_bytes));
}

TEST(CommunityMessage, OuterLengthTooShortIsRefused) {
  Octets octets = test_support::message(1, kPdu);
  octets[1] = std::byte(std::to_integer<unsigned>(octets[1]) - 1);
  expect_refused(octets, DecodeErrorKind::length_beyond_parent, 14);
}

TEST(CommunityMessage, PduTagInHighFormIsRefused) {
  expect_refused(test_support::message(0, hex("bf 04 02 05 00")), DecodeErrorKind::high_tag_number,
                 13);
}

TEST(CommunityMessage, OtherThingsInItsPlacesAreRefused) {
  expect_refused(hex("31 02 05 00"), DecodeErrorKind::unexpected_tag, 0);
  expect_refused(sequence({octet_string("1"), octet_string("public"), kPdu}),
                 DecodeErrorKind::unexpected_tag, 2);
  expect_refused(sequence({integer(1), tlv(0x24, octet_string("public")), kPdu}),
                 DecodeErrorKind::unexpected_tag, 5);
  expect_refused(sequence({integer(1), octet_string("public")}), DecodeErrorKind::truncated, 13);
}

TEST(CommunityMessage, TruncatedAtEveryByteIsAnErrorAndNeverReadsBeyond) {
  const Octets whole = test_support::message(1, kPdu);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    expect_refused(cut, DecodeErrorKind::truncated, static_cast<std::uint32_t>(size));
  }
}

TEST(CommunityMessage, IsWrittenAsItIsRead) {
  Octets out;
  BerWriter writer(out);
  const std::size_t message =
      begin_community_message(Version::v1, base::as_bytes("public"), writer);
  writer.append(kPdu);
  writer.end(message);
  EXPECT_EQ(out, test_support::message(0, kPdu));
}

}  // namespace
}  // namespace trapline::protocol
