// The verbs that ask devices, against net-snmp's agent, and next to net-snmp's own tools.

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/snmpd.h"

namespace trapline::integration {
namespace {

using nlohmann::json;
using test_support::Finished;
using test_support::run_program;
using test_support::ScratchDirectory;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Who asks, in our words and in theirs.
struct Access {
  const char* name;
  Words ours;
  Words theirs;
};

Words v3(const char* user, const char* auth, const char* priv) {
  return {"--version", "v3", "--user",          user,
          "--auth",    auth, "--auth-password", Snmpd::kAuthPassword,
          "--priv",    priv, "--priv-password", Snmpd::kPrivPassword};
}
Words their_v3(const char* user, const char* auth, const char* priv) {
  return {
      "-v3", "-l", "authPriv",          "-u", user, "-a", auth, "-A", Snmpd::kAuthPassword, "-x",
      priv,  "-X", Snmpd::kPrivPassword};
}

class PollerSnmpd : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { snmpd = new Snmpd; }
  static void TearDownTestSuite() { delete snmpd; }

  static Finished trapline(const char* verb, const Words& access, const Words& names) {
    const Words head = joined({test_support::trapline_binary(), verb}, access);
    return run_program(joined(joined(head, {snmpd->target()}), names));
  }
  static Finished net_snmp(const char* tool, const Words& access, const Words& names) {
    const Words head = joined({tool, "-m", "", "-On"}, access);
    return run_program(joined(joined(head, {snmpd->target()}), names));
  }
  static std::vector<Access> accesses() {
    return {{"v1", {"--version", "v1"}, {"-v1", "-c", "public"}},
            {"v2c", {}, {"-v2c", "-c", "public"}},
            {"v3 noc", v3("noc", "sha256", "aes128"), their_v3("noc", "SHA-256", "AES")},
            {"v3 old", v3("old", "md5", "des"), their_v3("old", "MD5", "DES")}};
  }

