#include "protocol/value_codec.h"

#include <gtest/gtest.h>

#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::Octets;

// One value, what was flagged, and how it ended.
struct Outcome {
  explicit Outcome(const Octets& element) : copy(element), context(copy.bytes(), room) {
    room.reserve(element.size());
    BerReader reader(copy.bytes(), context);
    Element read;
    accepted = reader.read_any(read) && reader.at_end() &&
               accept_value(read.tag, read.content, context, value);
  }

  ExactCopy copy;
  std::vector<std::byte> room;
  BerContext context;
  Value value;
  bool accepted = false;
};

Tolerances flags(std::initializer_list<Tolerance> tolerances) {
  Tolerances out;
  for (const Tolerance tolerance : tolerances) out.add(tolerance);
  return out;
}

void expect_number(const char* text, ValueType type, std::uint64_t number,
                   std::initializer_list<Tolerance> tolerances = {}) {
  const Outcome outcome(hex(text));
  ASSERT_TRUE(outcome.accepted) << text;
  EXPECT_EQ(name_of(outcome.value.type), name_of(type)) << text;
  EXPECT_EQ(outcome.value.number, number) << text;
  EXPECT_EQ(outcome.context.flags, flags(tolerances)) << text;
}

void expect_octets(const char* text, ValueType type, const char* content,
                   std::initializer_list<Tolerance> tolerances = {}) {
  const Outcome outcome(hex(text));
  ASSERT_TRUE(outcome.accepted) << text;
  EXPECT_EQ(name_of(outcome.value.type), name_of(type)) << text;
  EXPECT_TRUE(base::equal(outcome.value.content, hex(content))) << text;
  EXPECT_EQ(outcome.context.flags, flags(tolerances)) << text;
}

void expect_refused(const char* text, DecodeErrorKind kind) {
  const Outcome outcome(hex(text));
  EXPECT_FALSE(outcome.accepted) << text;
  EXPECT_EQ(name_of(outcome.context.error.kind), name_of(kind)) << text;
}

TEST(Value, IntegersOfTheirTypes) {
  expect_number("02 01 ff", ValueType::integer32, UINT64_MAX);
  expect_number("02 04 7f ff ff ff", ValueType::integer32, INT32_MAX);
  expect_number("41 01 05", ValueType::counter32, 5);
  expect_number("42 05 00 ff ff ff ff", ValueType::gauge32, UINT32_MAX);
  expect_number("43 02 01 00", ValueType::time_ticks, 256);
  expect_number("47 04 7f ff ff ff", ValueType::unsigned32, INT32_MAX);
  expect_number("46 08 7f ff ff ff ff ff ff ff", ValueType::counter64, INT64_MAX);
  expect_number("46 09 00 ff ff ff ff ff ff ff ff", ValueType::counter64, UINT64_MAX);
}

TEST(Value, NegativeUnsignedNumbersAreReadAsUnsignedAndFlagged) {
  expect_number("43 04 ff ff ff ff", ValueType::time_ticks, UINT32_MAX,
                {Tolerance::negative_unsigned});
  expect_number("41 04 80 00 00 00", ValueType::counter32, 0x80000000,
                {Tolerance::negative_unsigned});
  expect_number("46 08 ff ff ff ff ff ff ff ff", ValueType::counter64, UINT64_MAX,
                {Tolerance::negative_unsigned});
}

TEST(Value, NumbersWiderThanTheirTypeKeepTheirValueAndAreFlagged) {
  expect_number("02 05 01 00 00 00 00", ValueType::integer32, 0x100000000,
                {Tolerance::wide_integer});
  expect_number("42 05 01 00 00 00 00", ValueType::gauge32, 0x100000000, {Tolerance::wide_integer});
  expect_number("42 08 00 00 00 00 00 00 00 01", ValueType::gauge32, 1, {Tolerance::wide_integer});
  expect_number("46 09 00 00 00 00 00 00 00 00 01", ValueType::counter64, 1,
                {Tolerance::wide_counter64});
}

TEST(Value, RefusesNumbersOfImpossibleSizes) {
  expect_refused("02 00", DecodeErrorKind::integer_size);
  expect_refused("02 09 00 00 00 00 00 00 00 00 01", DecodeErrorKind::integer_size);
  expect_refused("41 00", DecodeErrorKind::value_size);
  expect_refused("43 09 00 00 00 00 00 00 00 00 01", DecodeErrorKind::value_size);
  expect_refused("46 00", DecodeErrorKind::value_size);
  expect_refused("46 09 01 00 00 00 00 00 00 00 00", DecodeErrorKind::value_size);
  expect_refused("46 0a 00 00 00 00 00 00 00 00 00 01", DecodeErrorKind::value_size);
}

TEST(Value, OctetsOfTheirTypes) {
  expect_octets("04 03 61 0a 00", ValueType::octet_string, "61 0a 00");
  expect_octets("04 00", ValueType::octet_string, "");
  expect_octets("40 04 c0 00 02 01", ValueType::ip_address, "c0 00 02 01");
  expect_octets("44 02 01 02", ValueType::opaque, "01 02");
  expect_octets("05 00", ValueType::null, "");
  expect_octets("06 03 2b 06 01", ValueType::object_identifier, "2b 06 01");
}

