// StateTable: what one rule remembers of one kind, by key, in the order in which it comes due.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/compiled_rule.h"
#include "rules/kept_event.h"

namespace trapline::rules {

// One key's entry. Which members count depends on the table's kind.
struct StateEntry {
  Synthetic kind = Synthetic::none;
  std::string key;
  std::int64_t due = 0;             // rule time at which it ends, fires or is forgotten
  std::uint64_t passed = 0;         // limit: let through in this window
  std::uint64_t suppressed = 0;     // dedup, limit
  std::int64_t first = 0;           // dedup, limit: when the first of those came
  std::int64_t quiet_until = 0;     // threshold: nothing is made before
  std::vector<std::int64_t> times;  // threshold: the latest ones, a ring beginning at `oldest`
  std::uint32_t oldest = 0;
  KeptEvent event;
  KeptVerdict verdict;  // hold, dedup, limit

  // Whether something happens when it comes due, so that somebody must look at the clock.
  [[nodiscard]] bool is_loud() const {
    return kind == Synthetic::hold || kind == Synthetic::absent || suppressed != 0;
  }
  // Octets it takes, about.
  [[nodiscard]] std::size_t bytes() const {
    return sizeof *this + 2 * key.size() + times.size() * sizeof(std::int64_t) + event.bytes() +
           verdict.bytes();
  }
};

// Entries stand in the order of their `due`: within one rule and kind every window is of the same
// length, so what is put at the end is due last. Where it would not be (absences were postponed and
// the clock has not followed), it is due with the one before it. One thread.
class StateTable {
 public:
  using Entries = std::list<StateEntry>;

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Octets of all entries, about.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Null when there is none. Valid until the entry is removed.
  [[nodiscard]] StateEntry* find(std::string_view key);
  [[nodiscard]] const StateEntry* find(std::string_view key) const;
  // Adds an entry at the end; its key must be new. Its `due` is at least that of the one before it.
  // Valid until it is removed.
  StateEntry& add(StateEntry entry);
  // Puts an entry at the end, due at `due` or with the last of the others.
  void renew(StateEntry& entry, std::int64_t due);
  // To be called around a change of an entry's members other than key and due.
  template <class Change>
  void change(StateEntry& entry, Change&& make) {
    forget(entry);
    make(entry);
    remember(entry);
  }
  // The entry that comes due first.
  [[nodiscard]] StateEntry& front() { return entries_.front(); }
  // Takes it out.
  [[nodiscard]] StateEntry take_front();
  // Removes the entry of `key`, if there is one.
  void remove(std::string_view key);
  // Adds `by`, which is not negative, to the due time of all entries, as far as time goes.
  void postpone(std::int64_t by);
  // In order.
  [[nodiscard]] const Entries& entries() const { return entries_; }

  // When the first entry is due; nothing when there is none.
  [[nodiscard]] std::optional<std::int64_t> first_due() const;
  // When the first loud one is.
  [[nodiscard]] std::optional<std::int64_t> first_loud() const;

 private:
  void remember(const StateEntry& entry);
  void forget(const StateEntry& entry);

  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views the entries' keys
  std::multiset<std::int64_t> loud_;                                // due times
  std::size_t bytes_ = 0;
};

}  // namespace trapline::rules