  static Snmpd* snmpd;
};
Snmpd* PollerSnmpd::snmpd = nullptr;

const Words kScalars = {"1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.4.0",
                        "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.1.8.0"};

TEST_F(PollerSnmpd, GetPrintsWhatSnmpgetPrints) {
  for (const Access& access : accesses()) {
    SCOPED_TRACE(access.name);
    const Finished ours = trapline("get", joined({"--numeric"}, access.ours), kScalars);
    EXPECT_EQ(ours.exit_code, 0) << ours.err;
    EXPECT_EQ(lines_of(ours.out), lines_of(net_snmp("snmpget", access.theirs, kScalars).out));
  }
}

TEST_F(PollerSnmpd, GetnextPrintsWhatSnmpgetnextPrints) {
  for (const Access& access : accesses()) {
    SCOPED_TRACE(access.name);
    const Words names = {"1.3.6.1.2.1.1", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.1.4.0"};
    const Finished ours = trapline("getnext", joined({"--numeric"}, access.ours), names);
    EXPECT_EQ(ours.exit_code, 0) << ours.err;
    EXPECT_EQ(lines_of(ours.out), lines_of(net_snmp("snmpgetnext", access.theirs, names).out));
  }
}

TEST_F(PollerSnmpd, BulkwalkPrintsWhatSnmpbulkwalkPrints) {
  for (const Access& access : accesses()) {
    if (std::string(access.name) == "v1") continue;  // snmpbulkwalk has none
    for (const char* root :
         {"1.3.6.1.2.1.1.9", "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.3",
          "1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.31.1.1.1.1",
          "1.3.6.1.6.3.16.1.2", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.77"}) {
      SCOPED_TRACE(std::string(access.name) + " " + root);
      const Finished ours = trapline("bulkwalk", joined({"--numeric"}, access.ours), {root});
      EXPECT_FALSE(ours.out.empty()) << ours.err;
      EXPECT_EQ(lines_of(ours.out), lines_of(net_snmp("snmpbulkwalk", access.theirs, {root}).out));
    }
  }
}

TEST_F(PollerSnmpd, NamesAreWorthNumbers) {
  const Finished ours = trapline("get", {}, {"sysName.0", "IF-MIB::ifOperStatus.1"});
  EXPECT_EQ(ours.out,
            "SNMPv2-MIB::sysName.0 = STRING: core-1\n"
            "IF-MIB::ifOperStatus.1 = INTEGER: up(1)\n");
  const Finished as_json = trapline("get", {"--json"}, {"sysName.0"});
  const json value = json::parse(as_json.out);
  EXPECT_EQ(value["oid"], "1.3.6.1.2.1.1.5.0");
  EXPECT_EQ(value["value"], "core-1");
}

TEST_F(PollerSnmpd, WhatTheDeviceDoesNotHaveIsExit1) {
  const Finished ours = trapline("get", {}, {"sysName.0", "sysName.7"});
  EXPECT_EQ(ours.exit_code, 1);
  EXPECT_THAT(ours.out, HasSubstr("sysName.7 = No Such Instance currently exists at this OID"));
}

TEST_F(PollerSnmpd, AWrongCommunityIsSilence) {
  const Finished ours =
      trapline("get", {"--community", "wrong", "--timeout-ms", "150"}, {"sysName.0"});
  EXPECT_EQ(ours.exit_code, 69);
  EXPECT_THAT(ours.err, HasSubstr("no answer"));
}

TEST_F(PollerSnmpd, AReportOfV3SaysWhatToCorrect) {
  Words access = v3("noc", "sha256", "aes128");
  access[7] = "wrong password";
  const Finished digest = trapline("get", access, {"sysName.0"});
  EXPECT_EQ(digest.exit_code, 1);
  EXPECT_THAT(digest.err, HasSubstr("usmStatsWrongDigests"));
  const Finished user = trapline("get", v3("nobody", "sha256", "aes128"), {"sysName.0"});
  EXPECT_EQ(user.exit_code, 1);
  EXPECT_THAT(user.err, HasSubstr("usmStatsUnknownUserNames"));
  const Finished engine =
      trapline("get", joined(v3("noc", "sha256", "aes128"), {"--engine-id", "80001f888099999999"}),
               {"sysName.0"});
  EXPECT_EQ(engine.exit_code, 1);
  EXPECT_THAT(engine.err, HasSubstr("usmStatsUnknownEngineIDs"));
}

TEST_F(PollerSnmpd, AWrongPrivacyPasswordIsSilenceAfterDiscovery) {
  Words access = joined(v3("noc", "sha256", "aes128"), {"--timeout-ms", "150"});
  access[11] = "wrong password";
  const Finished ours = trapline("get", access, {"sysName.0"});
  EXPECT_EQ(ours.exit_code, 69);
  EXPECT_THAT(ours.err, HasSubstr("a wrong privacy protocol, privacy password or context"));
}

TEST_F(PollerSnmpd, DiscoverFindsIt) {
  const std::string port = snmpd->target().substr(snmpd->target().find(':') + 1);
  const Finished ours = run_program({test_support::trapline_binary(), "discover", "--json",
                                     "--timeout-ms", "300", "--port", port, "127.0.0.1/32"});
  EXPECT_EQ(ours.exit_code, 0) << ours.err;
  EXPECT_EQ(json::parse(ours.out)["sysName"], "core-1");
}

TEST_F(PollerSnmpd, RatesPrefersTheWideCounters) {
  const Finished ours = trapline("rates", {"--interval", "1.2", "--json"}, {"ifInOctets.1"});
  EXPECT_EQ(ours.exit_code, 0) << ours.err;
  const json rate = json::parse(ours.out);
  EXPECT_EQ(rate["name"], "IF-MIB::ifHCInOctets.1");
  EXPECT_EQ(rate["bits"], 64);
}

// What snmptable has to know: ifTable, as far as it prints it.
std::string table_mib() {
  const char* const columns[][2] = {
      {"ifIndex", "INTEGER"},
      {"ifDescr", "OCTET STRING"},
      {"ifType", "INTEGER { other(1), ethernetCsmacd(6), softwareLoopback(24), tunnel(131) }"},
      {"ifMtu", "INTEGER"},
      {"ifSpeed", "Gauge32"},
      {"ifPhysAddress", "OCTET STRING"},
      {"ifAdminStatus", "INTEGER { up(1), down(2), testing(3) }"},
      {"ifOperStatus",
       "INTEGER { up(1), down(2), testing(3), unknown(4), dormant(5), notPresent(6), "
       "lowerLayerDown(7) }"},
      {"ifLastChange", "TimeTicks"},
      {"ifInOctets", "Counter32"},
      {"ifInUcastPkts", "Counter32"},
      {"ifInNUcastPkts", "Counter32"},
      {"ifInDiscards", "Counter32"},
      {"ifInErrors", "Counter32"},
      {"ifInUnknownProtos", "Counter32"},
      {"ifOutOctets", "Counter32"},
      {"ifOutUcastPkts", "Counter32"},
      {"ifOutNUcastPkts", "Counter32"},
      {"ifOutDiscards", "Counter32"},
      {"ifOutErrors", "Counter32"},
      {"ifOutQLen", "Gauge32"},
      {"ifSpecific", "OBJECT IDENTIFIER"},
  };
  const std::string middle = " STATUS current DESCRIPTION \"\" ";
  std::string text =
      "IF-MIB DEFINITIONS ::= BEGIN\n"
      "ifTable OBJECT-TYPE SYNTAX SEQUENCE OF IfEntry MAX-ACCESS not-accessible" +
      middle +
      "::= { iso org(3) dod(6) internet(1) mgmt(2) mib-2(1) interfaces(2) 2 }\n"
      "ifEntry OBJECT-TYPE SYNTAX IfEntry MAX-ACCESS not-accessible" +
      middle + "INDEX { ifIndex } ::= { ifTable 1 }\n";
  int number = 0;
  for (const auto& [label, syntax] : columns) {
    text += std::string(label) + " OBJECT-TYPE SYNTAX " + syntax + " MAX-ACCESS read-only" +
            middle + "::= { ifEntry " + std::to_string(++number) + " }\n";
  }
  return text + "END\n";
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '|');) cells.push_back(cell);
  return cells;
}

// Octets and OIDs are written in several ways: without what differs.
std::string bare(const std::string& cell) {
  std::string out;
  for (const char c : cell) {
    if (c != '"' && c != ' ' && c != ':') out += static_cast<char>(std::tolower(c));
  }
  return out == "ccitt.0" ? "0.0" : out;
}

// Rows by index, cells by title.
using Table = std::map<std::string, std::map<std::string, std::string>>;

Table their_table(const std::string& mibs, const std::string& target) {
  const Finished theirs = run_program({"snmptable", "-M", mibs, "-m", "IF-MIB", "-v2c", "-c",
                                       "public", "-Ci", "-Cf", "|", target, "IF-MIB::ifTable"});
  Table table;
  std::vector<std::string> titles;
  for (const std::string& line : lines_of(theirs.out)) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() < 2) continue;
    if (titles.empty()) {
      titles = cells;
      continue;
    }
    for (std::size_t i = 1; i < cells.size() && i < titles.size(); ++i) {
      if (cells[i] != "?") table[cells[0]][titles[i]] = bare(cells[i]);
    }
  }
  return table;
}

