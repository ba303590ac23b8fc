#include "gateway/config/config_schema.h"

#include "gateway/config/poller_schema.h"
#include "gateway/config/rules_schema.h"
#include "gateway/config/schema_parts.h"

namespace trapline::gateway {
namespace {

using namespace schema;

Json networks(std::string_view description) {
  return list(description, text("like 10.0.0.0/8 or 2001:db8::/32"), 1);
}

Json listeners() {
  return list("where notifications are received (UDP 162 on 0.0.0.0 and [::])",
              map("",
                  {{"udp", text("ADDRESS:PORT, like 0.0.0.0:162 or [::]:162")},
                   {"receive_buffer_bytes",
                    integer("asked of the kernel (67108864)", 65'536, 1'073'741'824)},
                   {"shards", integer("sockets on this address (1)", 1, 64)}},
                  {"udp"}),
              1);
}

Json sources() {
  return map(
      "who may send",
      {{"allow", networks("whose datagrams are looked at (everyone's)")},
       {"trusted_relays", networks("whose agent-addr or snmpTrapAddress.0 is believed (nobody's)")},
       {"limit", map("per source address (none)",
                     {{"per_sec", integer("datagrams a second", 1, 1'000'000)},
                      {"burst", integer("how many may come at once (per_sec)", 1, 100'000'000)}},
                     {"per_sec"})}});
}

Json communities() {
  return list("communities of v1 and v2c that are accepted",
              map("",
                  {{"name", pattern("what events and logs show", "^[A-Za-z0-9_.-]{1,64}$")},
                   {"community", text("the text itself, or a reference to it")},
                   {"from", networks("where it is accepted from (anywhere)")}},
                  {"name", "community"}));
}

Json limits() {
  return map(
      "limits of reception",
      {{"varbinds", integer("most variable bindings of a notification (256)", 1, 4'096)},
       {"duplicate_window_secs",
        integer("how long a resent inform is known as such (150)", 1, 86'400)},
       {"duplicate_entries", integer("informs known at a time (1000000)", 1'000, 100'000'000)}});
}

Json v3_user() {
  const Json password = text("8 to 1024 characters");
  return map("",
             {{"name", text("the user name that devices send")},
              {"auth", choice("", {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})},
              {"auth_password", password},
              {"priv", choice("", {"des", "3des", "aes128", "aes192", "aes256", "aes192c",
                                   "aes256c", "aes192-auto", "aes256-auto"})},
              {"priv_password", password},
              {"next", map("accepted too, while passwords are rotated",
                           {{"auth_password", password}, {"priv_password", password}})},
              {"level", choice("the least accepted", {"noAuthNoPriv", "authNoPriv", "authPriv"})},
              {"engines", list("engineIDs it may appear with (any)", text(""))},
              {"time_window", choice("(strict)", {"strict", "relaxed"})}},
             {"name"});
}

Json v3() {
  return map("SNMPv3", {{"engine", map("our engine", {{"id", text("hexadecimal, or auto")}})},
                        {"users", list("who may send", v3_user())}});
}

Json journal() {
  return map(
      "the log on disk",
      {{"max_bytes", integer("disk space (21474836480)", 16'777'216, 1'125'899'906'842'624)},
       {"keep_secs", integer("how long events are kept for replay (86400)", 0, 315'360'000)},
       {"trap_commit_ms", integer("a trap is on disk this long after it came (5)", 0, 1'000)},
       {"ring_bytes", integer("recent events in memory (67108864)", 1'048'576, 68'719'476'736)}});
}

Json rotate() {
  return map("when a new file is begun",
             {{"bytes", integer("at this size", 1'024, 1'125'899'906'842'624)},
              {"every", choice("in UTC (never)", {"never", "hour", "day"})},
              {"keep", integer("rolled files kept, 0 for all (14)", 0, 100'000)},
              {"compress", choice("rolled files (none)", {"none", "zstd"})}});
}

Json file_sink() {
  return map("a file",
             {{"type", choice("", {"file"})},
              {"path", text("the file; no two sinks share one")},
              {"format", choice("(json)", {"json", "text", "snmptrapd"})},
              {"rotate", rotate()},
              {"fsync_ms", integer("how long an event may wait for fsync (1000)", 1, 60'000)}},
             {"type", "path"});
}

// Adds what every sink has.
Json kept(Json sink) {
  sink["properties"]["required"] =
      boolean("its unread events are never given up for space (false)");
  sink["properties"]["start"] = choice("where a new sink begins (now)", {"now", "oldest"});
  return sink;
}

// Adds what every sink has whose destination takes or refuses each event.
Json delivered(Json sink) {
  sink["properties"]["rate_limit"] = map("events handed over",
                                         {{"per_sec", integer("events a second", 1, 1'000'000)},
                                          {"burst", integer("at once (1)", 1, 1'000'000)}},
                                         {"per_sec"});
  sink["properties"]["max_age_secs"] = integer("until a dead letter (86400)", 1, 31'536'000);
  return kept(std::move(sink));
}

Json batch() {
  return map(
      "events in a request",
      {{"events", integer("at most; several for json, alertmanager and otlp (1; 64)", 1, 256)},
       {"bytes", integer("their size at most (1048576)", 1'024, 16'777'216)},
       {"wait_ms", integer("how long an event waits for more (0)", 0, 60'000)}});
}

Json tls() {
  return map("", {{"ca", text("file of the authorities trusted (the system's)")},
                  {"cert", text("file of the client's certificate")},
                  {"key", text("file of its key")},
                  {"server_name", text("what the server's certificate is for (its host)")}});
}

Json webhook_sink() {
  return map(
      "a webhook",
      {{"type", choice("", {"webhook"})},
       {"format", choice("(json)", {"json", "cloudevents", "slack", "pagerduty", "alertmanager",
                                    "teams", "otlp"})},
       {"url", text("where to post, http or https; a secret")},
       {"method", choice("(POST)", {"POST", "PUT", "PATCH"})},
       {"template", text("the body, of json; a template: docs/rules.md")},
       {"headers", named("more headers; their values are secrets", "", text(""))},
       {"routing_key", text("of pagerduty; a secret")},
       {"resend_secs", integer("of alertmanager: how often it hears what is raised (60)", 1, 240)},
       {"signing_secret", text("whsec_ and base64; a secret")},
       {"tls", tls()},
       {"timeout_ms", integer("of a request as a whole (10000)", 100, 600'000)},
       {"batch", batch()},
       {"concurrency", integer("requests at a time (1)", 1, 64)}},
      {"type"});
}

Json kafka_sink() {
  return map(
      "a topic of Kafka",
      {{"type", choice("", {"kafka"})},
       {"brokers", list("where to ask first", text("HOST or HOST:PORT"), 1)},
       {"topic", text("the topic to write to")},
       {"format", choice("(json)", {"json", "cloudevents"})},
       {"key", choice("what a record's partition depends on (agent)", {"agent", "key"})},
       {"compression", choice("(lz4)", {"none", "lz4", "zstd", "gzip", "snappy"})},
       {"linger_ms", integer("how long a record waits for more (5)", 0, 60'000)},
       {"max_message_bytes", integer("of a record or batch (1000000)", 1'024, 67'108'864)},
       {"security_protocol",
        choice("(plaintext)", {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"})},
       {"sasl", map("",
                    {{"mechanism", text("like PLAIN or SCRAM-SHA-512")},
                     {"username", text("")},
                     {"password", text("a secret")}},
                    {"mechanism"})},
       {"tls", map("", {{"ca", text("file of the authorities trusted (the system's)")},
                        {"cert", text("file of the client's certificate")},
                        {"key", text("file of its key")},
                        {"key_password", text("a secret")}})},
       {"timeout_ms", integer("without an answer, until the sink pauses (30000)", 1'000, 600'000)},
       {"properties", named("of librdkafka; their values are secrets", "", text(""))}},
      {"type", "brokers", "topic"});
}

Json syslog_sink() {
  return map(
      "a syslog receiver",
      {{"type", choice("", {"syslog"})},
       {"to", text("udp://HOST:PORT (514), tcp://HOST:PORT or tls://HOST:PORT (6514)")},
       {"format", choice("of MSG (text)", {"text", "json"})},
       {"hostname", choice("who stands in HOSTNAME (agent)", {"agent", "node"})},
       {"facility",
        choice("(daemon)",
               {"kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
                "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
                "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"})},
       {"enterprise_number", integer("in the names of structured data (32473)", 1, 4'294'967'295)},
       {"max_bytes", integer("of a message (2048 for udp, else 8192)", 480, 1'048'576)},
       {"tls", tls()},
       {"timeout_ms",
        integer("without acknowledgement by TCP; six times as long to read (10000)", 100, 600'000)},
       {"confirm_ms",
        integer("until a connection is ended, to learn what was read; 0: never (5000)", 0,
                600'000)}},
      {"type", "to"});
}

Json snmp_sink() {
  return map(
      "an upstream SNMP manager",
      {{"type", choice("", {"snmp"})},
       {"to", text("HOST, HOST:PORT or [IPV6]:PORT (port 162)")},
       {"version", choice("(v2c)", {"v1", "v2c", "v3"})},
       {"pdu", choice("(trap)", {"trap", "inform"})},
       {"community", text("for v1 and v2c; a secret")},
       {"user", text("for v3: a name of v3.users")},
       {"context", text("for v3: the contextName (none)")},
       {"trap_community", text("told as snmpTrapCommunity.0; a secret (not told)")},
       {"counter64", choice("what v1 cannot carry (omit)", {"omit", "refuse"})},
       {"timeout_ms", integer("how long an inform waits for its Response (1500)", 50, 60'000)},
       {"retries", integer("times it is sent again before a longer pause (2)", 0, 10)},
       {"concurrency", integer("informs in flight (16)", 1, 64)},
       {"max_message_bytes",
        integer("of a message; a larger one is refused (65507)", 484, 65'507)}},
      {"type", "to"});
}

Json sink() {
  Json part;
  part["anyOf"] = {kept(file_sink()), delivered(webhook_sink()), delivered(kafka_sink()),
                   delivered(syslog_sink()), delivered(snmp_sink())};
  return part;
}

Json log() {
  return map("to standard error",
             {{"format", choice("(logfmt)", {"logfmt", "json"})},
              {"level", choice("(info)", {"debug", "info", "warning", "error"})}});
}

}  // namespace

std::string config_schema() {
  Json top = map("The configuration of a Trapline gateway: docs/configuration.md, docs/rules.md.",
                 {{"node", pattern("part of every event id", "^[A-Za-z0-9_-]{1,32}$|\\$\\{")},
                  {"data_dir", text("where the gateway keeps its data (/var/lib/trapline)")},
                  {"listeners", listeners()},
                  {"sources", sources()},
                  {"communities", communities()},
                  {"limits", limits()},
                  {"v3", v3()},
                  {"journal", journal()},
                  {"poller", poller_schema(v3_user())},
                  {"sinks", named("where events go", "^[A-Za-z0-9_-]{1,64}$", sink())},
                  {"rules", rules_schema()},
                  {"routes", routes_schema()},
                  {"tables", tables_schema()},
                  {"tests", tests_schema()},
                  {"log", log()},
                  {"drain_secs", integer("how long SIGTERM may take (10)", 0, 3'600)}});
  Json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Trapline configuration";
  schema.update(top);
  schema["$defs"]["route"] = route_schema();
  return schema.dump(2) + "\n";
}

}  // namespace trapline::gateway
