#include "tests/rules/naive_rules.h"

#include <algorithm>

namespace trapline::rules {
namespace {

using Kind = NaiveRule::Kind;

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += part + ",";
  return all;
}

// What a problem is known by when rules say nothing of it.
std::string default_key(const NaiveEvent& event) {
  return "10.0.0." + std::to_string(event.agent) + "/1.3.6.1.4.1.99." + std::to_string(event.trap);
}

bool has(const std::vector<std::string>& flags, const std::string& flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

}  // namespace

std::string NaiveWords::text() const {
  return "id=" + id + " synthetic=" + synthetic + " state=" + state + " key=" + key +
         " rules=" + joined(rules) + " flags=" + joined(flags) + " count=" + std::to_string(count) +
         " first=" + std::to_string(count == 0 ? 0 : first_time) + " made=" + std::to_string(made) +
         " raise=" + raise_id + " causes=" + joined(causes);
}

bool NaiveRules::matches(const NaiveRule& rule, const NaiveEvent& event) const {
  return rule.traps.empty() ||
         std::find(rule.traps.begin(), rule.traps.end(), event.trap) != rule.traps.end();
}

std::string NaiveRules::key_of(const NaiveRule& rule, const NaiveEvent& event) {
  const std::string agent = "10.0.0." + std::to_string(event.agent);
  return rule.by_interface ? agent + "/" + std::to_string(event.interface) : agent;
}

bool NaiveRules::is_loud(const Waiting& waiting) const {
  const Kind kind = rules_[waiting.rule].kind;
  return kind == Kind::raise || kind == Kind::absent || !waiting.suppressed.empty();
}

NaiveRules::Waiting* NaiveRules::find(std::size_t rule, const std::string& key) {
  for (Waiting& each : waiting_) {
    if (each.rule == rule && each.key == key) return &each;
  }
  return nullptr;
}

NaiveRules::Waiting* NaiveRules::hold_of(const std::string& key) {
  for (Waiting& each : waiting_) {
    if (rules_[each.rule].kind == Kind::raise && each.key == key) return &each;
  }
  return nullptr;
}

void NaiveRules::end(const Waiting* waiting) {
  if (waiting != nullptr) waiting_.erase(waiting_.begin() + (waiting - waiting_.data()));
}

std::optional<std::int64_t> NaiveRules::next_due() const {
  std::optional<std::int64_t> next;
  for (const Waiting& each : waiting_) {
    if (is_loud(each) && (!next || each.due < *next)) next = each.due;
  }
  return next;
}

std::vector<std::string> NaiveRules::problems() const {
  std::vector<std::string> all;
  for (const auto& [key, problem] : problems_) {
    all.push_back(key + " " + std::to_string(problem.count) + " " + problem.raise_id);
  }
  return all;
}

NaiveDecisions NaiveRules::advance(const std::string& record, std::int64_t now) {
  NaiveDecisions out;
  synthetic_ = 0;
  for (;;) {
    std::size_t first = waiting_.size();
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const Waiting& each = waiting_[i];
      if (each.due > now) continue;
      const bool sooner = first == waiting_.size() || each.due < waiting_[first].due ||
                          (each.due == waiting_[first].due && each.rule < waiting_[first].rule);
      if (sooner) first = i;
    }
    if (first == waiting_.size()) return out;
    const Waiting over = waiting_[first];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(first));
    if (is_loud(over)) speak(over, record, now, out);
  }
}

