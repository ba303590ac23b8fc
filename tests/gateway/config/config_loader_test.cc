#include "gateway/config/config_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string text_of(const base::Secret& secret) {
  return std::string(base::as_text(secret.reveal()));
}

// The problems of a configuration, without the directory in front.
std::vector<std::string> problems_of(const ScratchDirectory& scratch, const std::string& path) {
  const auto config = load_config(path);
  if (config) return {};
  std::vector<std::string> lines = config.error().lines;
  for (std::string& line : lines) {
    if (line.starts_with(scratch.path())) line.erase(0, scratch.path().size() + 1);
  }
  return lines;
}

std::vector<std::string> problems_of(std::string_view yaml) {
  const ScratchDirectory scratch;
  return problems_of(scratch, scratch.write("c.yaml", yaml));
}

// The sample of the keys that work, as docs/configuration.md shows them.
constexpr std::string_view kEverything = R"(node: gw-1
data_dir: /var/lib/trapline
listeners:
  - udp: 0.0.0.0:162
    receive_buffer_bytes: 67108864
    shards: 2
  - udp: "[::]:162"
sources:
  allow: [10.0.0.0/8, "2001:db8::/32"]
  trusted_relays: [10.9.9.9/32]
  limit: { per_sec: 2000, burst: 10000 }
communities:
  - { name: core, community: "s3cret-of-core", from: [10.0.0.0/8] }
  - name: edge
    community: 0123
limits: { varbinds: 64, duplicate_window_secs: 60, duplicate_entries: 5000 }
journal: { max_bytes: 21474836480, keep_secs: 86400, trap_commit_ms: 7, ring_bytes: 67108864 }
sinks:
  archive:
    type: file
    path: /var/log/trapline/events.jsonl
    format: text
    rotate: { bytes: 1073741824, every: day, keep: 3, compress: zstd }
    fsync_ms: 250
    required: true
    start: oldest
log: { format: json, level: warning }
drain_secs: 3
)";

