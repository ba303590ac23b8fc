// Rules in the running gateway: net-snmp's own tools raise and clear, SIGKILL changes no decision,
// a reload is whole or nothing, and two configurations are compared over a real journal.

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::run_program;
using test_support::ScratchDirectory;
using test_support::trapline_binary;
using test_support::wait_until;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLinkDown = "1.3.6.1.6.3.1.1.5.3";
constexpr const char* kLinkUp = "1.3.6.1.6.3.1.1.5.4";
constexpr const char* kIfIndex = "1.3.6.1.2.1.2.2.1.1";

int number_from(const char* variable, int otherwise) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
  return all;
}

// A gateway with rules of its own and one file sink.
class LiveRules : public ::testing::Test {
 protected:
  void configure(const std::string& rules) {
    gateway_.config_path = scratch_.write("trapline.yaml", configuration(rules));
  }
  [[nodiscard]] std::string configuration(const std::string& rules) const {
    return "node: n1\ndata_dir: " + gateway_.data_dir() +
           "\nlisteners:\n  - udp: " + gateway_.v4() +
           "\ncommunities: [ { name: default, community: public } ]\n"
           "sinks: { events: { type: file, path: " +
           gateway_.events_path() + " } }\n" + rules;
  }
  // By net-snmp's snmptrap, about one interface.
  void snmptrap(const std::string& notification, int interface) {
    const std::string number = std::to_string(interface);
    const std::string name = std::string(kIfIndex) + "." + number;
    const Finished sent =
        run_program({"snmptrap", "-m", "", "-v2c", "-c", "public", gateway_.v4(), "1", notification,
                     name, "i", number},
                    {"SNMPCONFPATH=" + scratch_.path(), "SNMP_PERSISTENT_DIR=" + scratch_.path()});
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
  }
  // What `trapline problems` lists: the keys.
  std::vector<std::string> problem_keys() {
    const Finished done = trapline({"problems", "--json", "--config", gateway_.config_path});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    std::vector<std::string> keys;
    const json answer = json::parse(done.out);
    for (const json& each : answer["problems"]) keys.push_back(each["key"]);
    return keys;
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
};

constexpr const char* kLinks = R"(rules:
  - name: down
    match: IF-MIB::linkDown
    when: 'vars.ifIndex < 10'
    set: { severity: critical, key: '{{ agent.ip }}/if/{{ vars.ifIndex }}' }
    state: raise
  - name: down-held
    match: IF-MIB::linkDown
    when: 'vars.ifIndex >= 10'
    set: { severity: major, key: '{{ agent.ip }}/if/{{ vars.ifIndex }}' }
    state: raise
    hold_secs: 3
  - name: up
    match: IF-MIB::linkUp
    set: { severity: cleared, key: '{{ agent.ip }}/if/{{ vars.ifIndex }}' }
    state: clear
)";

TEST_F(LiveRules, LinkDownAndLinkUpRaiseAndClearOneProblem) {
  configure(kLinks);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  snmptrap(kLinkDown, 7);
  snmptrap(kLinkDown, 7);
  ASSERT_EQ(gateway_.wait_for_events(2).size(), 2U);
  EXPECT_THAT(problem_keys(), ElementsAre("127.0.0.1/if/7"));
  const Finished shown = trapline({"problems", "--config", gateway_.config_path});
  EXPECT_THAT(shown.out, HasSubstr("127.0.0.1/if/7"));
  snmptrap(kLinkUp, 7);
  const auto events = gateway_.wait_for_events(3);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_THAT(problem_keys(), IsEmpty());
  EXPECT_EQ(events[0]["state"], "raise");
  EXPECT_EQ(events[0]["severity"], "critical");
  EXPECT_FALSE(events[0].contains("raise_id"));
  EXPECT_EQ(events[1]["state"], "raise");
  EXPECT_EQ(events[1]["raise_id"], events[0]["id"]);
  EXPECT_EQ(events[1]["count"], 2);
  EXPECT_EQ(events[2]["state"], "clear");
  EXPECT_EQ(events[2]["raise_id"], events[0]["id"]);
  const json status = gateway_.status();
  ASSERT_EQ(status["rules"].size(), 2U) << status["rules"];
  EXPECT_EQ(status["rules"][0]["name"], "down");
  EXPECT_EQ(status["rules"][0]["matched"], 2);
  EXPECT_EQ(status["rules"][1]["name"], "up");
  EXPECT_EQ(status["rule_state"]["rules"], 3);
  EXPECT_EQ(status["rule_state"]["problems"], 0);
  EXPECT_EQ(gateway_.stop(), 0);
}

