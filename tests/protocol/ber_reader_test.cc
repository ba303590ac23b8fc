#include "protocol/ber_reader.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::Octets;

// A reader over a copy that ends where the octets end, and all it needs.
struct Fixture {
  explicit Fixture(const Octets& octets, BerReader::Scope scope = BerReader::Scope::whole_input)
      : copy(octets),
        context(copy.bytes(), reserved(octets.size())),
        reader(copy.bytes(), context, scope) {}

  std::vector<std::byte>& reserved(std::size_t size) {
    room.reserve(size);
    return room;
  }

  ExactCopy copy;
  std::vector<std::byte> room;
  BerContext context;
  BerReader reader;
};

// The error of a read that must fail and must leave the cursor where it was.
template <class Read>
DecodeError error_of(const Octets& octets, Read read,
                     BerReader::Scope scope = BerReader::Scope::whole_input) {
  Fixture f(octets, scope);
  EXPECT_FALSE(read(f.reader));
  EXPECT_EQ(f.reader.position(), f.copy.bytes().data());
  return f.context.error;
}

bool read_any(BerReader& reader) {
  Element element;
  return reader.read_any(element);
}
bool read_integer(BerReader& reader) {
  std::int64_t number = 0;
  return reader.read_integer(number);
}
bool read_int32(BerReader& reader) {
  std::int32_t number = 0;
  return reader.read_int32(number);
}
bool read_oid(BerReader& reader) {
  OidView oid;
  return reader.read_oid(oid);
}

void expect_error(const DecodeError& error, DecodeErrorKind kind, std::uint32_t offset) {
  EXPECT_EQ(name_of(error.kind), name_of(kind));
  EXPECT_EQ(error.offset, offset);
}

TEST(BerReader, ReadsElementsOneBehindTheOther) {
  Fixture f(hex("02 01 07  04 02 61 62  05 00"));
  Element element;
  ASSERT_TRUE(f.reader.read_any(element));
  EXPECT_EQ(element.tag, tag::kInteger);
  ASSERT_TRUE(f.reader.read_any(element));
  EXPECT_EQ(element.tag, tag::kOctetString);
  EXPECT_EQ(base::as_text(element.content), "ab");
  EXPECT_EQ(f.reader.rest().size(), 2U);
  ASSERT_TRUE(f.reader.read_any(element));
  EXPECT_EQ(element.tag, tag::kNull);
  EXPECT_TRUE(element.content.empty());
  EXPECT_TRUE(f.reader.at_end());
  EXPECT_TRUE(f.context.flags.empty());
}

TEST(BerReader, AcceptsLengthsOfUpToFourOctetsAndFlagsLongerThanNeeded) {
  for (const char* const text :
       {"04 81 02 61 62", "04 82 00 02 61 62", "04 83 00 00 02 61 62", "04 84 00 00 00 02 61 62"}) {
    Fixture f(hex(text));
    Element element;
    ASSERT_TRUE(f.reader.read_any(element)) << text;
    EXPECT_EQ(base::as_text(element.content), "ab");
    EXPECT_TRUE(f.context.flags.has(Tolerance::non_minimal_length)) << text;
  }
}

TEST(BerReader, LengthsThatNeedTheirOctetsAreNotFlagged) {
  for (const std::size_t size : {128U, 255U, 256U, 65535U, 65536U}) {
    Fixture f(test_support::tlv(0x04, Octets(size)));
    Element element;
    ASSERT_TRUE(f.reader.read_any(element)) << size;
    EXPECT_EQ(element.content.size(), size);
    EXPECT_TRUE(f.context.flags.empty()) << size;
  }
}

TEST(BerReader, RefusesLengthsThatSnmpForbids) {
  expect_error(error_of(hex("04 80 61 00 00"), read_any), DecodeErrorKind::indefinite_length, 1);
  expect_error(error_of(hex("04 85 00 00 00 00 01 61"), read_any), DecodeErrorKind::length_too_wide,
               1);
  expect_error(error_of(hex("04 ff 61"), read_any), DecodeErrorKind::length_too_wide, 1);
}

TEST(BerReader, TellsTheInputsEndFromTheParents) {
  constexpr auto kInside = BerReader::Scope::inside_parent;
  expect_error(error_of(hex("04 05 61"), read_any), DecodeErrorKind::truncated, 3);
  expect_error(error_of(hex("04 05 61"), read_any, kInside), DecodeErrorKind::length_beyond_parent,
               1);
  expect_error(error_of(hex("04 84 ff ff ff ff"), read_any, kInside),
               DecodeErrorKind::length_beyond_parent, 1);
}

TEST(BerReader, EveryTruncationIsAnError) {
  const Octets whole = hex("1f 81 23 84 00 00 00 02 61 62");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    expect_error(error_of(cut, read_any), DecodeErrorKind::truncated,
                 static_cast<std::uint32_t>(size));
  }
}

TEST(BerReader, KeepsAHighTagNumberWithWhatFollows) {
  Fixture f(hex("1f 81 23 02 61 62  05 00"));
  Element element;
  ASSERT_TRUE(f.reader.read_any(element));
  EXPECT_EQ(element.tag, 0x1f);
  EXPECT_TRUE(base::equal(element.content, hex("81 23 02 61 62")));
  EXPECT_EQ(f.reader.rest().size(), 2U);
}

TEST(BerReader, WantsTheTagItIsAskedFor) {
  Fixture f(hex("05 02 01 07"));
  base::Bytes content;
  EXPECT_FALSE(f.reader.read(tag::kInteger, content));
  expect_error(f.context.error, DecodeErrorKind::unexpected_tag, 0);
}

