#include "protocol/pdu.h"

#include <gtest/gtest.h>

#include "protocol/trap_pdu_v1.h"
#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::ExactCopy;
using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::Octets;
using test_support::oid;
using test_support::sequence;
using test_support::tlv;
using test_support::varbind;

constexpr std::string_view kName = "1.3.6.1.2.1.2.2.1.1.7";
constexpr std::uint16_t kEnough = 100;

// A reader and what it needs; for the part of a PDU that a test is about.
struct Fixture {
  explicit Fixture(const Octets& octets)
      : copy(octets), context(copy.bytes(), room), reader(copy.bytes(), context) {
    room.reserve(octets.size());
  }

  void expect_error(DecodeErrorKind kind, std::uint32_t offset) const {
    EXPECT_EQ(name_of(context.error.kind), name_of(kind));
    EXPECT_EQ(context.error.offset, offset);
  }

  ExactCopy copy;
  std::vector<std::byte> room;
  BerContext context;
  BerReader reader;
  std::vector<VarBind> varbinds;
};

TEST(PduHeader, IsRequestIdAndTwoFieldsByTheirOctets) {
  Fixture f(hex("02 04 12 34 56 78  02 01 05  02 03 00 00 02"));
  PduHeader header;
  ASSERT_TRUE(read_pdu_header(f.reader, header));
  EXPECT_EQ(header.request_id, 0x12345678);
  EXPECT_TRUE(base::equal(header.error_status, hex("05")));
  EXPECT_TRUE(base::equal(header.error_index, hex("00 00 02")));
}

TEST(PduHeader, RequestIdHasThirtyTwoBits) {
  Fixture f(hex("02 05 01 00 00 00 00  02 01 00  02 01 00"));
  PduHeader header;
  EXPECT_FALSE(read_pdu_header(f.reader, header));
  f.expect_error(DecodeErrorKind::integer_size, 0);
}

TEST(PduHeader, ItsFieldsAreIntegersThatCanBe) {
  for (const char* const text :
       {"02 01 01 02 00 02 01 00", "02 00 02 01 00 02 01 00",
        "02 01 01 02 01 00 02 09 00 00 00 00 00 00 00 00 00", "02 01 01 04 01 00 02 01 00"}) {
    Fixture f(hex(text));
    PduHeader header;
    EXPECT_FALSE(read_pdu_header(f.reader, header)) << text;
  }
}

TEST(VarBindList, KeepsOrderAndRepeatedNames) {
  Fixture f(sequence(
      {varbind(kName, integer(3)), varbind("1.3", integer(1)), varbind(kName, integer(2))}));
  ASSERT_TRUE(read_varbinds(f.reader, kEnough, f.varbinds));
  ASSERT_EQ(f.varbinds.size(), 3U);
  EXPECT_EQ(f.varbinds[0].name, f.varbinds[2].name);
  EXPECT_EQ(f.varbinds[0].value.number, 3U);
  EXPECT_EQ(f.varbinds[2].value.number, 2U);
}

TEST(VarBindList, MayBeEmpty) {
  Fixture f(hex("30 00"));
  f.varbinds.resize(7);
  ASSERT_TRUE(read_varbinds(f.reader, kEnough, f.varbinds));
  EXPECT_TRUE(f.varbinds.empty());
}

TEST(VarBindList, HasALimit) {
  const Octets two = sequence({varbind("1.3", integer(1)), varbind("1.3", integer(1))});
  Fixture enough(two);
  EXPECT_TRUE(read_varbinds(enough.reader, 2, enough.varbinds));
  Fixture short_of(two);
  EXPECT_FALSE(read_varbinds(short_of.reader, 1, short_of.varbinds));
  short_of.expect_error(DecodeErrorKind::too_many_varbinds, 10);
}

TEST(VarBindList, OctetsBehindAValueAreFlagged) {
  Fixture f(sequence({sequence({oid(kName), integer(1), hex("05 00")})}));
  ASSERT_TRUE(read_varbinds(f.reader, kEnough, f.varbinds));
  EXPECT_TRUE(f.context.flags.has(Tolerance::trailing_bytes));
}

TEST(VarBindList, RefusesWhatIsNoVarBind) {
  Fixture not_a_sequence(hex("30 03 02 01 07"));
  EXPECT_FALSE(read_varbinds(not_a_sequence.reader, kEnough, not_a_sequence.varbinds));
  not_a_sequence.expect_error(DecodeErrorKind::unexpected_tag, 2);
  Fixture no_name(hex("30 05 30 03 02 01 07"));
  EXPECT_FALSE(read_varbinds(no_name.reader, kEnough, no_name.varbinds));
  no_name.expect_error(DecodeErrorKind::unexpected_tag, 4);
  Fixture no_value(hex("30 05 30 03 06 01 2b"));
  EXPECT_FALSE(read_varbinds(no_value.reader, kEnough, no_value.varbinds));
  no_value.expect_error(DecodeErrorKind::truncated, 7);
}

TEST(VarBindList, IsWrittenAsItIsRead) {
  const Octets list = sequence({varbind(kName, integer(3)), varbind("1.3", hex("05 00"))});
  Fixture f(list);
  ASSERT_TRUE(read_varbinds(f.reader, kEnough, f.varbinds));
  Octets out;
  BerWriter writer(out);
  write_varbinds(f.varbinds, writer);
  EXPECT_EQ(out, list);
}

// Bytes of a coldStart's fields: enterprise 1.3.6.1.4.1.8072, 192.0.2.1, generic 0, specific 0, 256
// ticks.
constexpr std::string_view kTrapFields =
    "06 07 2b 06 01 04 01 bf 08  40 04 c0 00 02 01  02 01 00  02 01 00  43 02 01 00";

TEST(TrapPduV1, HasItsFieldsInOrder) {
  Fixture f(hex(kTrapFields));
  TrapPduV1 trap;
  ASSERT_TRUE(read_trap_pdu_v1(f.reader, trap));
  EXPECT_EQ(trap.enterprise.to_string(), "1.3.6.1.4.1.8072");
  EXPECT_EQ(trap.agent_addr, (std::array<std::uint8_t, 4>{192, 0, 2, 1}));
  EXPECT_EQ(trap.generic, 0);
  EXPECT_EQ(trap.specific, 0);
  EXPECT_EQ(trap.time_stamp, 256U);
  EXPECT_TRUE(f.reader.at_end());
}

TEST(TrapPduV1, TruncatedAtEveryByteIsAnErrorAndNeverReadsBeyond) {
  const Octets whole = hex(kTrapFields);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Fixture f(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    TrapPduV1 trap;
    EXPECT_FALSE(read_trap_pdu_v1(f.reader, trap)) << size;
    EXPECT_LE(f.context.error.offset, size);
  }
}

TEST(TrapPduV1, AnAgentAddrNotOfFourOctetsIsNoneAndFlagged) {
  Fixture f(hex("06 01 2b  40 03 c0 00 02  02 01 06  02 01 ff  43 01 00"));
  TrapPduV1 trap;
  ASSERT_TRUE(read_trap_pdu_v1(f.reader, trap));
  EXPECT_FALSE(trap.agent_addr);
  EXPECT_EQ(trap.specific, -1);
  EXPECT_TRUE(f.context.flags.has(Tolerance::raw_value));
}

}  // namespace
}  // namespace trapline::protocol