TEST_F(LiveRules, AFlapInsideTheHoldRaisesNothing) {
  configure(kLinks);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  snmptrap(kLinkDown, 12);
  snmptrap(kLinkUp, 12);
  ASSERT_EQ(gateway_.wait_for_events(2).size(), 2U);
  EXPECT_THAT(problem_keys(), IsEmpty());
  snmptrap(kLinkDown, 13);
  const auto events = gateway_.wait_for_events(4);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0]["state"], "event");
  EXPECT_THAT(events[0]["flags"], ElementsAre("held"));
  EXPECT_EQ(events[1]["state"], "event");
  EXPECT_THAT(events[1]["flags"], ElementsAre("cleared_in_hold"));
  EXPECT_THAT(events[2]["flags"], ElementsAre("held"));
  // What was not cleared in time, and nothing for the interface that was, whose hold ended before.
  EXPECT_EQ(events[3]["state"], "raise");
  EXPECT_EQ(events[3]["synthetic"], "hold");
  EXPECT_EQ(events[3]["key"], "127.0.0.1/if/13");
  EXPECT_THAT(events[3]["causes"], ElementsAre(events[2]["id"]));
  EXPECT_THAT(problem_keys(), ElementsAre("127.0.0.1/if/13"));
  // The clear names the synthetic event, also after a restart.
  EXPECT_EQ(gateway_.stop(), 0);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  EXPECT_THAT(problem_keys(), ElementsAre("127.0.0.1/if/13"));
  snmptrap(kLinkUp, 13);
  const auto all = gateway_.wait_for_events(5);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[4]["raise_id"], events[3]["id"]);
  EXPECT_THAT(problem_keys(), IsEmpty());
  EXPECT_EQ(gateway_.stop(), 0);
}

// Every kind of state, over the marks of `trapline bench`, whose last digit says what for.
constexpr const char* kStateful = R"(rules:
  - name: raise-held
    when: 'vars.ifDescr.endsWith("0")'
    set: { key: a }
    state: raise
    hold_secs: 1
  - { name: clear-held, when: 'vars.ifDescr.endsWith("00f")', set: { key: a }, state: clear }
  - name: deduped
    when: 'vars.ifDescr.endsWith("1")'
    dedup: { window_secs: 1, by: agent.ip }
  - name: limited
    when: 'vars.ifDescr.endsWith("2")'
    limit: { count: 3, per_secs: 1, by: vars.ifIndex }
  - name: counted
    when: 'vars.ifDescr.endsWith("3")'
    threshold: { count: 50, within_secs: 1, by: agent.ip }
    set: { severity: major, key: counted }
    state: raise
  - name: missed
    when: 'vars.ifDescr.endsWith("4")'
    absent: { after_secs: 1, by: agent.ip }
    set: { severity: critical, key: counted }
    state: clear
  - name: many
    when: 'vars.ifDescr.matches("[01]5$")'
    set: { key: '{{ vars.ifDescr }}' }
    state: raise
)";

class KilledRules : public LiveRules {
 protected:
  static constexpr auto kLoad = 1'500ms;

