#include "rules/problem_table.h"

#include <utility>

namespace trapline::rules {

const Problem* ProblemTable::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

void ProblemTable::raise(Problem problem) {
  if (by_key_.contains(problem.key)) return repeat(problem.key, problem.last);
  if (problems_.size() >= kMostProblems) {
    by_key_.erase(problems_.front().key);
    problems_.pop_front();
    ++evicted_;
  }
  const auto at = problems_.insert(problems_.end(), std::move(problem));
  by_key_.emplace(at->key, at);
}

void ProblemTable::repeat(std::string_view key, base::RuleTime now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  ++found->second->count;
  found->second->last = now;
}

void ProblemTable::clear(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const auto at = found->second;
  by_key_.erase(found);
  problems_.erase(at);
}

}  // namespace trapline::rules