// What waited has come to its end.
void NaiveRules::speak(const Waiting& waiting, const std::string& record, std::int64_t now,
                       NaiveDecisions& out) {
  NaiveWords words;
  words.made = now;
  words.id = record;
  const NaiveRule& rule = rules_[waiting.rule];
  switch (rule.kind) {
    case Kind::raise:
      words.synthetic = "hold";
      words.state = "raise";
      words.key = waiting.problem;
      words.rules = waiting.rules;
      words.causes = {waiting.event.id};
      return finish_synthetic(waiting.rule, waiting.event, words, out);
    case Kind::absent:
      words.synthetic = "absent";
      words.rules = {rule.name};
      words.causes = {waiting.event.id};
      return finish_synthetic(waiting.rule, waiting.event, words, out);
    default:
      words.synthetic = rule.kind == Kind::dedup ? "dedup" : "limit";
      words.rules = waiting.rules;
      words.key = waiting.problem;
      words.count = waiting.suppressed.size();
      words.first_time = waiting.suppressed.front().time;
      words.causes = {waiting.suppressed.front().id};
      return finish_synthetic(waiting.rule, waiting.suppressed.front(), words, out);
  }
}

// The rules behind the one that made it, then what it raises and clears.
void NaiveRules::finish_synthetic(std::size_t number, const NaiveEvent& event, NaiveWords words,
                                  NaiveDecisions& out) {
  words.id += "-" + std::to_string(++synthetic_);
  const bool goes_on = words.synthetic != "hold" && !rules_[number].stop;
  for (std::size_t i = number + 1; goes_on && i < rules_.size(); ++i) {
    const NaiveRule& rule = rules_[i];
    if (!matches(rule, event)) continue;
    words.rules.push_back(rule.name);
    if (rule.kind == Kind::raise || rule.kind == Kind::clear) {
      words.state = rule.kind == Kind::raise ? "raise" : "clear";
      words.key = key_of(rule, event);
    }
    if (rule.drop) words.flags = {"dropped"};
    if (rule.stop) break;
  }
  const std::string key = words.key.empty() ? default_key(event) : words.key;
  if (words.state != "event" && words.flags.empty()) {
    const auto known = problems_.find(key);
    if (known != problems_.end()) {
      words.raise_id = known->second.raise_id;
      words.count =
          words.count != 0 ? words.count : known->second.count + (words.state == "raise" ? 1 : 0);
      if (words.first_time == 0) words.first_time = known->second.first;
    }
    end(hold_of(key));
    if (words.state == "clear") {
      problems_.erase(key);
    } else if (known != problems_.end()) {
      ++known->second.count;
    } else {
      problems_[key] = {words.id, 1, words.made};
    }
  }
  out.push_back(words.text());
}

// dedup and limit. What they suppress is noted.
bool NaiveRules::suppresses(std::size_t number, const NaiveEvent& event, const NaiveWords& words) {
  const NaiveRule& rule = rules_[number];
  const std::string key = key_of(rule, event);
  Waiting* window = find(number, key);
  if (window == nullptr) {
    waiting_.push_back({number, key, event.time + rule.span, 0, {}, {}, {}, {}});
    window = &waiting_.back();
  }
  const std::size_t most = rule.kind == Kind::dedup ? 1 : rule.count;
  if (window->passed < most) {
    ++window->passed;
    return false;
  }
  if (window->suppressed.empty()) {
    window->rules = words.rules;
    window->problem = words.key;
  }
  window->suppressed.push_back(event);
  return true;
}

// Counts what stands in the history, this event included.
bool NaiveRules::reaches_threshold(std::size_t number, const NaiveEvent& event) {
  const NaiveRule& rule = rules_[number];
  const std::string key = key_of(rule, event);
  const auto quiet = quiet_until_.find({number, key});
  if (quiet != quiet_until_.end() && event.time < quiet->second) return false;
  std::size_t count = 0;
  const auto& history = history_[number];
  for (auto each = history.rbegin(); each != history.rend(); ++each) {
    if (each->time <= event.time - rule.span) break;
    if (key_of(rule, *each) == key) ++count;
  }
  if (count < rule.count) return false;
  quiet_until_[{number, key}] = event.time + rule.span;
  return true;
}

