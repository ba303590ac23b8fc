#include "gateway/config/rules_schema.h"

#include "rules/rule_set.h"

namespace trapline::gateway::schema {
namespace {

constexpr std::uint64_t kMonthSecs = 31ULL * 86'400;
constexpr std::uint64_t kYearSecs = 366ULL * 86'400;
constexpr std::uint64_t kMostCount = 1'000'000;
constexpr std::string_view kName = "^[A-Za-z0-9_.-]{1,64}$";

Json by() { return text_or_list("expressions: what is counted apart"); }

Json secs(std::string_view description) { return integer(description, 1, kMonthSecs); }

Json rule_schema() {
  return map(
      "one rule",
      {{"name", pattern("shown on events and in metrics; unique", kName)},
       {"match", text_or_list("notifications: a name, an OID, a subtree like 1.3.6.1.4.1.9.*")},
       {"when", text("a condition: an expression in single quotes or a block")},
       {"enrich", text_or_list("names of poller.enrichments: what to ask the device first")},
       {"set", map("what the event becomes; each a template",
                   {{"severity", text("critical major minor warning info cleared, or a template")},
                    {"summary", text("one line for people")},
                    {"key", text("the resource: problems are identified by it")},
                    {"tags", named("tags to set", kName, text("a template"))}})},
       {"state", choice("what it says of a problem (event)", {"event", "raise", "clear"})},
       {"hold_secs", secs("raise only if no clear of the same key comes within this time")},
       {"dedup",
        map("pass the first of a window",
            {{"window_secs", secs("length of a window")}, {"by", by()}}, {"window_secs", "by"})},
       {"limit", map("pass so many per window",
                     {{"count", integer("how many pass", 1, kMostCount)},
                      {"per_secs", secs("length of a window")},
                      {"by", by()}},
                     {"count", "per_secs", "by"})},
       {"threshold", map("one event when so many came within a window",
                         {{"count", integer("how many", 1, rules::kMaxThresholdCount)},
                          {"within_secs", secs("length of a window")},
                          {"by", by()}},
                         {"count", "within_secs", "by"})},
       {"absent",
        map("one event when nothing comes for this time",
            {{"after_secs", secs("how long the silence is")}, {"by", by()}}, {"after_secs", "by"})},
       {"drop", boolean("to no sink at all (false)")},
       {"stop", boolean("no later rule is asked (false)")}},
      {"name"});
}

Json value_schema() {
  const Json typed =
      map("", {{"type", text("a letter as of `trapline send`")}, {"value", text("")}}, {"value"});
  Json part;
  part["anyOf"] = {text(""), typed};
  return part;
}

// `wait_key` is how long to wait before it.
Json notification_schema(std::string_view wait_key) {
  return map("a notification",
             {{wait_key, integer("seconds to wait before it", 0, kYearSecs)},
              {"trap", text("its name or OID")},
              {"device", choice("in place of `trap`: what the gateway says of the device `from`",
                                {"unreachable", "reachable"})},
              {"from", text("the device's address (that of the notification before)")},
              {"version", choice("", {"v1", "v2c", "v3"})},
              {"pdu", choice("", {"trap", "inform"})},
              {"community", text("a configured name (public)")},
              {"listener", text("as events name it (0.0.0.0:162)")},
              {"uptime", integer("sysUpTime in hundredths of a second", 0, 0xffff'ffffU)},
              {"repeat", integer("how often it is sent", 1, 100'000)},
              {"every_secs", integer("seconds between two of them", 0, kYearSecs)},
              {"security",
               map("SNMPv3", {{"name", text("")},
                              {"level", choice("", {"noAuthNoPriv", "authNoPriv", "authPriv"})},
                              {"engine_id", text("")},
                              {"context", text("")}})},
              {"vars", named("values by name", "", value_schema())},
              {"enrichment", named("what the device answers, by enrichment and member (nothing)",
                                   "", named("", "", text("")))},
              {"varbinds", list("values in order, behind those of vars",
                                map("",
                                    {{"name", text("")},
                                     {"type", text("a letter as of `trapline send`")},
                                     {"value", text("")}},
                                    {"name", "value"}))}});
}

Json names() { return list("", text("")); }

// What one decision should be; what is absent is not judged.
Json decision_schema() {
  return map(
      "a decision",
      {{"severity", choice("", {"critical", "major", "minor", "warning", "info", "cleared"})},
       {"state", choice("", {"event", "raise", "clear"})},
       {"key", text("")},
       {"summary", text("")},
       {"synthetic", choice("what made it", {"none", "hold", "dedup", "limit", "threshold",
                                             "absent", "device_unreachable", "device_reachable"})},
       {"count", integer("", 0, 1'000'000'000)},
       {"dropped", boolean("")},
       {"tags", named("these at least", "", text(""))},
       {"rules", names()},
       {"sinks", names()},
       {"flags",
        list("", choice("", {"held", "rule_error", "suppressed", "dropped", "cleared_in_hold",
                             "enrich_timeout", "enrich_failed", "enrich_skipped"}))}});
}

Json expect_schema() {
  Json last = decision_schema();
  last["description"] = "the last decision";
  last["properties"]["events"] = list("all decisions in their order", decision_schema());
  last["properties"]["problems"] = list("keys of what is raised in the end", text(""));
  last["minProperties"] = 1;
  Json part;
  part["anyOf"] = {last, list("all decisions in their order", decision_schema())};
  return part;
}

}  // namespace

Json rules_schema() { return list("rules, in the order of their evaluation", rule_schema()); }

Json routes_schema() {
  return map("who gets what; without it, every sink gets every event that is not dropped",
             {{"sinks", text_or_list("sinks that get every event that is not dropped")},
              {"routes", list("the first that matches", Json{{"$ref", "#/$defs/route"}})}});
}

Json route_schema() {
  Json part = routes_schema();
  part["description"] = "a node of the route tree";
  part["properties"]["sinks"]["description"] = "sinks that get what reaches this node";
  part["properties"]["when"] = text("a condition; without it, everything");
  part["properties"]["continue"] = boolean("the next one is asked too (false)");
  return part;
}

Json tables_schema() {
  return named("tables for lookup()", kName,
               map("a CSV file",
                   {{"file", text("relative to the directory of this file")},
                    {"key", text("the column to look up by")},
                    {"match", choice("how (exact)", {"exact", "longest_prefix"})}},
                   {"file", "key"}));
}

Json tests_schema() {
  Json given;
  given["anyOf"] = {notification_schema("after_secs"),
                    list("", notification_schema("after_secs"), 1)};
  return list("tests of the rules, run by check, run, reload and test",
              map("a test",
                  {{"name", text("what it is about; unique")},
                   {"given", given},
                   {"after", list("what follows", notification_schema("secs"))},
                   {"expect", expect_schema()}},
                  {"name", "given", "expect"}));
}

}  // namespace trapline::gateway::schema
