// The problems that are raised now, by key.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "rules/compiled_rule.h"
#include "rules/routed_trap.h"

namespace trapline::rules {

// At most kMostProblems, in kMostBytes: beyond, the one raised longest ago is forgotten, and
// counted. One thread.
class ProblemTable {
 public:
  static constexpr std::size_t kMostProblems = 100'000;
  static constexpr std::size_t kMostBytes = 64UL << 20;

  // Null when nothing of that key is raised.
  [[nodiscard]] const Problem* find(std::string_view key) const;
  // Raises, with the beginning of the summary; counts a repeat when the key is raised already.
  void raise(Problem problem);
  // Counts a repeat.
  void repeat(std::string_view key, base::RuleTime now);
  // Sinks were told of the raise or repeat, in these words.
  void tell(std::string_view key, Severity severity, std::string_view summary,
            std::span<const std::string_view> sinks);
  // Ends a problem, if there is one.
  void clear(std::string_view key);
  // In the order in which they were raised.
  [[nodiscard]] const std::list<Problem>& all() const { return problems_; }
  // How many were forgotten for room.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  [[nodiscard]] static std::size_t bytes_of(const Problem& problem);
  void forget(std::list<Problem>::iterator at);

  std::list<Problem> problems_;
  std::unordered_map<std::string_view, std::list<Problem>::iterator> by_key_;  // views the keys
  mutable Problem* recent_ = nullptr;  // found last: what is decided about is then changed
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace trapline::rules