Table our_table(const Finished& ours) {
  Table table;
  for (const std::string& line : lines_of(ours.out)) {
    const json row = json::parse(line);
    for (const auto& [title, cell] : row.items()) {
      if (title == "index") continue;
      table[row["index"]][title] = bare(cell.is_string() ? cell.get<std::string>() : cell.dump());
    }
  }
  return table;
}

// Counters go on between two calls: ours lie between theirs before and theirs after.
TEST_F(PollerSnmpd, TableIsSnmptablesCellByCell) {
  const ScratchDirectory mibs;
  mibs.write("IF-MIB.txt", table_mib());
  const Table before = their_table(mibs.path(), snmpd->target());
  const Finished output = trapline("table", {"--json"}, {"ifTable"});
  const Table after = their_table(mibs.path(), snmpd->target());
  ASSERT_EQ(output.exit_code, 0) << output.err;
  Table ours = our_table(output);
  ASSERT_FALSE(before.empty());
  ASSERT_EQ(ours.size(), before.size());
  for (const auto& [index, row] : before) {
    EXPECT_EQ(ours[index].size(), row.size()) << index;
    for (const auto& [title, cell] : row) {
      SCOPED_TRACE(title + "." + index);
      const std::string& later = after.at(index).at(title);
      if (cell == later) {
        EXPECT_EQ(ours[index][title], cell);
      } else {
        EXPECT_GE(std::stoull(ours[index][title]), std::stoull(cell));
        EXPECT_LE(std::stoull(ours[index][title]), std::stoull(later));
      }
    }
  }
}

TEST_F(PollerSnmpd, TableJoinsColumnsOfSeveralTablesByIndex) {
  const Finished ours = trapline("table", {}, {"ifName", "ifOperStatus", "ifHCInOctets"});
  EXPECT_EQ(ours.exit_code, 0) << ours.err;
  const auto lines = lines_of(ours.out);
  ASSERT_GE(lines.size(), 2U);
  EXPECT_THAT(lines[0], ::testing::MatchesRegex("index +ifName +ifOperStatus +ifHCInOctets"));
  EXPECT_THAT(lines[1], ::testing::MatchesRegex("1 +lo +up +[0-9]+"));
}

}  // namespace
}  // namespace trapline::integration
