#include "gateway/config/rules_section.h"

#include <array>
#include <unordered_map>

#include "gateway/config/source_reader.h"
#include "rules/rule_set.h"

namespace trapline::gateway {
namespace {

using rules::RuleSpec;
using rules::State;

constexpr IntegerRange kSecs{1, 31ULL * 86'400};
constexpr IntegerRange kCount{1, 1'000'000};
constexpr IntegerRange kThresholdCount{1, rules::kMaxThresholdCount};
constexpr std::size_t kMostMatches = 1'000;
constexpr std::size_t kMostBy = 8;
constexpr std::size_t kMostEnrich = 8;
constexpr std::size_t kMostTags = 64;

constexpr std::array kStates = {std::pair<std::string_view, State>{"event", State::event},
                                std::pair<std::string_view, State>{"raise", State::raise},
                                std::pair<std::string_view, State>{"clear", State::clear}};

// One rule on its way from the tree to its spec.
class RuleReader {
 public:
  RuleReader(const ConfigNode& item, const std::string& where, ConfigProblems& problems)
      : item_(item), where_(where), problems_(problems), reader_(item, where, problems) {}

  RuleSpec read() {
    rule_.place = item_.place;
    read_name();
    rule_.match = read_sources(reader_, "match", kMostMatches, problems_);
    rule_.when = read_condition(reader_, "when", problems_);
    rule_.enrich = read_sources(reader_, "enrich", kMostEnrich, problems_);
    read_set();
    if (item_.find("state") != nullptr) {
      State state = State::event;
      reader_.read_choice<State>("state", kStates, state);
      rule_.state = state;
    }
    reader_.read_duration("hold_secs", kSecs, rule_.hold);
    read_dedup();
    read_limit();
    read_threshold();
    read_absent();
    reader_.read_boolean("drop", rule_.drop);
    reader_.read_boolean("stop", rule_.stop);
    reader_.finish();
    return std::move(rule_);
  }

 private:
  void read_name() {
    reader_.require("name", "events, metrics and `trapline explain` show it");
    const ConfigNode* name = reader_.text_node("name");
    if (name == nullptr) return;
    rule_.name = name->text;
    if (is_rule_name(name->text)) return;
    problems_.add(name->place, "`" + where_ + ".name` is not a rule name",
                  "1 to 64 of the characters A-Z a-z 0-9 _ - .");
  }

  void read_set() {
    const ConfigNode* map = reader_.map("set");
    if (map == nullptr) return;
    rule_.set.place = map->place;
    FieldReader set(*map, reader_.name_of("set"), problems_);
    rule_.set.severity = read_source(set, "severity", problems_);
    rule_.set.summary = read_source(set, "summary", problems_);
    rule_.set.key = read_source(set, "key", problems_);
    if (const ConfigNode* tags = set.map("tags")) read_tags(*tags, set.name_of("tags"));
    set.finish();
  }

  void read_tags(const ConfigNode& tags, const std::string& where) {
    if (tags.keys.size() > kMostTags) {
      problems_.add(tags.place, "`" + where + "` has too many tags",
                    "at most " + std::to_string(kMostTags));
      return;
    }
    FieldReader reader(tags, where, problems_);
    for (const ConfigKey& key : tags.keys) {
      rules::SourceText name;
      name.text = key.name;
      name.place = key.place;
      if (!is_rule_name(key.name)) {
        problems_.add(key.place, "`" + key.name + "` is not the name of a tag",
                      "1 to 64 of the characters A-Z a-z 0-9 _ - .");
      }
      if (auto value = read_source(reader, key.name, problems_)) {
        rule_.set.tags.emplace_back(std::move(name), std::move(*value));
      }
    }
  }

  std::vector<rules::SourceText> read_by(FieldReader& reader) {
    reader.require("by",
                   "what is counted apart, like `by: agent.ip` or `by: [agent.ip, trap.oid]`");
    return read_sources(reader, "by", kMostBy, problems_);
  }

  void read_dedup() {
    const ConfigNode* map = reader_.map("dedup");
    if (map == nullptr) return;
    FieldReader reader(*map, reader_.name_of("dedup"), problems_);
    rules::DedupSpec& dedup = rule_.dedup.emplace();
    reader.require("window_secs", "like `dedup: { window_secs: 600, by: key }`");
    reader.read_duration("window_secs", kSecs, dedup.window);
    dedup.by = read_by(reader);
    reader.finish();
  }

  void read_limit() {
    const ConfigNode* map = reader_.map("limit");
    if (map == nullptr) return;
    FieldReader reader(*map, reader_.name_of("limit"), problems_);
    rules::LimitSpec& limit = rule_.limit.emplace();
    constexpr std::string_view kExample = "like `limit: { count: 10, per_secs: 60, by: agent.ip }`";
    reader.require("count", kExample);
    reader.require("per_secs", kExample);
    reader.read_integer("count", kCount, limit.count);
    reader.read_duration("per_secs", kSecs, limit.per);
    limit.by = read_by(reader);
    reader.finish();
  }

  void read_threshold() {
    const ConfigNode* map = reader_.map("threshold");
    if (map == nullptr) return;
    FieldReader reader(*map, reader_.name_of("threshold"), problems_);
    rules::ThresholdSpec& threshold = rule_.threshold.emplace();
    constexpr std::string_view kExample =
        "like `threshold: { count: 6, within_secs: 300, by: key }`";
    reader.require("count", kExample);
    reader.require("within_secs", kExample);
    reader.read_integer("count", kThresholdCount, threshold.count);
    reader.read_duration("within_secs", kSecs, threshold.within);
    threshold.by = read_by(reader);
    reader.finish();
  }

  void read_absent() {
    const ConfigNode* map = reader_.map("absent");
    if (map == nullptr) return;
    FieldReader reader(*map, reader_.name_of("absent"), problems_);
    rules::AbsentSpec& absent = rule_.absent.emplace();
    reader.require("after_secs", "like `absent: { after_secs: 300, by: agent.ip }`");
    reader.read_duration("after_secs", kSecs, absent.after);
    absent.by = read_by(reader);
    reader.finish();
  }

  const ConfigNode& item_;
  const std::string& where_;
  ConfigProblems& problems_;
  FieldReader reader_;
  RuleSpec rule_;
};

}  // namespace

void read_rules(FieldReader& top, ConfigProblems& problems, std::vector<RuleSpec>& out) {
  std::unordered_map<std::string, ConfigPlace> known;
  const auto read_item = [&](const ConfigNode& item, const std::string& where) {
    out.push_back(RuleReader(item, where, problems).read());
    const RuleSpec& rule = out.back();
    if (rule.name.empty()) return;
    const auto [first, is_new] = known.emplace(rule.name, rule.place);
    if (is_new) return;
    const ConfigNode* name = item.find("name");
    problems.add(name->place, "duplicate rule name `" + rule.name + "`",
                 "first at " + problems.describe(first->second) + ": give each rule its own");
  };
  for_each_map(top.list("rules"), "rules", kMaxConfiguredRules, problems, read_item);
}

}  // namespace trapline::gateway
