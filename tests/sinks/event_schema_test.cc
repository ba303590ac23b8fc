// What is written is what docs/event.schema.json says, and the schema names nothing that is never
// written.

#include <regex.h>

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/tolerance.h"
#include "sinks/event_json.h"
#include "tests/sinks/test_event.h"
#include "tests/support/wire.h"

namespace trapline::sinks {
namespace {

using nlohmann::json;
using namespace test_support;  // NOLINT(google-build-using-namespace): its words are what we write

std::string file_beside_tests(std::string_view path) {
  std::string here = __FILE__;
  here.resize(here.rfind("tests/"));
  std::ifstream file(here + std::string(path));
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// As much of JSON Schema as ours uses. Members the schema does not name are findings too.
class Schema {
 public:
  Schema() : root_(json::parse(file_beside_tests("docs/event.schema.json"))) {}

  void check(const json& value) { check(value, root_, "event"); }
  [[nodiscard]] const std::set<std::string>& seen() const { return seen_; }
  // Every member that the schema names, as "event.peer.ip".
  [[nodiscard]] std::set<std::string> named() const {
    std::set<std::string> names;
    collect(root_, "event", names);
    return names;
  }

 private:
  const json& resolve(const json& schema) const {
    if (!schema.contains("$ref")) return schema;
    return root_.at(json::json_pointer(schema.at("$ref").get<std::string>().substr(1)));
  }

  void collect(const json& schema_or_ref, const std::string& at,
               std::set<std::string>& names) const {
    const json& schema = resolve(schema_or_ref);
    names.insert(at);
    if (schema.contains("items")) collect(schema.at("items"), at + "[]", names);
    if (!schema.contains("properties")) return;
    for (const auto& [name, inner] : schema.at("properties").items()) {
      collect(inner, at + "." + name, names);
    }
  }

  static bool matches(const std::string& text, const std::string& pattern) {
    regex_t compiled;
    if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
    const bool found = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return found;
  }

  static bool has_type(const json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "null" && value.is_null();
  }

  void check(const json& value, const json& schema_or_ref, const std::string& at) {
    const json& schema = resolve(schema_or_ref);
    seen_.insert(at);
    if (schema.contains("type")) {
      const json types = schema.at("type").is_array() ? schema.at("type") : json{schema.at("type")};
      bool fits = false;
      for (const json& type : types) fits = fits || has_type(value, type);
      EXPECT_TRUE(fits) << at << ": " << value;
    }
    if (schema.contains("const")) {
      EXPECT_EQ(value, schema.at("const")) << at;
    }
    if (schema.contains("enum")) {
      const json& all = schema.at("enum");
      EXPECT_NE(std::find(all.begin(), all.end(), value), all.end()) << at << ": " << value;
    }
    if (schema.contains("pattern")) {
      EXPECT_TRUE(matches(value.get<std::string>(), schema.at("pattern").get<std::string>()))
          << at << ": " << value;
    }
    if (schema.contains("minimum")) {
      EXPECT_GE(value, schema.at("minimum")) << at;
    }
    if (schema.contains("maximum")) {
      EXPECT_LE(value, schema.at("maximum")) << at;
    }
    for (const json& name : schema.value("required", json::array())) {
      EXPECT_TRUE(value.contains(name)) << at << " lacks " << name;
    }
    if (value.is_array() && schema.contains("items")) {
      for (const json& item : value) check(item, schema.at("items"), at + "[]");
    }
    if (value.is_object() && schema.contains("properties")) {
      for (const auto& [name, inner] : value.items()) {
        ASSERT_TRUE(schema.at("properties").contains(name)) << at << "." << name;
        check(inner, schema.at("properties").at(name), at + "." + name);
      }
    }
  }

  const json root_;
  std::set<std::string> seen_;
};

json rendered(const rules::RoutedTrap& event) {
  std::string out;
  append_event_json(event, protocol::mib::MibIndex::built_in(), out);
  return json::parse(out);
}

Octets one_of_each() {
  return v2c_trap({varbind("1.3.6.1.2.1.2.2.1.7.7", integer(1)),
                   varbind("1.3.6.1.4.1.9.1", octet_string("x")),
                   varbind("1.3.6.1.4.1.9.2", hex("04 01 00")),
                   varbind("1.3.6.1.4.1.9.3", hex("05 00")),
                   varbind("1.3.6.1.4.1.9.4", oid("1.3")),
                   varbind("1.3.6.1.4.1.9.5", hex("40 04 01 02 03 04")),
                   varbind("1.3.6.1.4.1.9.6", hex("41 01 01")),
                   varbind("1.3.6.1.4.1.9.7", hex("42 01 01")),
                   varbind("1.3.6.1.4.1.9.8", hex("43 01 01")),
                   varbind("1.3.6.1.4.1.9.9", hex("44 01 01")),
                   varbind("1.3.6.1.4.1.9.10", hex("46 01 01")),
                   varbind("1.3.6.1.4.1.9.11", hex("47 01 01")),
                   varbind("1.3.6.1.4.1.9.12", hex("80 00")),
                   varbind("1.3.6.1.4.1.9.13", hex("81 00")),
                   varbind("1.3.6.1.4.1.9.14", hex("82 00")),
                   varbind("1.3.6.1.4.1.9.15", hex("40 01 01")),
                   varbind("1.3.6.1.4.1.9.16", hex("44 07 9f 78 04 3f c0 00 00")),
                   varbind("1.3.6.1.4.1.9.17", hex("44 0b 9f 79 08 40 02 00 00 00 00 00 00")),
                   varbind("1.3.6.1.4.1.9.18", hex("44 04 9f 7a 01 b3")),
                   varbind("1.3.6.1.4.1.9.19", hex("44 04 9f 7b 01 58"))});
}

TEST(EventSchema, CoversEveryEventAndNothingElse) {
  Schema schema;
  TestEvent of_each(one_of_each(), "gw-1-5f3a-17");
  const rules::Tag tags[] = {{"team", "noc"}};
  const std::string_view names[] = {"a-rule"};
  const rules::EnrichedValue answers[] = {{"port", "alias", of_each.event.message.varbinds[1]}};
  of_each.event.verdict.tags = tags;
  of_each.event.verdict.rules = names;
  of_each.event.verdict.enrichment = answers;
  schema.check(rendered(of_each.event));
  TestEvent made(link_down(), "gw-1-5f3a-19-1");
  const std::string_view causes[] = {"gw-1-5f3a-17"};
  rules::Verdict& verdict = made.event.verdict;
  verdict.synthetic = rules::Synthetic::hold;
  verdict.made = {1};
  verdict.count = 2;
  verdict.first_time = {1};
  verdict.raise_id = "gw-1-5f3a-17";
  verdict.causes = causes;
  verdict.flags.set(rules::VerdictFlag::held);
  schema.check(rendered(made.event));
  const TestEvent v1(message(0, pdu_v1({})), "");
  schema.check(rendered(v1.event));
  TestEvent v3(link_down(), "gw-1-5f3a-18");
  const Octets engine = hex("80 00 1f 88 04");
  v3.event.message.version = protocol::Version::v3;
  v3.event.message.security = {"noc", protocol::SecurityLevel::auth_priv, engine, engine, ""};
  schema.check(rendered(v3.event));
  EXPECT_EQ(schema.seen(), schema.named());
}

TEST(EventSchema, ThePageForOperatorsNamesEveryMemberAndFlag) {
  const std::string page = file_beside_tests("docs/events.md");
  for (const std::string& name : Schema().named()) {
    const std::string member = name.substr(name.find_last_of(".]") + 1);
    if (name == "event" || member.empty()) continue;
    const bool named = page.find(member + "`") != std::string::npos ||
                       page.find("`" + member + ".") != std::string::npos;
    EXPECT_TRUE(named) << name;
  }
  for (int i = 0; i < protocol::kToleranceCount; ++i) {
    const std::string flag(name_of(static_cast<protocol::Tolerance>(i)));
    EXPECT_NE(page.find("| `" + flag + "` |"), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace trapline::sinks
