// The meaning of docs/rules.md a second time: slow, and as plainly as it can be said. It keeps
// every event that came and looks at all of them again whenever it must know something.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trapline::rules {

// An event as far as the rules of these tests see it.
struct NaiveEvent {
  std::string id;
  std::int64_t time = 0;
  int agent = 0;      // 0 to 9
  int trap = 0;       // 0 to 9
  int interface = 0;  // ifIndex
};

// One rule: what it is for, and at most one thing that it does.
struct NaiveRule {
  enum class Kind { dedup, limit, threshold, absent, raise, clear };
  Kind kind = Kind::dedup;
  std::string name;
  std::vector<int> traps;  // empty: every one
  // Counted and raised by agent, and interface too if wanted.
  bool by_interface = false;
  std::int64_t span = 0;  // the window; of a raise: the hold, 0 for none
  std::size_t count = 0;
  bool drop = false;
  bool stop = false;
};

// What is decided about one event, as text: one line each, in order.
using NaiveDecisions = std::vector<std::string>;

// Words for a decision, the same for both implementations.
struct NaiveWords {
  std::string id;  // of a synthetic event
  std::string synthetic;
  std::string state = "event";
  std::string key;
  std::vector<std::string> rules;
  std::vector<std::string> flags;
  std::uint64_t count = 0;
  std::int64_t first_time = 0;
  std::int64_t made = 0;
  std::string raise_id;
  std::vector<std::string> causes;
  [[nodiscard]] std::string text() const;
};

class NaiveRules {
 public:
  explicit NaiveRules(std::vector<NaiveRule> rules) : rules_(std::move(rules)) {}

  // Time goes on to that of a record: what is due by then is decided, oldest first.
  NaiveDecisions advance(const std::string& record, std::int64_t now);
  // An event comes, at the time that `advance` was called with.
  NaiveDecisions take(const NaiveEvent& event);
  // When something happens next without an event.
  [[nodiscard]] std::optional<std::int64_t> next_due() const;
  // "key count raise_id" of what is raised.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  // Something that rules wait for the end of.
  struct Waiting {
    std::size_t rule = 0;
    std::string key;
    std::int64_t due = 0;
    std::uint64_t passed = 0;
    std::vector<NaiveEvent> suppressed;
    NaiveEvent event;                // hold, absent
    std::vector<std::string> rules;  // that matched by then
    std::string problem;             // key of the event
  };
  struct Problem {
    std::string raise_id;
    std::uint64_t count = 0;
    std::int64_t first = 0;
  };

  [[nodiscard]] bool matches(const NaiveRule& rule, const NaiveEvent& event) const;
  [[nodiscard]] static std::string key_of(const NaiveRule& rule, const NaiveEvent& event);
  [[nodiscard]] bool is_loud(const Waiting& waiting) const;
  [[nodiscard]] Waiting* find(std::size_t rule, const std::string& key);
  [[nodiscard]] Waiting* hold_of(const std::string& key);
  void end(const Waiting* waiting);
  bool suppresses(std::size_t number, const NaiveEvent& event, const NaiveWords& words);
  [[nodiscard]] bool reaches_threshold(std::size_t number, const NaiveEvent& event);
  [[nodiscard]] bool changes_problem(std::optional<std::size_t> raised_by, const NaiveWords& words);
  void settle(const NaiveEvent& event, std::optional<std::size_t> raised_by, NaiveWords& words);
  void speak(const Waiting& waiting, const std::string& record, std::int64_t now,
             NaiveDecisions& out);
  void finish_synthetic(std::size_t rule, const NaiveEvent& event, NaiveWords words,
                        NaiveDecisions& out);

  const std::vector<NaiveRule> rules_;
  std::vector<Waiting> waiting_;  // in the order in which they began or were renewed
  std::map<std::size_t, std::vector<NaiveEvent>> history_;  // by rule that counts
  std::map<std::pair<std::size_t, std::string>, std::int64_t> quiet_until_;
  std::map<std::string, Problem> problems_;
  std::size_t synthetic_ = 0;  // of this record
};

}  // namespace trapline::rules
