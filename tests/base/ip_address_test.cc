#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace trapline::base {
namespace {

IpAddress ip(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress{});
}

IpPrefix prefix(std::string_view text) {
  const auto parsed = IpPrefix::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpPrefix{});
}

TEST(IpAddress, TextSurvivesParsing) {
  for (const char* const text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1",
                                 "2001:db8::1", "fe80::1:0:0:2", "2001:db8:1:2:3:4:5:6"}) {
    EXPECT_EQ(ip(text).to_string(), text);
  }
}

TEST(IpAddress, Ipv6TextIsCanonical) {
  EXPECT_EQ(ip("2001:0DB8:0:0:0:0:0:1").to_string(), "2001:db8::1");
}

TEST(IpAddress, AMappedAddressIsTheIpv4Address) {
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  EXPECT_TRUE(ip("::ffff:192.0.2.1").is_v4());
  EXPECT_EQ(ip("::ffff:192.0.2.1").to_string(), "192.0.2.1");
  EXPECT_FALSE(ip("::192.0.2.1").is_v4());
}

TEST(IpAddress, OctetsAreInNetworkOrder) {
  EXPECT_EQ(IpAddress::v4({192, 0, 2, 1}), ip("192.0.2.1"));
  EXPECT_EQ(ip("192.0.2.1").v4_octets(), (std::array<std::uint8_t, 4>{192, 0, 2, 1}));
  std::array<std::uint8_t, 16> octets{0x20, 0x01, 0x0d, 0xb8};
  octets[15] = 1;
  EXPECT_EQ(IpAddress::v6(octets), ip("2001:db8::1"));
  EXPECT_EQ(ip("2001:db8::1").octets(), octets);
}

TEST(IpAddress, UnspecifiedIsTheDefault) {
  EXPECT_EQ(IpAddress{}.to_string(), "::");
  EXPECT_FALSE(IpAddress{}.is_v4());
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "192.0.2", "192.0.2.256", "192.0.2.1.5", "192.0.2.1 ", " 192.0.2.1", "01.2.3.4",
        "2001:db8::1::2", "2001:db8", "host", "[::1]", "::1%lo",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(IpAddress, FormatsWithoutAllocating) {
  std::array<char, 46> out{};
  EXPECT_EQ(ip("255.255.255.255").format(out), "255.255.255.255");
  EXPECT_EQ(ip("2001:db8:1:2:3:4:5:6").format(out), "2001:db8:1:2:3:4:5:6");
}

TEST(IpAddress, Orders) {
  EXPECT_LT(ip("10.0.0.1"), ip("10.0.0.2"));
  EXPECT_LT(ip("10.0.0.255"), ip("10.0.1.0"));
}

TEST(Endpoint, TextSurvivesParsing) {
  for (const char* const text : {"192.0.2.1:162", "[2001:db8::1]:162", "[::]:0", "0.0.0.0:65535"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->to_string(), text);
  }
  EXPECT_EQ(Endpoint::parse("192.0.2.1:162")->port, 162);
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "192.0.2.1", "192.0.2.1:", ":162", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:16 2",
        "2001:db8::1:162", "[192.0.2.1]:162", "[]:162", "[::1:162", "host:162"}) {
    EXPECT_FALSE(Endpoint::parse(text)) << text;
  }
}

TEST(IpPrefix, ContainsWhatSharesItsBits) {
  EXPECT_TRUE(prefix("10.0.0.0/8").contains(ip("10.255.0.1")));
  EXPECT_FALSE(prefix("10.0.0.0/8").contains(ip("11.0.0.1")));
  EXPECT_TRUE(prefix("192.0.2.128/25").contains(ip("192.0.2.129")));
  EXPECT_FALSE(prefix("192.0.2.128/25").contains(ip("192.0.2.127")));
  EXPECT_TRUE(prefix("2001:db8::/33").contains(ip("2001:db8:7fff::1")));
  EXPECT_FALSE(prefix("2001:db8::/33").contains(ip("2001:db8:8000::1")));
  EXPECT_TRUE(prefix("0.0.0.0/0").contains(ip("203.0.113.9")));
  EXPECT_TRUE(prefix("::/0").contains(ip("203.0.113.9"))) << "mapped addresses are IPv6 too";
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(ip("2001:db8::1")));
}

TEST(IpPrefix, ABareAddressIsAPrefixOfItself) {
  EXPECT_TRUE(prefix("192.0.2.1").contains(ip("192.0.2.1")));
  EXPECT_FALSE(prefix("192.0.2.1").contains(ip("192.0.2.2")));
  EXPECT_EQ(prefix("192.0.2.1").to_string(), "192.0.2.1/32");
  EXPECT_EQ(prefix("2001:db8::1").to_string(), "2001:db8::1/128");
}

TEST(IpPrefix, TextSurvivesParsing) {
  for (const char* const text :
       {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/32", "::/0"}) {
    EXPECT_EQ(prefix(text).to_string(), text);
  }
}

TEST(IpPrefix, RefusesHostBitsAndWhatIsNone) {
  for (const char* const text :
       {"10.0.0.1/8", "192.0.2.129/25", "2001:db8::1/32", "10.0.0.0/33", "2001:db8::/129",
        "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.0/8/8", "/8", ""}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
}

}  // namespace
}  // namespace trapline::base