TEST(ConfigLoader, ReadsEveryKey) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", kEverything));
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->node, "gw-1");
  EXPECT_EQ(config->data_dir, "/var/lib/trapline");
  ASSERT_THAT(config->listeners, SizeIs(2));
  EXPECT_EQ(config->listeners[0].name, "0.0.0.0:162");
  EXPECT_EQ(config->listeners[0].receive_buffer_bytes, 67'108'864U);
  EXPECT_EQ(config->listeners[0].shards, 2U);
  EXPECT_EQ(config->listeners[1].udp.to_string(), "[::]:162");
  EXPECT_EQ(config->listeners[1].shards, 1U);
  ASSERT_THAT(config->sources.allow, SizeIs(2));
  EXPECT_EQ(config->sources.allow[1].to_string(), "2001:db8::/32");
  ASSERT_THAT(config->sources.trusted_relays, SizeIs(1));
  EXPECT_EQ(config->sources.limit->per_sec, 2'000U);
  EXPECT_EQ(config->sources.limit->burst, 10'000U);
  ASSERT_THAT(config->communities, SizeIs(2));
  EXPECT_EQ(config->communities[0].name, "core");
  EXPECT_EQ(text_of(config->communities[0].community), "s3cret-of-core");
  ASSERT_THAT(config->communities[0].from, SizeIs(1));
  EXPECT_EQ(text_of(config->communities[1].community), "0123");
  EXPECT_FALSE(config->terminal);
}

TEST(ConfigLoader, ReadsEveryKeyOfTheOtherSections) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", kEverything));
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->limits.varbinds, 64U);
  EXPECT_EQ(config->limits.duplicate_window, std::chrono::seconds(60));
  EXPECT_EQ(config->limits.duplicate_entries, 5'000U);
  EXPECT_EQ(config->journal.max_bytes, 20 * kGibibyte);
  EXPECT_EQ(config->journal.keep, std::chrono::seconds(86'400));
  EXPECT_EQ(config->journal.trap_commit, std::chrono::milliseconds(7));
  EXPECT_EQ(config->journal.ring_bytes, 64 * kMebibyte);
  ASSERT_THAT(config->file_sinks, SizeIs(1));
  const FileSinkConfig& sink = config->file_sinks[0];
  EXPECT_EQ(sink.name, "archive");
  EXPECT_EQ(sink.path, "/var/log/trapline/events.jsonl");
  EXPECT_EQ(sink.format, FileFormat::text);
  EXPECT_EQ(sink.rotate.bytes, kGibibyte);
  EXPECT_EQ(sink.rotate.every, RotateEvery::day);
  EXPECT_EQ(sink.rotate.keep, 3U);
  EXPECT_EQ(sink.rotate.compress, Compression::zstd);
  EXPECT_EQ(sink.fsync, std::chrono::milliseconds(250));
  EXPECT_TRUE(sink.required);
  EXPECT_TRUE(sink.start_oldest);
  EXPECT_EQ(config->log.format, base::LogFormat::json);
  EXPECT_EQ(config->log.level, base::LogLevel::warning);
  EXPECT_EQ(config->drain, std::chrono::seconds(3));
}

TEST(ConfigLoader, EmptyFileHasTheDefaults) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write("c.yaml", "# nothing yet\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->node, "");
  EXPECT_EQ(config->data_dir, "/var/lib/trapline");
  ASSERT_THAT(config->listeners, SizeIs(2));
  EXPECT_EQ(config->listeners[0].name, "0.0.0.0:162");
  EXPECT_EQ(config->listeners[1].name, "[::]:162");
  EXPECT_THAT(config->communities, IsEmpty());
  EXPECT_THAT(config->file_sinks, IsEmpty());
  EXPECT_FALSE(config->sources.limit);
  EXPECT_EQ(config->limits.varbinds, 256U);
  EXPECT_EQ(config->drain, std::chrono::seconds(10));
}

TEST(ConfigLoader, ARotationMayKeepAllFiles) {
  const ScratchDirectory scratch;
  const auto config = load_config(scratch.write(
      "c.yaml", "sinks: { a: { type: file, path: /tmp/a, rotate: { every: day, keep: 0 } } }\n"));
  ASSERT_TRUE(config) << config.error().lines.front();
  EXPECT_EQ(config->file_sinks[0].rotate.keep, 0U);
}

struct Mistake {
  std::string_view yaml;
  std::string_view line;  // how its one problem begins or reads
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.line; }

class ConfigMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsToldWithItsPlaceAndAHint) {
  EXPECT_THAT(problems_of(GetParam().yaml), ElementsAre(std::string(GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Names, ConfigMistake,
    ::testing::Values(
        Mistake{"nod: x\n", "c.yaml:1:1: unknown key `nod` (did you mean `node`?)"},
        Mistake{"node: a\nlisteners:\n  - udp: 0.0.0.0:162\n    recieve_buffer_bytes: 1000000\n",
                "c.yaml:4:5: unknown key `recieve_buffer_bytes` in `listeners[0]` (did you mean "
                "`receive_buffer_bytes`?)"},
        Mistake{"xyzzy: 1\n",
                "c.yaml:1:1: unknown key `xyzzy` (docs/configuration.md lists the keys)"},
        Mistake{"node: a\ndrain_secs: 1\nnode: b\n",
                "c.yaml:3:1: duplicate key `node` (first at line 1, column 1)"},
        Mistake{"sinks:\n  a: { type: file, path: x }\n  a: { type: file, path: y }\n",
                "c.yaml:3:3: duplicate key `a` (first at line 2, column 3)"},
        Mistake{"communities:\n  - { name: a, community: x }\n  - { name: a, community: y }\n",
                "c.yaml:3:13: duplicate community name `a` (each name stands for one community)"},
        Mistake{"listeners: [{ udp: \"127.0.0.1:162\" }, { udp: \"127.0.0.1:162\" }]\n",
                "c.yaml:1:46: `127.0.0.1:162` is listened on twice (remove one of them)"},
        Mistake{"sinks:\n  a b: { type: file, path: x }\n",
                "c.yaml:2:3: `a b` is not a sink name (1 to 64 of the characters A-Z a-z 0-9 _ -)"},
        Mistake{"sinks:\n  a: { type: file, path: d/x }\n  b: { type: file, path: d/./x }\n",
                "c.yaml:3:26: sinks `a` and `b` write to one file (give each sink its own path)"},
        Mistake{"node: gw.1\n",
                "c.yaml:1:7: `node` is not a node name (1 to 32 of the characters A-Z a-z 0-9 _ "
                "-: it is part of every event id)"}));

INSTANTIATE_TEST_SUITE_P(
    Types, ConfigMistake,
    ::testing::Values(
        Mistake{"drain_secs: \"10\"\n",
                "c.yaml:1:13: `drain_secs` must be a whole number, not the text `10` (0 to 3600, "
                "decimal digits without quotes, unit or leading zero)"},
        Mistake{"drain_secs: 010\n",
                "c.yaml:1:13: `drain_secs` must be a whole number, not `010` (0 to 3600, decimal "
                "digits without quotes, unit or leading zero)"},
        Mistake{"drain_secs: 0x10\n",
                "c.yaml:1:13: `drain_secs` must be a whole number, not `0x10` (0 to 3600, decimal "
                "digits without quotes, unit or leading zero)"},
        Mistake{"drain_secs: -1\n",
                "c.yaml:1:13: `drain_secs` must be a whole number, not `-1` (0 to 3600, decimal "
                "digits without quotes, unit or leading zero)"},
        Mistake{"drain_secs: 3601\n",
                "c.yaml:1:13: `drain_secs` is out of range: `3601` (0 to 3600)"},
        Mistake{"drain_secs: 99999999999999999999999\n",
                "c.yaml:1:13: `drain_secs` is out of range: `99999999999999999999999` (0 to "
                "3600)"},
        Mistake{"drain_secs: [1]\n",
                "c.yaml:1:13: `drain_secs` must be a whole number, not a list"},
        Mistake{"drain_secs:\nnode: a\n",
                "c.yaml:1:1: `drain_secs` has no value (give it a whole number, or leave the key "
                "out for the default)"},
        Mistake{"sinks: { a: { type: file, path: x, required: yes } }\n",
                "c.yaml:1:46: `sinks.a.required` must be true or false, not `yes` (write `true` or "
                "`false` without quotes)"},
        Mistake{"sinks: { a: { type: file, path: x, required: \"true\" } }\n",
                "c.yaml:1:46: `sinks.a.required` must be true or false, not the text `true` (write "
                "`true` or `false` without quotes)"},
        Mistake{"sinks: { a: { type: file, path: x, format: jsno } }\n",
                "c.yaml:1:44: `sinks.a.format` cannot be `jsno` (did you mean `json`?)"},
        Mistake{"log: { level: loud }\n",
                "c.yaml:1:15: `log.level` cannot be `loud` (one of debug, info, warning, error)"},
        Mistake{"listeners: { udp: 0.0.0.0:162 }\n",
                "c.yaml:1:12: `listeners` must be a list, not a map (put a ${...} reference or a "
                "{{ template }} in quotes)"},
        Mistake{"listeners: []\n",
                "c.yaml:1:12: `listeners` is an empty list (leave the key out to listen on UDP "
                "162, or list an address)"},
        Mistake{"listeners: [{ udp: localhost }]\n",
                "c.yaml:1:20: `listeners[0].udp` is not an address and port (like 0.0.0.0:162 or "
                "\"[::]:162\")"},
        Mistake{"sources: { allow: [10.0.0.1/8] }\n",
                "c.yaml:1:20: `sources.allow`: `10.0.0.1/8` is not a network (like 10.0.0.0/8 or "
                "\"2001:db8::/32\", no bits set behind the prefix)"},
        Mistake{"sources: { allow: [] }\n",
                "c.yaml:1:19: `sources.allow` is an empty list (leave the key out for its default, "
                "or list at least one network)"},
        Mistake{"sources: { limit: { burst: 10 } }\n",
                "c.yaml:1:19: `sources.limit.per_sec` is missing (like `limit: { per_sec: 2000, "
                "burst: 10000 }`)"},
        Mistake{"sinks: { a: { type: file } }\n",
                "c.yaml:1:13: `sinks.a.path` is missing (the file to write, like "
                "/var/log/trapline/events.jsonl)"}));

INSTANTIATE_TEST_SUITE_P(
    LaterWork, ConfigMistake,
    ::testing::Values(
        Mistake{"mib: {}\n", "c.yaml:1:1: `mib` is not supported yet (remove the key)"},
        Mistake{"admin: {}\n", "c.yaml:1:1: `admin` is not supported yet (remove the key)"},
        Mistake{"sinks: { a: { type: file, path: x, tls: {} } }\n",
                "c.yaml:1:36: `sinks.a.tls` is not supported yet (remove the key)"},
        Mistake{"sinks: { a: { type: kafkka, brokers: [x] } }\n",
                "c.yaml:1:21: `sinks.a.type`: there is no sink type `kafkka` (did you mean "
                "`kafka`?)"}));

INSTANTIATE_TEST_SUITE_P(
    Yaml, ConfigMistake,
    ::testing::Values(
        Mistake{"node: !!str a\n",
                "c.yaml:1:7: tags are not supported (remove the tag; what begins with ! stands in "
                "single quotes: '!has(x)')"},
        Mistake{"node: ! a\n",
                "c.yaml:1:7: tags are not supported (remove the tag; what begins with ! stands in "
                "single quotes: '!has(x)')"},
        Mistake{
            "node: &x a\n",
            "c.yaml:1:7: anchors are not supported (remove the anchor, or put the expression in "
            "single quotes)"},
        Mistake{"node: a\n---\nnode: b\n",
                "c.yaml:2:1: a second document (one document per file: remove `---`)"},
        Mistake{"- a\n",
                "c.yaml:1:1: the top level must be a map of keys (write `key: value` lines)"},
        Mistake{"node: \"a\n",
                "c.yaml:1:7: a text in quotes that never ends (add the closing quote)"},
        Mistake{"node: 'it''s\n",
                "c.yaml:1:7: a text in quotes that never ends (add the closing quote)"},
        Mistake{"n\xc3\xb6 \xc3\xb6: 1\nnode: \x01\n",
                "c.yaml:2:7: a control character (remove it)"},
        Mistake{"node: \xff\n", "c.yaml:1:7: not valid UTF-8 (save the file as UTF-8)"},
        Mistake{"\"\xc3\xb6\": 1, node: 2\n",
                "c.yaml:1:13: not valid YAML: illegal map value (check indentation, quotes and "
                "brackets here and on the line above)"},
        Mistake{"sources: { allow: [${env:X}] }\n",
                "c.yaml:1:21: not valid YAML: end of sequence flow not found (inside [...] and "
                "{...} a ${...} reference must stand in quotes)"},
        Mistake{"sinks: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {}\n",
                "c.yaml:1:68: nested too deeply (at most 16 levels are read)"}));

TEST(ConfigLoader, TellsAllMistakesInTheOrderOfTheFile) {
  EXPECT_THAT(problems_of("drain_secs: x\nlog: { level: x }\nnode: \"?\"\nextra: 1\n"),
              ElementsAre(StartsWith("c.yaml:1:13:"), StartsWith("c.yaml:2:15:"),
                          StartsWith("c.yaml:3:7:"), StartsWith("c.yaml:4:1:")));
}

TEST(ConfigLoader, TellsAtMostFiftyMistakes) {
  std::string yaml;
  for (int i = 0; i < 60; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const auto problems = problems_of(yaml);
  ASSERT_THAT(problems, SizeIs(51));
  EXPECT_EQ(problems.back(), "and 10 more");
}

TEST(ConfigLoader, AMissingFileIsNamed) {
  const ScratchDirectory scratch;
  EXPECT_THAT(problems_of(scratch, scratch / "none.yaml"),
              ElementsAre("none.yaml: cannot be read: No such file or directory (name a readable "
                          "file with --config FILE)"));
}

TEST(ConfigLoader, KeyOfAFileCannotSplitALine) {
  const auto problems = problems_of("\"a\\nb\\e[1m\": 1\n");
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].find_first_of("\n\x1b"), std::string::npos);
}

TEST(ConfigDropIns, MapsMergeAndListsAppendInTheOrderOfNames) {
  const ScratchDirectory scratch;
  scratch.write("conf.d/20-b.yaml", "listeners: [{ udp: \"127.0.0.1:3\" }]\n");
  scratch.write("conf.d/10-a.yaml",
                "listeners: [{ udp: \"127.0.0.1:2\" }]\njournal: { keep_secs: 5 }\n"
                "sinks: { b: { type: file, path: y } }\n");
  scratch.write("conf.d/ignored.yml", "nonsense: [\n");
  scratch.write("conf.d/.hidden.yaml", "nonsense: [\n");
  const auto config = load_config(
      scratch.write("c.yaml",
                    "listeners: [{ udp: \"127.0.0.1:1\" }]\njournal: { trap_commit_ms: 9 "
                    "}\nsinks: { a: { type: file, path: x } }\n"));
  ASSERT_TRUE(config) << config.error().lines.front();
  std::vector<std::uint16_t> ports;
  for (const ListenerConfig& listener : config->listeners) ports.push_back(listener.udp.port);
  EXPECT_THAT(ports, ElementsAre(1, 2, 3));
  EXPECT_EQ(config->journal.keep, std::chrono::seconds(5));
  EXPECT_EQ(config->journal.trap_commit, std::chrono::milliseconds(9));
  EXPECT_THAT(config->file_sinks, SizeIs(2));
}

TEST(ConfigDropIns, TheSameValueTwiceNamesBothPlaces) {
  const ScratchDirectory scratch;
  scratch.write("conf.d/a.yaml", "log: { format: json,\n  level: info }\n");
  const auto problems = problems_of(scratch, scratch.write("c.yaml", "log: { level: error }\n"));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], StartsWith("conf.d/a.yaml:2:3: `level` is set twice (also at "));
  EXPECT_THAT(problems[0], HasSubstr("c.yaml:1:15: keep one of them"));
}

TEST(ConfigDropIns, AMapAndAListDoNotMerge) {
  const ScratchDirectory scratch;
  scratch.write("conf.d/a.yaml", "sinks: []\n");
  const auto problems =
      problems_of(scratch, scratch.write("c.yaml", "sinks: { a: { type: file, path: x } }\n"));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], StartsWith("conf.d/a.yaml:1:8: `sinks` is of another kind"));
}

