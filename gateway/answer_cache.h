// AnswerCache: what devices have answered, for as long as that is good.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/journal/answer_record.h"
#include "rules/compiled_rule.h"
#include "rules/enrichment.h"

namespace trapline::gateway {

// A function of the ANSWERs read so far and the rule time, so that a replay finds what was found
// then. Bounded: the oldest answer goes. One thread.
class AnswerCache {
 public:
  // Takes an ANSWER's payload of this time, replacing the answer before it. False when it is none.
  bool put(base::Bytes payload, base::RuleTime now);
  // What is known at this time; `unknown` when nothing is. Valid until the next `put`.
  [[nodiscard]] rules::EnrichmentAnswer find(std::string_view key, base::RuleTime now) const;
  // How many answers are kept.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  // The whole as octets, and back: false, and empty, when they are damaged.
  void save(std::vector<std::byte>& out) const;
  [[nodiscard]] bool restore(base::Bytes saved);

  static constexpr std::size_t kMostEntries = 20'000;
  static constexpr std::size_t kMostBytes = 32U << 20;

 private:
  struct Entry {
    std::vector<std::byte> payload;
    std::int64_t put_at = 0;
    std::int64_t good_until = 0;
    journal::Answer answer;  // views payload and members
    std::vector<rules::AnsweredMember> members;
  };
  using Entries = std::list<Entry>;

  void remove(Entries::iterator entry);

  Entries entries_;                                                 // oldest first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views the entries
  std::size_t bytes_ = 0;
};

}  // namespace trapline::gateway
