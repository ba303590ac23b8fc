#include "gateway/config/tests_section.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "gateway/config/nearest_name.h"
#include "gateway/config/source_reader.h"
#include "gateway/config/test_steps_section.h"

namespace trapline::gateway {
namespace {

constexpr IntegerRange kCount{0, 1'000'000'000};
constexpr std::size_t kMostExpected = 10'000;
constexpr std::size_t kMostNames = 1'000;

constexpr std::array<std::string_view, 6> kSeverities = {"critical", "major", "minor",
                                                         "warning",  "info",  "cleared"};
constexpr std::array<std::string_view, 3> kStates = {"event", "raise", "clear"};
constexpr std::array<std::string_view, 8> kSynthetic = {"none",
                                                        "hold",
                                                        "dedup",
                                                        "limit",
                                                        "threshold",
                                                        "absent",
                                                        "device_unreachable",
                                                        "device_reachable"};
constexpr std::array<std::string_view, 8> kFlags = {
    "held",           "rule_error",    "suppressed",    "dropped", "cleared_in_hold",
    "enrich_timeout", "enrich_failed", "enrich_skipped"};

// One test on its way from the tree to its spec.
class TestReader {
 public:
  TestReader(const ConfigNode& item, const std::string& where, ConfigProblems& problems)
      : item_(item), problems_(problems), reader_(item, where, problems) {}

  RuleTestSpec read() {
    test_.place = item_.place;
    reader_.require("name", "what the test is about, in a few words");
    if (auto name = read_source(reader_, "name", problems_)) test_.name = std::move(name->text);
    read_test_steps(reader_, problems_, test_.steps);
    read_expect();
    reader_.finish();
    return std::move(test_);
  }

 private:
  void read_expect() {
    reader_.require("expect", "like `expect: { severity: critical, sinks: [archive] }`");
    const ConfigNode* expect = reader_.node("expect", "what is to be decided");
    const std::string where = reader_.name_of("expect");
    if (expect == nullptr) return;
    if (expect->kind == ConfigNode::Kind::list) return read_every(*expect, where);
    if (expect->kind != ConfigNode::Kind::map || expect->keys.empty()) {
      problems_.add(expect->place, "`" + where + "` must be a map, or a list of maps",
                    "like `{ severity: critical }`; `expect: []` says that nothing is decided");
      return;
    }
    FieldReader reader(*expect, where, problems_);
    if (const ConfigNode* events = reader.list("events")) read_every(*events, where + ".events");
    test_.problems = read_names(reader, "problems", {});
    if (test_.problems) std::ranges::sort(*test_.problems);
    DecisionExpectation last = read_decision(reader, *expect);
    const auto about_last = [](const ConfigKey& key) {
      return key.name != "events" && key.name != "problems";
    };
    if (std::ranges::any_of(expect->keys, about_last)) test_.last = std::move(last);
    reader.finish();
  }

  void read_every(const ConfigNode& list, const std::string& where) {
    std::vector<DecisionExpectation>& every = test_.every.emplace();
    for_each_map(&list, where, kMostExpected, problems_,
                 [&](const ConfigNode& item, const std::string& item_where) {
                   FieldReader reader(item, item_where, problems_);
                   every.push_back(read_decision(reader, item));
                   reader.finish();
                 });
  }

  DecisionExpectation read_decision(FieldReader& reader, const ConfigNode& map) {
    DecisionExpectation expected;
    expected.place = map.place;
    expected.severity = read_name(reader, "severity", kSeverities);
    expected.state = read_name(reader, "state", kStates);
    expected.synthetic = read_name(reader, "synthetic", kSynthetic);
    expected.key = read_text(reader, "key");
    expected.summary = read_text(reader, "summary");
    if (map.find("count") != nullptr) {
      reader.read_integer("count", kCount, expected.count.emplace());
    }
    if (map.find("dropped") != nullptr) {
      reader.read_boolean("dropped", expected.dropped.emplace());
    }
    if (const ConfigNode* tags = reader.map("tags")) {
      FieldReader values(*tags, reader.name_of("tags"), problems_);
      for (const ConfigKey& key : tags->keys) {
        if (auto value = read_text(values, key.name)) {
          expected.tags.emplace_back(key.name, std::move(*value));
        }
      }
    }
    expected.rules = read_names(reader, "rules", {});
    expected.sinks = read_names(reader, "sinks", {});
    expected.flags = read_names(reader, "flags", kFlags);
    return expected;
  }

  // Also an empty text: that is something to expect.
  std::optional<std::string> read_text(FieldReader& reader, std::string_view key) {
    const ConfigNode* node = reader.text_node(key);
    if (node == nullptr) return std::nullopt;
    return node->text;
  }

  std::optional<std::string> read_name(FieldReader& reader, std::string_view key,
                                       std::span<const std::string_view> names) {
    const ConfigNode* node = reader.text_node(key);
    if (node == nullptr || !check_name(*node, reader.name_of(key), names)) return std::nullopt;
    return node->text;
  }

  // A list of names, which may be empty; any names when `known` is empty.
  std::optional<std::vector<std::string>> read_names(FieldReader& reader, std::string_view key,
                                                     std::span<const std::string_view> known) {
    const ConfigNode* list = reader.list(key);
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> names;
    for (const ConfigNode& item : list->items) {
      if (item.kind != ConfigNode::Kind::text || list->items.size() > kMostNames) {
        problems_.add(item.place, "`" + reader.name_of(key) + "` must be a list of names", "");
        return std::nullopt;
      }
      if (!known.empty()) (void)check_name(item, reader.name_of(key), known);
      names.push_back(item.text);
    }
    return names;
  }

  bool check_name(const ConfigNode& node, const std::string& where,
                  std::span<const std::string_view> known) {
    if (std::ranges::find(known, node.text) != known.end()) return true;
    const std::string_view nearest = nearest_name(node.text, known);
    std::string hint = "one of";
    for (const std::string_view name : known) hint += " " + std::string(name);
    if (!nearest.empty()) hint = "did you mean `" + std::string(nearest) + "`?";
    problems_.add(node.place, "`" + where + "` cannot be `" + node.text.substr(0, 60) + "`", hint);
    return false;
  }

  const ConfigNode& item_;
  ConfigProblems& problems_;
  FieldReader reader_;
  RuleTestSpec test_;
};

}  // namespace

void read_tests(FieldReader& top, ConfigProblems& problems, std::vector<RuleTestSpec>& out) {
  std::unordered_map<std::string, ConfigPlace> known;
  const auto read_item = [&](const ConfigNode& item, const std::string& where) {
    out.push_back(TestReader(item, where, problems).read());
    const RuleTestSpec& test = out.back();
    if (test.name.empty()) return;
    const auto [first, is_new] = known.emplace(test.name, test.place);
    if (is_new) return;
    problems.add(item.find("name")->place, "duplicate test name `" + test.name + "`",
                 "first at " + problems.describe(first->second) + ": give each test its own");
  };
  for_each_map(top.list("tests"), "tests", kMaxConfiguredTests, problems, read_item);
}

}  // namespace trapline::gateway