TEST(Value, WhatHasNoTypeStaysRawAndIsFlagged) {
  expect_octets("40 03 c0 00 02", ValueType::raw, "c0 00 02", {Tolerance::raw_value});
  expect_octets("40 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01", ValueType::raw,
                "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01", {Tolerance::raw_value});
  expect_octets("24 05 04 03 61 62 63", ValueType::raw, "04 03 61 62 63", {Tolerance::raw_value});
  expect_octets("01 01 ff", ValueType::raw, "ff", {Tolerance::raw_value});
  expect_octets("1f 81 01 02 aa bb", ValueType::raw, "81 01 02 aa bb", {Tolerance::raw_value});
}

TEST(Value, NullAndExceptionsAreFlaggedWhereTheyAreOdd) {
  expect_octets("05 01 00", ValueType::null, "00", {Tolerance::null_with_content});
  expect_octets("80 00", ValueType::no_such_object, "", {Tolerance::exception_in_notification});
  expect_octets("81 00", ValueType::no_such_instance, "", {Tolerance::exception_in_notification});
  expect_octets("82 01 00", ValueType::end_of_mib_view, "00",
                {Tolerance::exception_in_notification, Tolerance::null_with_content});
}

TEST(Value, OidsAreMadeCanonical) {
  expect_octets("06 04 2b 80 06 01", ValueType::object_identifier, "2b 06 01",
                {Tolerance::padded_sub_identifier});
  expect_octets("06 00", ValueType::object_identifier, "", {Tolerance::empty_oid});
  expect_refused("06 02 2b 81", DecodeErrorKind::sub_identifier);
}

TEST(Value, NetSnmpsNumbersInsideAnOpaque) {
  const Outcome single(hex("44 07 9f 78 04 41 20 00 00"));
  EXPECT_EQ(single.value.type, ValueType::opaque_float);
  EXPECT_EQ(single.value.as_double(), 10.0);
  const Outcome twice(hex("44 0b 9f 79 08 40 24 00 00 00 00 00 00"));
  EXPECT_EQ(twice.value.type, ValueType::opaque_double);
  EXPECT_EQ(twice.value.as_double(), 10.0);
  expect_number("44 04 9f 7a 01 fe", ValueType::opaque_int64, static_cast<std::uint64_t>(-2));
  expect_number("44 04 9f 7b 01 fe", ValueType::opaque_uint64, 254);
  expect_number("44 0c 9f 7b 09 00 ff ff ff ff ff ff ff ff", ValueType::opaque_uint64, UINT64_MAX);
}

TEST(Value, AnOpaqueThatIsNotExactlyOneOfThemStaysOpaque) {
  for (const char* const text :
       {"44 06 9f 78 04 41 20 00", "44 06 9f 78 03 41 20 00", "44 03 9f 7a 00", "44 02 9f 78",
        "44 08 9f 78 04 41 20 00 00 00", "44 04 9f 76 01 05", "44 00",
        "44 0c 9f 7b 09 01 ff ff ff ff ff ff ff ff"}) {
    const Outcome outcome(hex(text));
    ASSERT_TRUE(outcome.accepted) << text;
    EXPECT_EQ(name_of(outcome.value.type), "Opaque") << text;
    EXPECT_TRUE(outcome.context.flags.empty()) << text;
  }
}

TEST(Value, EveryTypeIsWrittenAsItWasRead) {
  for (const char* const text : {"02 01 80",
                                 "02 04 7f ff ff ff",
                                 "04 03 61 62 63",
                                 "05 00",
                                 "06 03 2b 06 01",
                                 "40 04 c0 00 02 01",
                                 "41 05 00 ff ff ff ff",
                                 "42 01 00",
                                 "43 02 01 00",
                                 "44 02 01 02",
                                 "46 09 00 ff ff ff ff ff ff ff ff",
                                 "47 01 07",
                                 "80 00",
                                 "81 00",
                                 "82 00",
                                 "44 07 9f 78 04 41 20 00 00",
                                 "44 0b 9f 79 08 40 24 00 00 00 00 00 00",
                                 "44 04 9f 7a 01 fe",
                                 "44 05 9f 7b 02 00 fe",
                                 "40 03 c0 00 02",
                                 "24 05 04 03 61 62 63",
                                 "1f 81 01 02 aa bb"}) {
    const Outcome outcome(hex(text));
    ASSERT_TRUE(outcome.accepted) << text;
    Octets out;
    BerWriter writer(out);
    write_value(outcome.value, writer);
    EXPECT_EQ(out, hex(text)) << text;
  }
}

TEST(Value, OfAWideIntegerTheLowBitsAreWritten) {
  for (const auto& [read, expected] : {std::pair("41 08 ff ff ff ff 00 00 00 07", "41 01 07"),
                                       std::pair("02 05 01 ff ff ff ff", "02 01 ff")}) {
    const Outcome outcome(hex(read));
    Octets out;
    BerWriter writer(out);
    write_value(outcome.value, writer);
    EXPECT_EQ(out, hex(expected));
  }
}

TEST(Value, EveryTypeHasAName) {
  for (int type = 0; type <= static_cast<int>(ValueType::raw); ++type) {
    EXPECT_NE(name_of(static_cast<ValueType>(type)), "unknown") << type;
  }
}

}  // namespace
}  // namespace trapline::protocol
