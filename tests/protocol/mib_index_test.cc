#include "protocol/mib/mib_index.h"

#include <gtest/gtest.h>

#include "protocol/mib/standard_names.h"

namespace trapline::protocol::mib {
namespace {

const MibIndex& index() { return MibIndex::built_in(); }

std::string name_of(std::string_view dotted) {
  std::string out;
  index().append_name(*Oid::parse(dotted), out);
  return out;
}

std::string short_name_of(std::string_view dotted) {
  std::string out;
  index().append_short_name(*Oid::parse(dotted), out);
  return out;
}

std::string numeric(std::string_view text) {
  const auto oid = index().parse(text);
  return oid ? oid->view().to_string() : "none";
}

TEST(MibIndex, NamesNotificationsAndInstances) {
  EXPECT_EQ(name_of("1.3.6.1.6.3.1.1.5.1"), "SNMPv2-MIB::coldStart");
  EXPECT_EQ(name_of("1.3.6.1.6.3.1.1.5.3"), "IF-MIB::linkDown");
  EXPECT_EQ(name_of("1.3.6.1.6.3.1.1.5.5"), "SNMPv2-MIB::authenticationFailure");
  EXPECT_EQ(name_of("1.3.6.1.2.1.2.2.1.1.7"), "IF-MIB::ifIndex.7");
  EXPECT_EQ(name_of("1.3.6.1.2.1.31.1.1.1.18.100000"), "IF-MIB::ifAlias.100000");
  EXPECT_EQ(name_of("1.3.6.1.2.1.1.3.0"), "SNMPv2-MIB::sysUpTime.0");
  EXPECT_EQ(name_of("1.3.6.1.6.3.18.1.3.0"), "SNMP-COMMUNITY-MIB::snmpTrapAddress.0");
  EXPECT_EQ(short_name_of("1.3.6.1.2.1.2.2.1.1.7"), "ifIndex.7");
  EXPECT_EQ(short_name_of("1.3.6.1.2.1.31.1.2.1.3.4.5"), "ifStackStatus.4.5");
}

TEST(MibIndex, ARootAloneIsNoName) {
  for (const char* const text : {"0.0", "1.0", "1.3", "1.3.6.1", "1.3.6.1.4.1.9.9.41.2", "2.5"}) {
    EXPECT_EQ(name_of(text), text);
    EXPECT_EQ(short_name_of(text), text);
  }
  std::string empty;
  index().append_name(OidView(), empty);
  EXPECT_EQ(empty, "0.0");
}

TEST(MibIndex, ResolvesToTheLongestKnownAncestor) {
  const Oid oid = *Oid::parse("1.3.6.1.2.1.2.2.1.8.300");
  const auto resolved = index().resolve(oid);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->node->label, "ifOperStatus");
  EXPECT_EQ(resolved->node->module, "IF-MIB");
  EXPECT_EQ(resolved->node->kind, NodeKind::column);
  EXPECT_EQ(resolved->suffix.content().size(), 2U);
  const Oid vendor = *Oid::parse("1.3.6.1.4.1.8072.3.2.10");
  EXPECT_EQ(index().resolve(vendor)->node->label, "enterprises");
  EXPECT_FALSE(index().resolve(*Oid::parse("2.5.4")));
  EXPECT_FALSE(index().resolve(OidView()));
}

TEST(MibIndex, DoesNotMistakeOctetsForSubIdentifiers) {
  // 1.3.6.1.2.1.2.2.1.129 begins with the octets of column 1 padded by a continuation, not with
  // ifIndex.
  EXPECT_EQ(name_of("1.3.6.1.2.1.2.2.1.129.7"), "IF-MIB::ifEntry.129.7");
  EXPECT_EQ(name_of("1.3.6.1.2.1.128"), "1.3.6.1.2.1.128");
}

TEST(MibIndex, EveryStandardNodeIsFoundByOidAndByName) {
  const StandardNames standard;
  EXPECT_GT(standard.nodes().size(), 120U);
  for (const Node& node : standard.nodes()) {
    const auto resolved = index().resolve(node.oid);
    ASSERT_TRUE(resolved) << node.label;
    EXPECT_EQ(resolved->node->label, node.label);
    EXPECT_TRUE(resolved->suffix.empty());
    EXPECT_EQ(index().find(node.label), resolved->node);
    EXPECT_EQ(index().find(std::string(node.module) + "::" + std::string(node.label)),
              resolved->node);
  }
}

TEST(MibIndex, LabelsAreSortedByNumber) {
  const StandardNames standard;
  for (const Node& node : standard.nodes()) {
    for (std::size_t i = 1; i < node.labels.size(); ++i) {
      EXPECT_LT(node.labels[i - 1].number, node.labels[i].number) << node.label;
    }
  }
}

TEST(MibIndex, FindsNamesWithAndWithoutTheirModule) {
  ASSERT_NE(index().find("linkDown"), nullptr);
  EXPECT_EQ(index().find("IF-MIB::linkDown"), index().find("linkDown"));
  for (const char* const text :
       {"", "linkdown", "OTHER-MIB::linkDown", "::linkDown2", "IF-MIB::", "IF-MIB", "zzz"}) {
    EXPECT_EQ(index().find(text), nullptr) << text;
  }
}

TEST(MibIndex, ParsesNamesAndNumbers) {
  EXPECT_EQ(numeric("IF-MIB::linkDown"), "1.3.6.1.6.3.1.1.5.3");
  EXPECT_EQ(numeric("ifIndex.7"), "1.3.6.1.2.1.2.2.1.1.7");
  EXPECT_EQ(numeric("IF-MIB::ifStackStatus.4.500"), "1.3.6.1.2.1.31.1.2.1.3.4.500");
  EXPECT_EQ(numeric("SNMPv2-SMI::enterprises.8072"), "1.3.6.1.4.1.8072");
  EXPECT_EQ(numeric("mib-2.1"), "1.3.6.1.2.1.1");
  EXPECT_EQ(numeric(".1.3.6"), "1.3.6");
  for (const char* const text : {"", ".", "ifIndex.", "ifIndex.x", "ifIndex.1.", "ifIndex..1",
                                 "ifIndex.4294967296", "nothing", "nothing.1", "1.3.x"}) {
    EXPECT_EQ(numeric(text), "none") << text;
  }
  std::string long_name = "ifIndex";
  for (std::size_t i = 0; i < kMaxSubIdentifiers; ++i) long_name += ".1";
  EXPECT_EQ(numeric(long_name), "none");
}

TEST(MibIndex, LabelsEnumeratedValues) {
  const Node& admin = *index().find("ifAdminStatus");
  EXPECT_EQ(MibIndex::label_of(admin, 1), "up");
  EXPECT_EQ(MibIndex::label_of(admin, 2), "down");
  EXPECT_EQ(MibIndex::label_of(admin, 0), "");
  EXPECT_EQ(MibIndex::label_of(admin, 4), "");
  EXPECT_EQ(MibIndex::label_of(*index().find("ifOperStatus"), 7), "lowerLayerDown");
  EXPECT_EQ(MibIndex::label_of(*index().find("ifType"), 6), "ethernetCsmacd");
  EXPECT_EQ(MibIndex::label_of(*index().find("ifType"), 161), "ieee8023adLag");
  EXPECT_EQ(MibIndex::label_of(*index().find("ifIndex"), 1), "");
}

TEST(MibIndex, NotificationsKnowTheirObjects) {
  const Node& link_down = *index().find("linkDown");
  EXPECT_EQ(link_down.kind, NodeKind::notification);
  ASSERT_EQ(link_down.objects.size(), 3U);
  EXPECT_EQ(index().resolve(link_down.objects[0])->node->label, "ifIndex");
  EXPECT_EQ(index().resolve(link_down.objects[1])->node->label, "ifAdminStatus");
  EXPECT_EQ(index().resolve(link_down.objects[2])->node->label, "ifOperStatus");
  EXPECT_TRUE(index().find("coldStart")->objects.empty());
}

TEST(MibIndex, KnowsHowTextIsMeant) {
  EXPECT_EQ(index().find("ifDescr")->form, TextForm::text);
  EXPECT_EQ(index().find("ifPhysAddress")->form, TextForm::mac_address);
  EXPECT_EQ(index().find("ifIndex")->form, TextForm::guess);
}

}  // namespace
}  // namespace trapline::protocol::mib