TEST(BerReader, ReadsIntegersOfOneToEightOctets) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"02 01 00", 0},
      {"02 01 ff", -1},
      {"02 02 00 80", 128},
      {"02 04 00 00 00 01", 1},
      {"02 04 80 00 00 00", INT32_MIN},
      {"02 08 7f ff ff ff ff ff ff ff", INT64_MAX},
      {"02 08 80 00 00 00 00 00 00 00", INT64_MIN}};
  for (const auto& [text, expected] : cases) {
    Fixture f(hex(text));
    std::int64_t number = 0;
    ASSERT_TRUE(f.reader.read_integer(number)) << text;
    EXPECT_EQ(number, expected) << text;
  }
}

TEST(BerReader, RefusesIntegersOfImpossibleSizes) {
  expect_error(error_of(hex("02 00"), read_integer), DecodeErrorKind::integer_size, 0);
  expect_error(error_of(hex("02 09 00 00 00 00 00 00 00 00 01"), read_integer),
               DecodeErrorKind::integer_size, 0);
}

TEST(BerReader, AnInt32FitsThirtyTwoBitsHoweverManyOctetsItTakes) {
  Fixture f(hex("02 05 ff 80 00 00 00"));
  std::int32_t number = 0;
  ASSERT_TRUE(f.reader.read_int32(number));
  EXPECT_EQ(number, INT32_MIN);
  expect_error(error_of(hex("02 05 00 80 00 00 00"), read_int32), DecodeErrorKind::integer_size, 0);
}

TEST(BerReader, ReadsOidsWithoutCopying) {
  Fixture f(hex("06 07 2b 06 01 04 01 bf 08"));
  OidView oid;
  ASSERT_TRUE(f.reader.read_oid(oid));
  EXPECT_EQ(oid.to_string(), "1.3.6.1.4.1.8072");
  EXPECT_EQ(oid.content().data(), f.copy.bytes().data() + 2);
  EXPECT_TRUE(f.context.flags.empty());
}

TEST(BerReader, RewritesPaddedSubIdentifiersAndFlagsThem) {
  const std::pair<const char*, const char*> cases[] = {
      {"06 05 2b 80 06 80 01", "1.3.6.1"},
      {"06 03 80 80 2b", "1.3"},
      {"06 06 2b 80 80 80 80 00", "1.3.0"},
      {"06 08 2b 06 01 04 01 80 bf 08", "1.3.6.1.4.1.8072"}};
  for (const auto& [text, expected] : cases) {
    Fixture f(hex(text));
    OidView oid;
    ASSERT_TRUE(f.reader.read_oid(oid)) << text;
    EXPECT_EQ(oid.to_string(), expected);
    EXPECT_EQ(oid, Oid::parse(expected)->view());
    EXPECT_TRUE(f.context.flags.has(Tolerance::padded_sub_identifier)) << text;
  }
}

TEST(BerReader, FlagsTheEmptyOid) {
  Fixture f(hex("06 00"));
  OidView oid;
  ASSERT_TRUE(f.reader.read_oid(oid));
  EXPECT_TRUE(oid.empty());
  EXPECT_TRUE(f.context.flags.has(Tolerance::empty_oid));
}

TEST(BerReader, RefusesSubIdentifiersOverThirtyTwoBitsOrUnterminated) {
  expect_error(error_of(hex("06 06 2b 90 80 80 80 00"), read_oid), DecodeErrorKind::sub_identifier,
               3);
  expect_error(error_of(hex("06 0b 2b ff ff ff ff ff ff ff ff ff 7f"), read_oid),
               DecodeErrorKind::sub_identifier, 3);
  expect_error(error_of(hex("06 02 2b 86"), read_oid), DecodeErrorKind::sub_identifier, 3);
  expect_error(error_of(hex("06 0a 2b 06 01 04 01 01 01 01 01 80"), read_oid),
               DecodeErrorKind::sub_identifier, 11);
}

TEST(BerReader, AcceptsAtMost128SubIdentifiers) {
  Octets content(kMaxSubIdentifiers - 1, std::byte{1});
  Fixture longest(test_support::tlv(0x06, content));
  OidView oid;
  ASSERT_TRUE(longest.reader.read_oid(oid));
  EXPECT_EQ(oid.size(), kMaxSubIdentifiers);
  content.push_back(std::byte{1});
  expect_error(error_of(test_support::tlv(0x06, content), read_oid), DecodeErrorKind::oid_too_long,
               2 + 1 + kMaxSubIdentifiers - 1);
}

TEST(BerReader, SubIdentifiersOfTwoOctetsCountOnce) {
  Octets content = hex("2b");
  for (std::size_t i = 0; i < kMaxSubIdentifiers - 2; ++i) {
    content.insert(content.end(), {std::byte{0x81}, std::byte{0x01}});
  }
  Fixture f(test_support::tlv(0x06, content));
  OidView oid;
  ASSERT_TRUE(f.reader.read_oid(oid));
  EXPECT_EQ(oid.size(), kMaxSubIdentifiers);
}

TEST(BerReader, OidsOfEverySizeAreReadToTheirEndAndNoFurther) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t high = 0; high < size; ++high) {
      Octets content(size, std::byte{1});
      content[high] = std::byte{0x81};
      Fixture f(test_support::tlv(0x06, content));
      OidView oid;
      EXPECT_EQ(f.reader.read_oid(oid), high + 1 < size) << size << " " << high;
    }
  }
}

}  // namespace
}  // namespace trapline::protocol
