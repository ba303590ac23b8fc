#include "protocol/ber_writer.h"

#include <gtest/gtest.h>

#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::hex;
using test_support::Octets;

template <class Write>
Octets written(Write write) {
  Octets out;
  BerWriter writer(out);
  write(writer);
  return out;
}

Octets signed_octets(std::int64_t number) {
  return written([&](BerWriter& w) { w.write_signed(0x02, number); });
}

Octets unsigned_octets(std::uint64_t number) {
  return written([&](BerWriter& w) { w.write_unsigned(0x46, number); });
}

TEST(BerWriter, SignedNumbersTakeAsFewOctetsAsTheirSignAllows) {
  EXPECT_EQ(signed_octets(0), hex("02 01 00"));
  EXPECT_EQ(signed_octets(127), hex("02 01 7f"));
  EXPECT_EQ(signed_octets(128), hex("02 02 00 80"));
  EXPECT_EQ(signed_octets(-1), hex("02 01 ff"));
  EXPECT_EQ(signed_octets(-128), hex("02 01 80"));
  EXPECT_EQ(signed_octets(-129), hex("02 02 ff 7f"));
  EXPECT_EQ(signed_octets(INT32_MIN), hex("02 04 80 00 00 00"));
  EXPECT_EQ(signed_octets(INT64_MAX), hex("02 08 7f ff ff ff ff ff ff ff"));
  EXPECT_EQ(signed_octets(INT64_MIN), hex("02 08 80 00 00 00 00 00 00 00"));
}

TEST(BerWriter, UnsignedNumbersNeverLookNegative) {
  EXPECT_EQ(unsigned_octets(0), hex("46 01 00"));
  EXPECT_EQ(unsigned_octets(127), hex("46 01 7f"));
  EXPECT_EQ(unsigned_octets(128), hex("46 02 00 80"));
  EXPECT_EQ(unsigned_octets(0xffffffff), hex("46 05 00 ff ff ff ff"));
  EXPECT_EQ(unsigned_octets(UINT64_MAX), hex("46 09 00 ff ff ff ff ff ff ff ff"));
}

TEST(BerWriter, LengthsAreMinimal) {
  for (const std::size_t size : {0U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const Octets out = written([&](BerWriter& w) { w.write(0x04, Octets(size)); });
    const std::size_t header = size < 128 ? 2U : size < 256 ? 3U : size < 65536 ? 4U : 5U;
    EXPECT_EQ(out.size(), size + header) << size;
  }
}

TEST(BerWriter, ElementsNest) {
  const Octets out = written([](BerWriter& w) {
    const std::size_t outer = w.begin(0x30);
    const std::size_t inner = w.begin(0x30);
    w.write_signed(0x02, 1);
    w.end(inner);
    w.write(0x05, {});
    w.end(outer);
  });
  EXPECT_EQ(out, hex("30 07 30 03 02 01 01 05 00"));
}

TEST(BerWriter, TheEmptyOidIsWrittenAsZeroDotZero) {
  EXPECT_EQ(written([](BerWriter& w) { w.write_oid(OidView()); }), hex("06 01 00"));
}

}  // namespace
}  // namespace trapline::protocol
