#include "protocol/oid.h"

#include <gtest/gtest.h>

#include "tests/support/wire.h"

namespace trapline::protocol {
namespace {

using test_support::hex;
using test_support::Octets;

Octets content_of(std::string_view dotted) {
  const auto parsed = Oid::parse(dotted);
  EXPECT_TRUE(parsed) << dotted;
  if (!parsed) return {};
  const base::Bytes content = parsed->view().content();
  return {content.begin(), content.end()};
}

std::string repeated_arcs(std::size_t count) {
  std::string text = "1.3";
  for (std::size_t i = 2; i < count; ++i) text += ".1";
  return text;
}

TEST(Oid, IsItsContentOctets) {
  EXPECT_EQ(content_of("1.3.6.1.2.1.1.3.0"), hex("2b 06 01 02 01 01 03 00"));
  EXPECT_EQ(content_of(".1.3.6.1.4.1.8072"), hex("2b 06 01 04 01 bf 08"));
  EXPECT_EQ(content_of("0.0"), hex("00"));
  EXPECT_EQ(content_of("2.999"), hex("88 37"));
  EXPECT_EQ(content_of("1.3.4294967295"), hex("2b 8f ff ff ff 7f"));
}

TEST(Oid, TextSurvivesTheWayThroughOctets) {
  for (const char* const text :
       {"0.0", "0.39", "1.0", "1.39", "2.0", "2.39", "2.40", "2.4294967215", "1.3.6.1.4.1.8072.2.3",
        "1.3.127.128.16383.16384.2097151.2097152.268435455.268435456.4294967295"}) {
    const auto parsed = Oid::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->view().to_string(), text);
  }
}

TEST(Oid, RefusesWhatIsNone) {
  for (const char* const text :
       {"", ".", "1", "1.", "1..3", "1.3.", "3.1", "1.40", "0.40", "a.b", "1.3.x", "1.3.-1",
        "1.3.4294967296", "2.4294967216", " 1.3", "1.3 ", "..1.3"}) {
    EXPECT_FALSE(Oid::parse(text)) << text;
  }
}

TEST(Oid, HasAtMost128SubIdentifiers) {
  EXPECT_TRUE(Oid::parse(repeated_arcs(kMaxSubIdentifiers)));
  EXPECT_EQ(Oid::parse(repeated_arcs(kMaxSubIdentifiers))->view().size(), kMaxSubIdentifiers);
  EXPECT_FALSE(Oid::parse(repeated_arcs(kMaxSubIdentifiers + 1)));
}

TEST(OidView, EmptyReadsAsZeroDotZero) {
  EXPECT_EQ(OidView().to_string(), "0.0");
  EXPECT_EQ(OidView().size(), 0U);
  EXPECT_TRUE(OidView().empty());
}

TEST(OidView, KnowsItsAncestors) {
  const Oid column = *Oid::parse("1.3.6.1.2.1.2.2.1.1");
  const Oid instance = *Oid::parse("1.3.6.1.2.1.2.2.1.1.300");
  EXPECT_TRUE(instance.view().starts_with(column));
  EXPECT_TRUE(instance.view().starts_with(instance));
  EXPECT_TRUE(instance.view().starts_with(OidView()));
  EXPECT_FALSE(column.view().starts_with(instance));
  EXPECT_FALSE(instance.view().starts_with(*Oid::parse("1.3.6.1.2.1.2.2.1.2")));
}

TEST(OidView, SuffixIsWhatStandsBehindAPrefix) {
  const Oid column = *Oid::parse("1.3.6.1.2.1.2.2.1.1");
  const Oid instance = *Oid::parse("1.3.6.1.2.1.2.2.1.1.300.7");
  const OidView suffix = instance.view().suffix(column.view().content().size());
  std::string text;
  suffix.append_suffix_to(text);
  EXPECT_EQ(text, "300.7");
  EXPECT_TRUE(instance.view().suffix(1000).empty());
}

TEST(OidView, SizeCountsTheFirstOctetTwice) {
  EXPECT_EQ(Oid::parse("1.3")->view().size(), 2U);
  EXPECT_EQ(Oid::parse("1.3.6.1.4.1.8072")->view().size(), 7U);
}

TEST(OidView, OrdersByOctets) {
  const Oid a = *Oid::parse("1.3.6.1.1");
  const Oid b = *Oid::parse("1.3.6.1.1.5");
  const Oid c = *Oid::parse("1.3.6.1.2");
  EXPECT_LT(a.view(), b.view());
  EXPECT_LT(b.view(), c.view());
  EXPECT_LT(OidView(), a.view());
  EXPECT_EQ(a.view(), Oid::parse(".1.3.6.1.1")->view());
  EXPECT_NE(a.view(), b.view());
}

TEST(Oid, AppendAddsOneSubIdentifier) {
  Oid oid = *Oid::parse("1.3");
  oid.append(0);
  oid.append(4294967295);
  EXPECT_EQ(oid.view().to_string(), "1.3.0.4294967295");
}

}  // namespace
}  // namespace trapline::protocol
