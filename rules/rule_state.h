// RuleState: all that rules remember between events, but the problems.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/state_table.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxKeysPerTable = 100'000;
inline constexpr std::size_t kMaxKeys = 1'000'000;
inline constexpr std::size_t kMaxStateBytes = 64UL << 20;
inline constexpr std::size_t kMaxStateKeyBytes = 1'024;

// Of which rule, by number, and of which kind a table is.
struct TableId {
  // Not a rule: entries of rules that are gone and that still have something to say.
  static constexpr std::uint32_t kOrphans = 0xffff'ffff;

  std::uint32_t rule = kOrphans;
  Synthetic kind = Synthetic::none;
  friend auto operator<=>(const TableId&, const TableId&) = default;
};

// Tables by rule and kind, and what comes due next in any of them. Bounded in keys and octets: who
// adds must then take what `take_excess` gives. One thread.
class RuleState {
 public:
  // Null when there is none. Valid until the next change.
  [[nodiscard]] const StateEntry* find(TableId id, std::string_view key) const;
  // The rule that holds back a raise of this key; nothing when none does.
  [[nodiscard]] std::optional<TableId> hold_of(std::string_view key) const;

  // Adds an entry, whose key must be new in its table and whose kind is the table's (for orphans:
  // any).
  void add(TableId id, StateEntry entry);
  // Changes an entry by `make`. Nothing when there is none.
  template <class Change>
  void change(TableId id, std::string_view key, Change&& make) {
    Slot* const slot = slot_of(id);
    StateEntry* const entry = slot == nullptr ? nullptr : slot->table.find(key);
    if (entry == nullptr) return;
    slot->table.change(*entry, make);
    sync(id, *slot);
  }
  // Puts an entry at the end of its table, due at `due`.
  void renew(TableId id, std::string_view key, std::int64_t due);
  // Removes an entry, if there is one.
  void remove(TableId id, std::string_view key);
  // Adds `by` to the due times of all entries of kind `absent`.
  void postpone_absences(std::int64_t by);

  // Takes out the entry that came due first, at `now` at the latest; `id` is its table's. Entries
  // that have nothing to say are dropped on the way.
  [[nodiscard]] std::optional<StateEntry> take_due(std::int64_t now, TableId& id);
  // Takes out an entry that is too much: the oldest of the table `id` when that has too many, else
  // of the table that takes the most room.
  [[nodiscard]] std::optional<StateEntry> take_excess(TableId& id);
  // When the next entry with something to say is due.
  [[nodiscard]] std::optional<std::int64_t> next_loud() const;

  // All tables that hold something, in the order of their ids.
  [[nodiscard]] std::vector<std::pair<TableId, const StateTable*>> tables() const;
  [[nodiscard]] std::size_t keys() const { return keys_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  // A table, and what the totals and orders below know of it.
  struct Slot {
    StateTable table;
    std::optional<std::int64_t> front;
    std::optional<std::int64_t> loud;
    std::size_t keys = 0;
    std::size_t bytes = 0;
  };
  struct IdHash {
    std::size_t operator()(const TableId& id) const {
      return std::size_t{id.rule} * 8 + static_cast<std::size_t>(id.kind);
    }
  };
  using Order = std::set<std::pair<std::int64_t, TableId>>;

  [[nodiscard]] Slot* slot_of(TableId id);
  void sync(TableId id, Slot& slot);
  static void move(Order& order, TableId id, std::optional<std::int64_t>& known,
                   std::optional<std::int64_t> now);
  [[nodiscard]] StateEntry take_front(TableId id, Slot& slot);
  [[nodiscard]] TableId largest(std::size_t Slot::*size) const;

  std::unordered_map<TableId, std::unique_ptr<Slot>, IdHash> slots_;
  Order fronts_;
  Order louds_;
  std::unordered_map<std::string, TableId, TextHash, std::equal_to<>> holds_;
  std::size_t keys_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace trapline::rules