NaiveDecisions NaiveRules::take(const NaiveEvent& event) {
  NaiveWords words;
  std::optional<std::size_t> raised_by;
  std::vector<std::size_t> counting;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const NaiveRule& rule = rules_[i];
    if (!matches(rule, event)) continue;
    words.rules.push_back(rule.name);
    if (rule.kind == Kind::raise || rule.kind == Kind::clear) {
      words.state = rule.kind == Kind::raise ? "raise" : "clear";
      words.key = key_of(rule, event);
      if (rule.kind == Kind::raise) raised_by = i;
    }
    if (rule.drop && !has(words.flags, "dropped")) words.flags.push_back("dropped");
    const bool filters = rule.kind == Kind::dedup || rule.kind == Kind::limit;
    if (filters && words.flags.empty() && suppresses(i, event, words)) {
      words.flags.push_back("suppressed");
    }
    if (rule.kind == Kind::threshold || rule.kind == Kind::absent) {
      counting.push_back(i);
      history_[i].push_back(event);
    }
    if (rule.stop) break;
  }
  if (has(words.flags, "suppressed") && !has(words.flags, "dropped") &&
      changes_problem(raised_by, words)) {
    // It passes after all, and is not counted among the suppressed.
    words.flags.clear();
    for (Waiting& each : waiting_) {
      if (!each.suppressed.empty() && each.suppressed.back().id == event.id) {
        each.suppressed.pop_back();
      }
    }
  }
  settle(event, raised_by, words);
  NaiveDecisions out{words.text()};
  for (const std::size_t number : counting) {
    const NaiveRule& rule = rules_[number];
    const std::string key = key_of(rule, event);
    if (rule.kind == Kind::absent) {
      end(find(number, key));
      waiting_.push_back({number, key, event.time + rule.span, 0, {}, event, {}, {}});
    } else if (reaches_threshold(number, event)) {
      NaiveWords made;
      made.id = event.id;
      made.synthetic = "threshold";
      made.made = event.time;
      made.rules = {rule.name};
      const std::size_t most = std::min<std::size_t>(rule.count, 16);
      const auto& history = history_[number];
      for (auto each = history.rbegin(); made.causes.size() < most; ++each) {
        if (key_of(rule, *each) == key) made.causes.insert(made.causes.begin(), each->id);
      }
      finish_synthetic(number, event, made, out);
    }
  }
  return out;
}

// Raises what is not raised, or clears what is raised or held.
bool NaiveRules::changes_problem(std::optional<std::size_t> raised_by, const NaiveWords& words) {
  if (words.state == "event") return false;
  const bool raised = problems_.contains(words.key);
  const bool held = hold_of(words.key) != nullptr;
  if (words.state == "clear") return raised || held;
  return !raised && !(held && rules_[*raised_by].span != 0);
}

// Raise and clear, of the event that came.
void NaiveRules::settle(const NaiveEvent& event, std::optional<std::size_t> raised_by,
                        NaiveWords& words) {
  if (words.state == "event") return;
  const auto known = problems_.find(words.key);
  if (!words.flags.empty()) {
    if (words.state == "raise" && known != problems_.end()) ++known->second.count;
    return;
  }
  if (known != problems_.end()) {
    words.raise_id = known->second.raise_id;
    words.first_time = known->second.first;
    if (words.state == "raise") {
      words.count = ++known->second.count;
    } else {
      words.count = known->second.count;
      problems_.erase(known);
    }
    return;
  }
  Waiting* const held = hold_of(words.key);
  if (words.state == "clear") {
    if (held == nullptr) return;
    end(held);
    words.state = "event";
    words.flags.push_back("cleared_in_hold");
    return;
  }
  const NaiveRule& rule = rules_[*raised_by];
  if (rule.span == 0) {
    end(held);
    problems_[words.key] = {event.id, 1, event.time};
    return;
  }
  if (held == nullptr) {
    waiting_.push_back(
        {*raised_by, words.key, event.time + rule.span, 0, {}, event, words.rules, words.key});
  }
  words.state = "event";
  words.flags.push_back("held");
}

}  // namespace trapline::rules
