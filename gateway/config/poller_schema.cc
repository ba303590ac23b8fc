#include "gateway/config/poller_schema.h"

#include "gateway/config/poller_section.h"

namespace trapline::gateway::schema {
namespace {

constexpr std::string_view kWord = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";

Json auth(Json user) {
  return map("as whom devices are asked", {{"version", choice("(v2c)", {"v1", "v2c", "v3"})},
                                           {"community", text("of v1 and v2c; a secret")},
                                           {"user", std::move(user)},
                                           {"context", text("the contextName of v3 (empty)")}});
}

Json device() {
  return map("devices of a network",
             {{"match", text("like 10.0.0.0/8 or 2001:db8::/32")},
              {"auth", text("one of auths")},
              {"port", integer("(161)", 1, 65'535)}},
             {"match", "auth"});
}

Json enrichment() {
  return map("what a device is asked",
             {{"get", named("values by name", kWord,
                            text("the OID of an instance, a template: "
                                 "IF-MIB::ifName.{{ vars.ifIndex }}"))},
              {"cache_secs", integer("how long an answer is good (600)", 1, 2'678'400)}},
             {"get"});
}

}  // namespace

Json poller_schema(Json user) {
  return map("what devices are asked for rules, and how",
             {{"timeout_ms", integer("of each attempt (600)", 10, 60'000)},
              {"retries", integer("attempts beyond the first (1)", 0, 10)},
              {"budget_ms", integer("how long an event waits at most (2000)", 10, 60'000)},
              {"max_in_flight", integer("questions under way, in all (200)", 1, 10'000)},
              {"packets_per_sec", integer("to all devices together (no limit)", 1, 1'000'000)},
              {"auths", named("as whom devices are asked", "", auth(std::move(user)))},
              {"devices", list("the first that holds a device is its", device())},
              {"enrichments", named("what rules can ask for", kWord, enrichment())}});
}

}  // namespace trapline::gateway::schema
