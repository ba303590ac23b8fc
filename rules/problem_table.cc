#include "rules/problem_table.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace trapline::rules {

const Problem* ProblemTable::find(std::string_view key) const {
  if (recent_ != nullptr && recent_->key == key) return recent_;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  recent_ = &*found->second;
  return recent_;
}

void ProblemTable::raise(Problem problem) {
  if (by_key_.contains(problem.key)) return repeat(problem.key, problem.last);
  problem.summary.resize(base::utf8_floor(problem.summary, Problem::kMostSummaryBytes));
  bytes_ += bytes_of(problem);
  while (!problems_.empty() && (problems_.size() >= kMostProblems || bytes_ > kMostBytes)) {
    forget(problems_.begin());
    ++evicted_;
  }
  const auto at = problems_.insert(problems_.end(), std::move(problem));
  by_key_.emplace(at->key, at);
}

void ProblemTable::repeat(std::string_view key, base::RuleTime now) {
  if (find(key) == nullptr) return;
  ++recent_->count;
  recent_->last = now;
}

void ProblemTable::tell(std::string_view key, Severity severity, std::string_view summary,
                        std::span<const std::string_view> sinks) {
  if (sinks.empty() || find(key) == nullptr) return;
  Problem& problem = *recent_;
  problem.severity = severity;
  const auto is_told = [&](std::string_view sink) {
    return std::ranges::find(problem.sinks, sink) != problem.sinks.end();
  };
  summary = summary.substr(0, base::utf8_floor(summary, Problem::kMostSummaryBytes));
  if (problem.summary == summary && std::ranges::all_of(sinks, is_told)) return;
  bytes_ -= bytes_of(problem);
  problem.summary = summary;
  for (const std::string_view sink : sinks) {
    if (!is_told(sink)) problem.sinks.emplace_back(sink);
  }
  bytes_ += bytes_of(problem);
}

void ProblemTable::clear(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) forget(found->second);
}

void ProblemTable::forget(std::list<Problem>::iterator at) {
  bytes_ -= bytes_of(*at);
  if (recent_ == &*at) recent_ = nullptr;
  by_key_.erase(at->key);
  problems_.erase(at);
}

std::size_t ProblemTable::bytes_of(const Problem& problem) {
  std::size_t bytes =
      sizeof problem + 2 * problem.key.size() + problem.raise_id.size() + problem.summary.size();
  for (const auto& [name, value] : problem.labels) {
    bytes += sizeof name + sizeof value + name.size() + value.size();
  }
  for (const std::string& sink : problem.sinks) bytes += sizeof sink + sink.size();
  return bytes;
}

}  // namespace trapline::rules
