#include "gateway/commands/varbind_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trapline::gateway {
namespace {

using protocol::ValueType;
using protocol::mib::MibIndex;
using ::testing::HasSubstr;

base::Result<VarBindArgument, std::string> parse(std::string_view name, std::string_view type,
                                                 std::string_view value) {
  return parse_varbind_argument(name, type, value, MibIndex::built_in());
}

struct Example {
  std::string_view type;
  std::string_view value;
  ValueType expected;
  std::uint64_t number;
  std::string_view content;
};

void PrintTo(const Example& example, std::ostream* out) {
  *out << example.type << ' ' << example.value;
}

class TypedValue : public ::testing::TestWithParam<Example> {};

TEST_P(TypedValue, IsReadAsItsLetterSays) {
  const Example& example = GetParam();
  const auto argument = parse("1.3.6.1.4.1.9.1", example.type, example.value);
  ASSERT_TRUE(argument) << argument.error();
  const protocol::VarBind varbind = argument->view();
  EXPECT_EQ(varbind.name.to_string(), "1.3.6.1.4.1.9.1");
  EXPECT_EQ(varbind.value.type, example.expected);
  EXPECT_EQ(varbind.value.number, example.number);
  EXPECT_EQ(base::as_text(varbind.value.content), example.content);
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    Letters, TypedValue,
    ::testing::Values(
        Example{"i", "-5", ValueType::integer32, static_cast<std::uint64_t>(-5), ""},
        Example{"u", "4294967295", ValueType::gauge32, 4'294'967'295U, ""},
        Example{"c", "7", ValueType::counter32, 7, ""},
        Example{"C", "18446744073709551615", ValueType::counter64, ~std::uint64_t{0}, ""},
        Example{"t", "100", ValueType::time_ticks, 100, ""},
        Example{"a", "192.0.2.1", ValueType::ip_address, 0, "\xc0\x00\x02\x01"sv},
        Example{"o", "1.3.6.1", ValueType::object_identifier, 0, "\x2b\x06\x01"},
        Example{"s", "", ValueType::octet_string, 0, ""},
        Example{"s", "a b", ValueType::octet_string, 0, "a b"},
        Example{"x", "00 1b:44", ValueType::octet_string, 0, "\x00\x1b\x44"sv},
        Example{"d", "65 66.67", ValueType::octet_string, 0, "ABC"},
        Example{"b", "0, 9", ValueType::octet_string, 0, "\x80\x40"},
        Example{"n", "", ValueType::null, 0, ""},
        Example{"I", "-2", ValueType::opaque_int64, static_cast<std::uint64_t>(-2), ""},
        Example{"U", "2", ValueType::opaque_uint64, 2, ""},
        Example{"F", "1.5", ValueType::opaque_float, 0x3ff8'0000'0000'0000, ""},
        Example{"D", "1.5", ValueType::opaque_double, 0x3ff8'0000'0000'0000, ""}));

TEST(VarBindArgument, NamesOfObjectsAndOfValues) {
  const auto argument = parse("IF-MIB::ifOperStatus.7", "i", "down");
  ASSERT_TRUE(argument) << argument.error();
  EXPECT_EQ(argument->name.view().to_string(), "1.3.6.1.2.1.2.2.1.8.7");
  EXPECT_EQ(argument->number, 2U);
  EXPECT_EQ(parse("ifAdminStatus.7", "=", "up")->number, 1U);
  const auto oid = parse("snmpTrapOID.0", "o", "IF-MIB::linkUp");
  ASSERT_TRUE(oid) << oid.error();
  EXPECT_EQ(protocol::OidView(oid->content).to_string(), "1.3.6.1.6.3.1.1.5.4");
}

struct Refusal {
  std::string_view name;
  std::string_view type;
  std::string_view value;
  std::string_view says;
};

class RefusedVarBind : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusedVarBind, SaysWhatIsExpected) {
  const auto argument = parse(GetParam().name, GetParam().type, GetParam().value);
  ASSERT_FALSE(argument);
  EXPECT_THAT(argument.error(), HasSubstr(std::string(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, RefusedVarBind,
    ::testing::Values(Refusal{"noSuchName.1", "i", "1", "write its OID"},
                      Refusal{"ifIndex.7", "q", "1", "unknown type letter"},
                      Refusal{"ifIndex.7", "int", "1", "is not a type"},
                      Refusal{"ifIndex.7", "i", "2147483648", "whole number"},
                      Refusal{"ifOperStatus.7", "i", "sideways", "nor its name"},
                      Refusal{"ifIndex.7", "u", "-1", "from 0 to 4294967295"},
                      Refusal{"ifIndex.7", "t", "1 day", "from 0 to 4294967295"},
                      Refusal{"ifIndex.7", "a", "::1", "IPv4"},
                      Refusal{"ifIndex.7", "o", "1.3..6", "is not an OID"},
                      Refusal{"ifIndex.7", "x", "0g", "hexadecimal"},
                      Refusal{"ifIndex.7", "d", "256", "octets in decimal"},
                      Refusal{"ifIndex.7", "b", "99999", "bit numbers"},
                      Refusal{"1.3.6.1.4.1.9.1", "=", "1", "give a letter"}));

}  // namespace
}  // namespace trapline::gateway
