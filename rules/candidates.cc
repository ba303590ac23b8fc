#include "rules/candidates.h"

#include <algorithm>

namespace trapline::rules {

Candidates::Candidates(const RuleSet& rules, protocol::OidView oid) : rules_(rules) {
  rules.candidates(oid, numbers_);
  run_ends_.resize(numbers_.size());
  const auto guard = [&](std::size_t at) { return rules.rules()[numbers_[at]].guard(); };
  for (std::size_t at = numbers_.size(); at-- > 0;) {
    const auto own = guard(at);
    run_ends_[at] = static_cast<std::uint32_t>(own ? at + 1 : at);
    if (!own || at + 1 == numbers_.size()) continue;
    const auto behind = guard(at + 1);
    if (behind && behind->set == own->set) run_ends_[at] = run_ends_[at + 1];
  }
}

std::size_t Candidates::next_of_run(std::size_t at, EvaluationScratch& scratch) const {
  while (at < numbers_.size() && run_ends_[at] != at) {
    const auto guard = *rules_.rules()[numbers_[at]].guard();
    const auto known = rules_.regexes().known(guard.set, scratch);
    if (!known) return at;
    const auto occurs = std::lower_bound(known->begin(), known->end(), guard.number);
    if (occurs != known->end() && *occurs == guard.number) return at;
    at = occurs == known->end() ? run_ends_[at] : skip(at, *occurs);
  }
  return at;
}

// Regexes are numbered as their rules are.
std::size_t Candidates::skip(std::size_t at, std::uint32_t number) const {
  const auto end = numbers_.begin() + run_ends_[at];
  const auto before = [&](std::uint32_t rule) {
    return rules_.rules()[rule].guard()->number < number;
  };
  const auto begin = numbers_.begin() + static_cast<std::ptrdiff_t>(at);
  const auto found = std::partition_point(begin, end, before);
  return static_cast<std::size_t>(found - numbers_.begin());
}

const Candidates& CandidateCache::of(const RuleSet& rules, protocol::OidView oid) {
  const std::string_view octets = base::as_text(oid.content());
  // Storms are of one kind.
  if (last_ != nullptr && last_->first == octets) return last_->second;
  auto found = known_.find(octets);
  if (found == known_.end()) {
    if (known_.size() >= kMostKnown) known_.clear();
    found = known_.emplace(std::string(octets), Candidates(rules, oid)).first;
  }
  last_ = &*found;
  return found->second;
}

}  // namespace trapline::rules
