#include "rules/state_table.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace trapline::rules {

StateEntry* StateTable::find(std::string_view key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

const StateEntry* StateTable::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

StateEntry& StateTable::add(StateEntry entry) {
  if (!entries_.empty()) entry.due = std::max(entry.due, entries_.back().due);
  const auto at = entries_.insert(entries_.end(), std::move(entry));
  by_key_.emplace(at->key, at);
  remember(*at);
  return *at;
}

void StateTable::renew(StateEntry& entry, std::int64_t due) {
  forget(entry);
  entries_.splice(entries_.end(), entries_, by_key_.at(entry.key));
  const bool alone = entries_.size() == 1;
  entry.due = alone ? due : std::max(due, std::prev(entries_.end(), 2)->due);
  remember(entry);
}

StateEntry StateTable::take_front() {
  forget(entries_.front());
  by_key_.erase(entries_.front().key);
  StateEntry entry = std::move(entries_.front());
  entries_.pop_front();
  return entry;
}

void StateTable::remove(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const auto at = found->second;
  forget(*at);
  by_key_.erase(found);
  entries_.erase(at);
}

void StateTable::postpone(std::int64_t by) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  loud_.clear();
  for (StateEntry& entry : entries_) {
    entry.due = entry.due > kEnd - by ? kEnd : entry.due + by;
    if (entry.is_loud()) loud_.insert(entry.due);
  }
}

std::optional<std::int64_t> StateTable::first_due() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().due;
}

std::optional<std::int64_t> StateTable::first_loud() const {
  if (loud_.empty()) return std::nullopt;
  return *loud_.begin();
}

void StateTable::remember(const StateEntry& entry) {
  bytes_ += entry.bytes();
  if (entry.is_loud()) loud_.insert(entry.due);
}

void StateTable::forget(const StateEntry& entry) {
  bytes_ -= entry.bytes();
  if (entry.is_loud()) loud_.erase(loud_.find(entry.due));
}

}  // namespace trapline::rules
