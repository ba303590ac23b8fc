#include "protocol/mib/standard_names.h"

#include <cassert>
#include <iterator>

namespace trapline::protocol::mib {
namespace {

// One name below a group's OID.
struct Fact {
  std::string_view label;
  std::uint32_t number;
  TextForm form = TextForm::guess;
  std::span<const EnumLabel> labels = {};
};

// Names that share a module, an OID above them, and their kind.
struct Group {
  std::string_view module;
  std::string_view above;  // dotted
  NodeKind kind;
  std::span<const Fact> facts;
};

// A notification with its OBJECTS.
struct NotificationFact {
  std::string_view module;
  std::string_view label;
  std::string_view oid;
  std::span<const std::string_view> objects;
};

constexpr TextForm kText = TextForm::text;
constexpr TextForm kGuess = TextForm::guess;

constexpr EnumLabel kTruthValue[] = {{1, "true"}, {2, "false"}};
constexpr EnumLabel kEnabled[] = {{1, "enabled"}, {2, "disabled"}};
constexpr EnumLabel kRowStatus[] = {{1, "active"},      {2, "notInService"},  {3, "notReady"},
                                    {4, "createAndGo"}, {5, "createAndWait"}, {6, "destroy"}};
constexpr EnumLabel kAdminStatus[] = {{1, "up"}, {2, "down"}, {3, "testing"}};
constexpr EnumLabel kOperStatus[] = {
    {1, "up"},      {2, "down"},       {3, "testing"},       {4, "unknown"},
    {5, "dormant"}, {6, "notPresent"}, {7, "lowerLayerDown"}};
constexpr EnumLabel kTestStatus[] = {{1, "notInUse"}, {2, "inUse"}};
constexpr EnumLabel kTestResult[] = {{1, "none"},         {2, "success"},     {3, "inProgress"},
                                     {4, "notSupported"}, {5, "unAbleToRun"}, {6, "aborted"},
                                     {7, "failed"}};
constexpr EnumLabel kRcvAddressType[] = {{1, "other"}, {2, "volatile"}, {3, "nonVolatile"}};

// The values of IANAifType that are met in the field.
constexpr EnumLabel kIfType[] = {
    {1, "other"},
    {2, "regular1822"},
    {3, "hdh1822"},
    {4, "ddnX25"},
    {5, "rfc877x25"},
    {6, "ethernetCsmacd"},
    {7, "iso88023Csmacd"},
    {8, "iso88024TokenBus"},
    {9, "iso88025TokenRing"},
    {10, "iso88026Man"},
    {15, "fddi"},
    {16, "lapb"},
    {17, "sdlc"},
    {18, "ds1"},
    {19, "e1"},
    {20, "basicISDN"},
    {21, "primaryISDN"},
    {22, "propPointToPointSerial"},
    {23, "ppp"},
    {24, "softwareLoopback"},
    {28, "slip"},
    {30, "ds3"},
    {32, "frameRelay"},
    {33, "rs232"},
    {37, "atm"},
    {39, "sonet"},
    {44, "frameRelayService"},
    {45, "v35"},
    {46, "hssi"},
    {48, "modem"},
    {49, "aal5"},
    {50, "sonetPath"},
    {51, "sonetVT"},
    {53, "propVirtual"},
    {54, "propMultiplexor"},
    {56, "fibreChannel"},
    {62, "fastEther"},
    {63, "isdn"},
    {71, "ieee80211"},
    {94, "adsl"},
    {96, "sdsl"},
    {97, "vdsl"},
    {100, "voiceEM"},
    {101, "voiceFXO"},
    {102, "voiceFXS"},
    {103, "voiceEncap"},
    {104, "voiceOverIp"},
    {117, "gigabitEthernet"},
    {127, "docsCableMaclayer"},
    {128, "docsCableDownstream"},
    {129, "docsCableUpstream"},
    {131, "tunnel"},
    {134, "atmSubInterface"},
    {135, "l2vlan"},
    {136, "l3ipvlan"},
    {137, "l3ipxvlan"},
    {150, "mplsTunnel"},
    {157, "propWirelessP2P"},
    {161, "ieee8023adLag"},
    {166, "mpls"},
    {171, "pos"},
    {195, "opticalChannel"},
    {196, "opticalTransport"},
    {199, "infiniband"},
    {209, "bridge"},
    {250, "gpon"},
    {251, "vdsl2"},
};

constexpr Fact kRoots[] = {{"zeroDotZero", 0}};
constexpr Fact kIso[] = {{"org", 3}};
constexpr Fact kOrg[] = {{"dod", 6}};
constexpr Fact kDod[] = {{"internet", 1}};
constexpr Fact kInternet[] = {{"directory", 1}, {"mgmt", 2},     {"experimental", 3},
                              {"private", 4},   {"security", 5}, {"snmpV2", 6}};
constexpr Fact kMgmt[] = {{"mib-2", 1}};
constexpr Fact kPrivate[] = {{"enterprises", 1}};
constexpr Fact kMib2[] = {{"transmission", 10}};
constexpr Fact kSnmpV2[] = {{"snmpDomains", 1}, {"snmpProxys", 2}, {"snmpModules", 3}};

constexpr Fact kSnmpv2MibMib2[] = {{"system", 1}, {"snmp", 11}};
constexpr Fact kSystem[] = {
    {"sysDescr", 1, kText}, {"sysObjectID", 2},        {"sysUpTime", 3},   {"sysContact", 4, kText},
    {"sysName", 5, kText},  {"sysLocation", 6, kText}, {"sysServices", 7}, {"sysORLastChange", 8},
};
constexpr Fact kSystemTables[] = {{"sysORTable", 9}};
constexpr Fact kSysOrTable[] = {{"sysOREntry", 1}};
constexpr Fact kSysOrEntry[] = {
    {"sysORIndex", 1}, {"sysORID", 2}, {"sysORDescr", 3, kText}, {"sysORUpTime", 4}};
constexpr Fact kSnmp[] = {
    {"snmpInPkts", 1},
    {"snmpOutPkts", 2},
    {"snmpInBadVersions", 3},
    {"snmpInBadCommunityNames", 4},
    {"snmpInBadCommunityUses", 5},
    {"snmpInASNParseErrs", 6},
    {"snmpInTooBigs", 8},
    {"snmpInNoSuchNames", 9},
    {"snmpInBadValues", 10},
    {"snmpInReadOnlys", 11},
    {"snmpInGenErrs", 12},
    {"snmpInTotalReqVars", 13},
    {"snmpInTotalSetVars", 14},
    {"snmpInGetRequests", 15},
    {"snmpInGetNexts", 16},
    {"snmpInSetRequests", 17},
    {"snmpInGetResponses", 18},
    {"snmpInTraps", 19},
    {"snmpOutTooBigs", 20},
    {"snmpOutNoSuchNames", 21},
    {"snmpOutBadValues", 22},
    {"snmpOutGenErrs", 24},
    {"snmpOutGetRequests", 25},
    {"snmpOutGetNexts", 26},
    {"snmpOutSetRequests", 27},
    {"snmpOutGetResponses", 28},
    {"snmpOutTraps", 29},
    {"snmpEnableAuthenTraps", 30, kGuess, kEnabled},
    {"snmpSilentDrops", 31},
    {"snmpProxyDrops", 32},
};
constexpr Fact kSnmpModules[] = {{"snmpMIB", 1}};
constexpr Fact kSnmpMib[] = {{"snmpMIBObjects", 1}, {"snmpMIBConformance", 2}};
constexpr Fact kSnmpMibObjects[] = {{"snmpTrap", 4}, {"snmpTraps", 5}, {"snmpSet", 6}};
constexpr Fact kSnmpTrap[] = {{"snmpTrapOID", 1}, {"snmpTrapEnterprise", 3}};
constexpr Fact kSnmpSet[] = {{"snmpSetSerialNo", 1}};

constexpr Fact kIfMibMib2[] = {{"interfaces", 2}, {"ifMIB", 31}};
constexpr Fact kInterfaces[] = {{"ifNumber", 1}};
constexpr Fact kInterfacesTables[] = {{"ifTable", 2}};
constexpr Fact kIfTable[] = {{"ifEntry", 1}};
constexpr Fact kIfEntry[] = {
    {"ifIndex", 1},
    {"ifDescr", 2, kText},
    {"ifType", 3, kGuess, kIfType},
    {"ifMtu", 4},
    {"ifSpeed", 5},
    {"ifPhysAddress", 6, TextForm::mac_address},
    {"ifAdminStatus", 7, kGuess, kAdminStatus},
    {"ifOperStatus", 8, kGuess, kOperStatus},
    {"ifLastChange", 9},
    {"ifInOctets", 10},
    {"ifInUcastPkts", 11},
    {"ifInNUcastPkts", 12},
    {"ifInDiscards", 13},
    {"ifInErrors", 14},
    {"ifInUnknownProtos", 15},
    {"ifOutOctets", 16},
    {"ifOutUcastPkts", 17},
    {"ifOutNUcastPkts", 18},
    {"ifOutDiscards", 19},
    {"ifOutErrors", 20},
    {"ifOutQLen", 21},
    {"ifSpecific", 22},
};
constexpr Fact kIfMib[] = {{"ifMIBObjects", 1}, {"ifConformance", 2}};
constexpr Fact kIfMibObjects[] = {
    {"ifXTable", 1}, {"ifStackTable", 2}, {"ifTestTable", 3}, {"ifRcvAddressTable", 4}};
constexpr Fact kIfMibScalars[] = {{"ifTableLastChange", 5}, {"ifStackLastChange", 6}};
constexpr Fact kIfXTable[] = {{"ifXEntry", 1}};
constexpr Fact kIfXEntry[] = {
    {"ifName", 1, kText},
    {"ifInMulticastPkts", 2},
    {"ifInBroadcastPkts", 3},
    {"ifOutMulticastPkts", 4},
    {"ifOutBroadcastPkts", 5},
    {"ifHCInOctets", 6},
    {"ifHCInUcastPkts", 7},
    {"ifHCInMulticastPkts", 8},
    {"ifHCInBroadcastPkts", 9},
    {"ifHCOutOctets", 10},
    {"ifHCOutUcastPkts", 11},
    {"ifHCOutMulticastPkts", 12},
    {"ifHCOutBroadcastPkts", 13},
    {"ifLinkUpDownTrapEnable", 14, kGuess, kEnabled},
    {"ifHighSpeed", 15},
    {"ifPromiscuousMode", 16, kGuess, kTruthValue},
    {"ifConnectorPresent", 17, kGuess, kTruthValue},
    {"ifAlias", 18, kText},
    {"ifCounterDiscontinuityTime", 19},
};
constexpr Fact kIfStackTable[] = {{"ifStackEntry", 1}};
constexpr Fact kIfStackEntry[] = {
    {"ifStackHigherLayer", 1}, {"ifStackLowerLayer", 2}, {"ifStackStatus", 3, kGuess, kRowStatus}};
constexpr Fact kIfTestTable[] = {{"ifTestEntry", 1}};
constexpr Fact kIfTestEntry[] = {
    {"ifTestId", 1},   {"ifTestStatus", 2, kGuess, kTestStatus},
    {"ifTestType", 3}, {"ifTestResult", 4, kGuess, kTestResult},
    {"ifTestCode", 5}, {"ifTestOwner", 6, kText},
};
constexpr Fact kIfRcvAddressTable[] = {{"ifRcvAddressEntry", 1}};
constexpr Fact kIfRcvAddressEntry[] = {{"ifRcvAddressAddress", 1, TextForm::mac_address},
                                       {"ifRcvAddressStatus", 2, kGuess, kRowStatus},
                                       {"ifRcvAddressType", 3, kGuess, kRcvAddressType}};

constexpr Fact kCommunityMib[] = {{"snmpCommunityMIB", 18}};
constexpr Fact kCommunityMibObjects[] = {{"snmpCommunityMIBObjects", 1}};
constexpr Fact kTrapOrigin[] = {{"snmpTrapAddress", 3}, {"snmpTrapCommunity", 4}};
constexpr Fact kEgp[] = {{"egp", 8}};
constexpr Fact kEgpTables[] = {{"egpNeighTable", 5}};
constexpr Fact kEgpNeighTable[] = {{"egpNeighEntry", 1}};
constexpr Fact kEgpNeighEntry[] = {{"egpNeighAddr", 2}};

constexpr std::string_view kSmi = "SNMPv2-SMI";
constexpr std::string_view kSnmpv2Mib = "SNMPv2-MIB";
constexpr std::string_view kIfMibName = "IF-MIB";
constexpr std::string_view kCommunityMibName = "SNMP-COMMUNITY-MIB";
constexpr std::string_view kRfc1213 = "RFC1213-MIB";

constexpr Group kGroups[] = {
    {kSmi, "0", NodeKind::node, kRoots},
    {kSmi, "1", NodeKind::node, kIso},
    {kSmi, "1.3", NodeKind::node, kOrg},
    {kSmi, "1.3.6", NodeKind::node, kDod},
    {kSmi, "1.3.6.1", NodeKind::node, kInternet},
    {kSmi, "1.3.6.1.2", NodeKind::node, kMgmt},
    {kSmi, "1.3.6.1.4", NodeKind::node, kPrivate},
    {kSmi, "1.3.6.1.2.1", NodeKind::node, kMib2},
    {kSmi, "1.3.6.1.6", NodeKind::node, kSnmpV2},
    {kSnmpv2Mib, "1.3.6.1.2.1", NodeKind::node, kSnmpv2MibMib2},
    {kSnmpv2Mib, "1.3.6.1.2.1.1", NodeKind::scalar, kSystem},
    {kSnmpv2Mib, "1.3.6.1.2.1.1", NodeKind::node, kSystemTables},
    {kSnmpv2Mib, "1.3.6.1.2.1.1.9", NodeKind::node, kSysOrTable},
    {kSnmpv2Mib, "1.3.6.1.2.1.1.9.1", NodeKind::column, kSysOrEntry},
    {kSnmpv2Mib, "1.3.6.1.2.1.11", NodeKind::scalar, kSnmp},
    {kSnmpv2Mib, "1.3.6.1.6.3", NodeKind::node, kSnmpModules},
    {kSnmpv2Mib, "1.3.6.1.6.3.1", NodeKind::node, kSnmpMib},
    {kSnmpv2Mib, "1.3.6.1.6.3.1.1", NodeKind::node, kSnmpMibObjects},
    {kSnmpv2Mib, "1.3.6.1.6.3.1.1.4", NodeKind::scalar, kSnmpTrap},
    {kSnmpv2Mib, "1.3.6.1.6.3.1.1.6", NodeKind::scalar, kSnmpSet},
    {kIfMibName, "1.3.6.1.2.1", NodeKind::node, kIfMibMib2},
    {kIfMibName, "1.3.6.1.2.1.2", NodeKind::scalar, kInterfaces},
    {kIfMibName, "1.3.6.1.2.1.2", NodeKind::node, kInterfacesTables},
    {kIfMibName, "1.3.6.1.2.1.2.2", NodeKind::node, kIfTable},
    {kIfMibName, "1.3.6.1.2.1.2.2.1", NodeKind::column, kIfEntry},
    {kIfMibName, "1.3.6.1.2.1.31", NodeKind::node, kIfMib},
    {kIfMibName, "1.3.6.1.2.1.31.1", NodeKind::node, kIfMibObjects},
    {kIfMibName, "1.3.6.1.2.1.31.1", NodeKind::scalar, kIfMibScalars},
    {kIfMibName, "1.3.6.1.2.1.31.1.1", NodeKind::node, kIfXTable},
    {kIfMibName, "1.3.6.1.2.1.31.1.1.1", NodeKind::column, kIfXEntry},
    {kIfMibName, "1.3.6.1.2.1.31.1.2", NodeKind::node, kIfStackTable},
    {kIfMibName, "1.3.6.1.2.1.31.1.2.1", NodeKind::column, kIfStackEntry},
    {kIfMibName, "1.3.6.1.2.1.31.1.3", NodeKind::node, kIfTestTable},
    {kIfMibName, "1.3.6.1.2.1.31.1.3.1", NodeKind::column, kIfTestEntry},
    {kIfMibName, "1.3.6.1.2.1.31.1.4", NodeKind::node, kIfRcvAddressTable},
    {kIfMibName, "1.3.6.1.2.1.31.1.4.1", NodeKind::column, kIfRcvAddressEntry},
    {kCommunityMibName, "1.3.6.1.6.3", NodeKind::node, kCommunityMib},
    {kCommunityMibName, "1.3.6.1.6.3.18", NodeKind::node, kCommunityMibObjects},
    {kCommunityMibName, "1.3.6.1.6.3.18.1", NodeKind::scalar, kTrapOrigin},
    {kRfc1213, "1.3.6.1.2.1", NodeKind::node, kEgp},
    {kRfc1213, "1.3.6.1.2.1.8", NodeKind::node, kEgpTables},
    {kRfc1213, "1.3.6.1.2.1.8.5", NodeKind::node, kEgpNeighTable},
    {kRfc1213, "1.3.6.1.2.1.8.5.1", NodeKind::column, kEgpNeighEntry},
};

// OBJECTS of linkDown and linkUp: ifIndex, ifAdminStatus, ifOperStatus.
constexpr std::string_view kLinkObjects[] = {"1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.7",
                                             "1.3.6.1.2.1.2.2.1.8"};
constexpr std::string_view kEgpObjects[] = {"1.3.6.1.2.1.8.5.1.2"};

constexpr NotificationFact kNotifications[] = {
    {kSnmpv2Mib, "coldStart", "1.3.6.1.6.3.1.1.5.1", {}},
    {kSnmpv2Mib, "warmStart", "1.3.6.1.6.3.1.1.5.2", {}},
    {kIfMibName, "linkDown", "1.3.6.1.6.3.1.1.5.3", kLinkObjects},
    {kIfMibName, "linkUp", "1.3.6.1.6.3.1.1.5.4", kLinkObjects},
    {kSnmpv2Mib, "authenticationFailure", "1.3.6.1.6.3.1.1.5.5", {}},
    {kRfc1213, "egpNeighborLoss", "1.3.6.1.6.3.1.1.5.6", kEgpObjects},
};

// The facts are ours: one that does not parse is a mistake in this file.
Oid oid_of(std::string_view dotted) {
  const std::optional<Oid> oid = Oid::parse(dotted);
  assert(oid);
  return *oid;
}

Node node_of(const Group& group, const Fact& fact) {
  Node node;
  node.module = group.module;
  node.label = fact.label;
  node.kind = group.kind;
  node.form = fact.form;
  node.labels = fact.labels;
  return node;
}

}  // namespace

// OIDs are moved into vectors of octets that stay where they are, so nodes may view them while
// `oids_` grows.
StandardNames::StandardNames() {
  const auto keep = [this](Oid oid) { return oids_.emplace_back(std::move(oid)).view(); };
  for (const Group& group : kGroups) {
    for (const Fact& fact : group.facts) {
      nodes_.push_back(node_of(group, fact));
      const std::string dotted = std::string(group.above) + "." + std::to_string(fact.number);
      nodes_.back().oid = keep(oid_of(dotted));
    }
  }
  objects_.reserve(std::size(kNotifications));
  for (const NotificationFact& fact : kNotifications) {
    std::vector<OidView>& objects = objects_.emplace_back();
    for (const std::string_view object : fact.objects) objects.push_back(keep(oid_of(object)));
    Node& node = nodes_.emplace_back();
    node.oid = keep(oid_of(fact.oid));
    node.module = fact.module;
    node.label = fact.label;
    node.kind = NodeKind::notification;
    node.objects = objects;
  }
}

}  // namespace trapline::protocol::mib