TEST(ConfigDropIns, AMistakeThereNamesItsFile) {
  const ScratchDirectory scratch;
  scratch.write("conf.d/a.yaml", "node: x\nunkn: 1\n");
  EXPECT_THAT(problems_of(scratch, scratch.write("c.yaml", "drain_secs: 1\n")),
              ElementsAre(StartsWith("conf.d/a.yaml:2:1: unknown key `unkn`")));
}

TEST(DataDirectory, IsFoundWithoutResolvingSecrets) {
  const ScratchDirectory scratch;
  const auto path = scratch.write(
      "c.yaml", "data_dir: d\ncommunities: [{ name: a, community: \"${env:NOT_SET_HERE}\" }]\n");
  EXPECT_EQ(*load_data_dir(path), "d");
  EXPECT_EQ(*load_data_dir(scratch.write("e.yaml", "")), "/var/lib/trapline");
  EXPECT_FALSE(load_data_dir(scratch / "none.yaml"));
}

TEST(EmbeddedDefault, ListensOn1162AndWritesEvents) {
  const Config config = embedded_default({}, "");
  ASSERT_THAT(config.listeners, SizeIs(2));
  EXPECT_EQ(config.listeners[0].name, "0.0.0.0:1162");
  EXPECT_EQ(config.listeners[1].udp.to_string(), "[::]:1162");
  ASSERT_THAT(config.communities, SizeIs(1));
  EXPECT_EQ(config.communities[0].name, "default");
  EXPECT_EQ(text_of(config.communities[0].community), "public");
  EXPECT_EQ(config.journal.max_bytes, 2 * kGibibyte);
  ASSERT_THAT(config.file_sinks, SizeIs(1));
  EXPECT_EQ(config.file_sinks[0].path, "./trapline-data/events.jsonl");
  EXPECT_TRUE(config.terminal);
}

TEST(EmbeddedDefault, TakesListenersAndDirectory) {
  const std::vector<base::Endpoint> listen = {*base::Endpoint::parse("[::1]:9")};
  const Config config = embedded_default(listen, "/d");
  ASSERT_THAT(config.listeners, SizeIs(1));
  EXPECT_EQ(config.listeners[0].name, "[::1]:9");
  EXPECT_EQ(config.file_sinks[0].path, "/d/events.jsonl");
}

}  // namespace
}  // namespace trapline::gateway
