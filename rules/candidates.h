// Candidates: the rules that notifications of one OID meet.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/oid.h"
#include "rules/rule_set.h"

namespace trapline::rules {

// The numbers of the rules, in order. Many of them may ask one field for one regex each: when the
// set of these regexes has been asked about an event, those in between that cannot hold are passed
// over.
class Candidates {
 public:
  // `rules` outlives it.
  Candidates(const RuleSet& rules, protocol::OidView oid);

  // All, in order.
  [[nodiscard]] std::span<const std::uint32_t> numbers() const { return numbers_; }
  // The place in `numbers`, from `at` on, of the next rule whose `when` may hold; their size when
  // there is none.
  [[nodiscard]] std::size_t next(std::size_t at, EvaluationScratch& scratch) const {
    return at == numbers_.size() || run_ends_[at] == at ? at : next_of_run(at, scratch);
  }

 private:
  [[nodiscard]] std::size_t next_of_run(std::size_t at, EvaluationScratch& scratch) const;
  // The first of the run from `at` on whose regex is `number` or behind it.
  [[nodiscard]] std::size_t skip(std::size_t at, std::uint32_t number) const;

  const RuleSet& rules_;
  std::vector<std::uint32_t> numbers_;
  // For each: where the rules behind it end that have a regex of the same set; its own place when
  // it has none.
  std::vector<std::uint32_t> run_ends_;
};

// Candidates by OID, of one RuleSet. One thread.
class CandidateCache {
 public:
  // Valid until the next call.
  [[nodiscard]] const Candidates& of(const RuleSet& rules, protocol::OidView oid);
  // Forgets everything: there are other rules.
  void clear() {
    last_ = nullptr;
    known_.clear();
  }

 private:
  // Beyond, everything is forgotten: senders choose their OIDs.
  static constexpr std::size_t kMostKnown = 65'536;
  std::unordered_map<std::string, Candidates, TextHash, std::equal_to<>> known_;
  const std::pair<const std::string, Candidates>* last_ = nullptr;  // asked for last
};

}  // namespace trapline::rules