  void run_round() {
    Process load({trapline_binary(), "bench", "--json", "--target", gateway_.v4(), "--kind",
                  "inform", "--rate", "5000", "--secs", "1.5", "--window", "2000", "--timeout-ms",
                  "250", "--retries", "200"});
    std::this_thread::sleep_for(std::chrono::milliseconds(random_() % kLoad.count()));
    gateway_.kill();
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
    ASSERT_EQ(load.wait(90s), 0) << load.err();
    ASSERT_EQ(json::parse(load.out())["unanswered"], 0);
    ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
  }
  // What tells records of one journal apart: a start after a kill begins a new epoch.
  static std::string without_epoch(const std::string& id) {
    const std::size_t node = id.find('-');
    return id.substr(id.find('-', node + 1) + 1);
  }
  // The ids of what OUTCOMEs send to the sink.
  std::multiset<std::string> routed_ids() {
    const Finished dump = trapline(
        {"journal", "dump", "--json", "--type", "outcome", "--data-dir", gateway_.data_dir()});
    EXPECT_EQ(dump.exit_code, 0) << dump.err;
    std::multiset<std::string> ids;
    for (const json& outcome : json_lines(dump.out)) {
      const json& content = outcome["content"];
      if (!content.contains("sinks") || content["sinks"].empty()) continue;
      ids.insert(content.contains("id") ? without_epoch(content["id"])
                                        : content["event_lsn"].dump());
    }
    return ids;
  }

  std::mt19937_64 random_;
};

TEST_F(KilledRules, ReplayingTheJournalGivesTheDecisionsOnRecord) {
  const char* const repeated = std::getenv("TRAPLINE_SEED");
  const std::uint64_t seed =
      repeated != nullptr ? std::strtoull(repeated, nullptr, 10) : std::random_device()();
  std::printf("TRAPLINE_SEED=%llu repeats the moments\n", static_cast<unsigned long long>(seed));
  random_.seed(seed);
  configure(kStateful);
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  for (int round = number_from("TRAPLINE_KILLS", 3); round > 0; --round) {
    run_round();
    if (HasFatalFailure()) return;
  }
  // The last sign of what is missed was a second ago, or will be.
  EXPECT_TRUE(wait_until([&] {
    return test_support::read_file(gateway_.events_path()).find("\"synthetic\":\"absent\"") !=
           std::string::npos;
  }));
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  const Finished verified = trapline({"replay", "--verify", "--config", gateway_.config_path});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr(", 0 differ"));
  std::multiset<std::string> written;
  std::map<std::string, int> kinds;
  for (const json& event : gateway_.events()) {
    ASSERT_TRUE(event.is_object());
    written.insert(without_epoch(event["id"]));
    if (event.contains("synthetic")) ++kinds[event["synthetic"]];
  }
  EXPECT_EQ(kinds.size(), 5U) << json(kinds);
  EXPECT_EQ(written, routed_ids());
}

class Reloads : public LiveRules {
 protected:
  // Marks everything with the number of this configuration.
  [[nodiscard]] std::string numbered(int number) const {
    return configuration("rules:\n  - { name: mark, set: { tags: { version: v" +
                         std::to_string(number) + " } } }\n");
  }
  // Wrong in one of four ways.
  [[nodiscard]] std::string broken(int number) const {
    switch (number % 4) {
      case 0: return numbered(number) + "rules: [\n";
      case 1: return configuration("rules:\n  - { name: a, when: 'severty == 1' }\n");
      case 2: return configuration("rules:\n  - { name: a, match: NO-MIB::such }\n");
      default:
        return numbered(number) +
               "tests:\n  - { name: fails, given: { trap: IF-MIB::linkUp, from: 10.0.0.1 }, "
               "expect: { severity: major } }\n";
    }
  }
  // An inform of its own, and which configuration decided about it.
  std::string version_now(int marker) {
    const Finished sent = trapline({"send", "inform", gateway_.v4(), "SNMPv2-MIB::coldStart",
                                    std::string(kIfIndex) + ".1", "i", std::to_string(marker)});
    EXPECT_EQ(sent.exit_code, 0) << sent.err;
    std::string version;
    EXPECT_TRUE(wait_until([&] {
      const std::string wanted = "\"value\":" + std::to_string(marker) + ",";
      const std::string text = test_support::read_file(gateway_.events_path());
      const std::size_t at = text.find(wanted, searched_);
      const std::size_t end = at == std::string::npos ? at : text.find('\n', at);
      if (end == std::string::npos) return false;
      const std::size_t begin = text.rfind('\n', at) + 1;
      version = json::parse(text.substr(begin, end - begin))["tags"]["version"];
      searched_ = begin;
      return true;
    })) << marker;
    return version;
  }

