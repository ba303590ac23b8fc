#include "rules/rule_state.h"

#include <algorithm>

namespace trapline::rules {

const StateEntry* RuleState::find(TableId id, std::string_view key) const {
  const auto slot = slots_.find(id);
  return slot == slots_.end() ? nullptr : std::as_const(slot->second->table).find(key);
}

std::optional<TableId> RuleState::hold_of(std::string_view key) const {
  const auto found = holds_.find(key);
  if (found == holds_.end()) return std::nullopt;
  return found->second;
}

void RuleState::add(TableId id, StateEntry entry) {
  std::unique_ptr<Slot>& slot = slots_[id];
  if (!slot) slot = std::make_unique<Slot>();
  if (entry.kind == Synthetic::hold) holds_.insert_or_assign(entry.key, id);
  slot->table.add(std::move(entry));
  sync(id, *slot);
}

void RuleState::renew(TableId id, std::string_view key, std::int64_t due) {
  Slot* const slot = slot_of(id);
  StateEntry* const entry = slot == nullptr ? nullptr : slot->table.find(key);
  if (entry == nullptr) return;
  slot->table.renew(*entry, due);
  sync(id, *slot);
}

void RuleState::remove(TableId id, std::string_view key) {
  Slot* const slot = slot_of(id);
  if (slot == nullptr) return;
  if (id.kind == Synthetic::hold || id.rule == TableId::kOrphans) {
    const auto held = holds_.find(key);
    if (held != holds_.end() && held->second == id) holds_.erase(held);
  }
  slot->table.remove(key);
  sync(id, *slot);
}

void RuleState::postpone_absences(std::int64_t by) {
  for (const auto& [id, slot] : slots_) {
    if (id.kind != Synthetic::absent) continue;
    slot->table.postpone(by);
    sync(id, *slot);
  }
}

std::optional<StateEntry> RuleState::take_due(std::int64_t now, TableId& id) {
  while (!fronts_.empty() && fronts_.begin()->first <= now) {
    id = fronts_.begin()->second;
    StateEntry entry = take_front(id, *slots_.at(id));
    if (entry.is_loud()) return entry;
  }
  return std::nullopt;
}

std::optional<StateEntry> RuleState::take_excess(TableId& id) {
  Slot* slot = id.kind == Synthetic::none ? nullptr : slot_of(id);
  const bool table_full = slot != nullptr && slot->keys > kMaxKeysPerTable;
  if (!table_full && keys_ <= kMaxKeys && bytes_ <= kMaxStateBytes) return std::nullopt;
  if (!table_full) {
    id = bytes_ > kMaxStateBytes ? largest(&Slot::bytes) : largest(&Slot::keys);
    slot = slot_of(id);
  }
  if (slot == nullptr || slot->table.empty()) return std::nullopt;
  return take_front(id, *slot);
}

std::optional<std::int64_t> RuleState::next_loud() const {
  if (louds_.empty()) return std::nullopt;
  return louds_.begin()->first;
}

std::vector<std::pair<TableId, const StateTable*>> RuleState::tables() const {
  std::vector<std::pair<TableId, const StateTable*>> all;
  for (const auto& [id, slot] : slots_) {
    if (!slot->table.empty()) all.emplace_back(id, &slot->table);
  }
  std::sort(all.begin(), all.end());
  return all;
}

RuleState::Slot* RuleState::slot_of(TableId id) {
  const auto found = slots_.find(id);
  return found == slots_.end() ? nullptr : found->second.get();
}

// After every change of a table: the totals and orders follow.
void RuleState::sync(TableId id, Slot& slot) {
  keys_ += slot.table.size() - slot.keys;
  bytes_ += slot.table.bytes() - slot.bytes;
  slot.keys = slot.table.size();
  slot.bytes = slot.table.bytes();
  move(fronts_, id, slot.front, slot.table.first_due());
  move(louds_, id, slot.loud, slot.table.first_loud());
}

void RuleState::move(Order& order, TableId id, std::optional<std::int64_t>& known,
                     std::optional<std::int64_t> now) {
  if (known == now) return;
  if (known) order.erase({*known, id});
  if (now) order.emplace(*now, id);
  known = now;
}

StateEntry RuleState::take_front(TableId id, Slot& slot) {
  StateEntry entry = slot.table.take_front();
  if (entry.kind == Synthetic::hold) {
    const auto held = holds_.find(entry.key);
    if (held != holds_.end() && held->second == id) holds_.erase(held);
  }
  sync(id, slot);
  return entry;
}

TableId RuleState::largest(std::size_t Slot::*size) const {
  TableId id;
  std::size_t most = 0;
  for (const auto& [candidate, slot] : slots_) {
    const std::size_t has = (*slot).*size;
    if (has == 0 || has < most || (has == most && id < candidate)) continue;
    id = candidate;
    most = has;
  }
  return id;
}

}  // namespace trapline::rules