 private:
  std::size_t searched_ = 0;
};

TEST_F(Reloads, TheActiveRulesAreAlwaysTheLastGoodOnes) {
  const int reloads = number_from("TRAPLINE_RELOADS", 40);
  gateway_.config_path = scratch_.write("trapline.yaml", numbered(0));
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  Process load({trapline_binary(), "bench", "--json", "--target", gateway_.v4(), "--kind", "inform",
                "--rate", "500", "--secs", std::to_string(reloads / 20 + 1), "--timeout-ms", "2000",
                "--retries", "10"});
  int good = 0;
  for (int i = 1; i <= reloads; ++i) {
    const bool breaks = i % 2 == 0;
    scratch_.write("trapline.yaml", breaks ? broken(i / 2) : numbered(i));
    const Finished done = trapline({"reload", "--data-dir", gateway_.data_dir()});
    ASSERT_EQ(done.exit_code, breaks ? 78 : 0) << i << done.out << done.err;
    if (breaks) {
      EXPECT_THAT(done.err, ContainsRegex(gateway_.config_path + ":[0-9]+:[0-9]+: ")) << i;
      EXPECT_THAT(done.err, HasSubstr("everything stays as it was"));
    } else {
      good = i;
    }
    ASSERT_EQ(version_now(1'000'000 + i), "v" + std::to_string(good));
  }
  ASSERT_EQ(load.wait(120s), 0) << load.err();
  const json result = json::parse(load.out());
  EXPECT_EQ(result["unanswered"], 0);
  ASSERT_TRUE(gateway_.wait_until_settled()) << gateway_.status();
  ASSERT_EQ(gateway_.stop(), 0) << gateway_.log();
  std::set<std::string> ids;
  const auto events = gateway_.events();
  for (const json& event : events) ids.insert(event["id"]);
  EXPECT_EQ(ids.size(), events.size());
  EXPECT_EQ(events.size(), result["sent"].get<std::size_t>() + static_cast<std::size_t>(reloads));
}

TEST_F(LiveRules, DiffNamesExactlyTheEventsThatWouldChange) {
  const auto rules = [](int critical_below, const std::string& more) {
    return "rules:\n  - { name: low, when: 'vars.ifIndex < " + std::to_string(critical_below) +
           "', set: { severity: critical } }\n" + more;
  };
  configure(rules(20, ""));
  ASSERT_TRUE(gateway_.start()) << gateway_.log();
  for (int i = 1; i <= 30; ++i) snmptrap(kLinkDown, i);
  const auto events = gateway_.wait_for_events(30);
  ASSERT_EQ(events.size(), 30U);
  std::set<std::string> expected;
  for (const json& event : events) {
    const int interface = event["varbinds"][0]["value"];
    if ((interface >= 10 && interface < 20) || interface == 29) expected.insert(event["id"]);
  }
  ASSERT_EQ(expected.size(), 11U);
  const std::string after = scratch_.write(
      "new.yaml",
      configuration(rules(10, "  - { name: out, when: 'vars.ifIndex == 29', drop: true }\n")));
  const Finished differs =
      trapline({"diff", gateway_.config_path, after, "--replay", "1h", "--json"});
  EXPECT_EQ(differs.exit_code, 1) << differs.err;
  std::set<std::string> named;
  for (const json& line : json_lines(differs.out)) {
    named.insert(line["id"]);
    EXPECT_NE(line["before"], line["after"]);
  }
  EXPECT_EQ(named, expected);
  const Finished text = trapline({"diff", gateway_.config_path, after, "--replay", "1h"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, HasSubstr("severity"));
  const Finished same = trapline({"diff", gateway_.config_path, gateway_.config_path});
  EXPECT_EQ(same.exit_code, 0) << same.out;
  EXPECT_EQ(gateway_.stop(), 0);
}

}  // namespace
}  // namespace trapline::integration
