// Lookup tables: lookup("sites", agent.ip).city.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "rules/rule_spec.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxTableBytes = 64UL << 20;
inline constexpr std::size_t kMaxTableRows = 1'000'000;
inline constexpr std::size_t kMaxTableColumns = 256;

// One table, read from CSV (RFC 4180). Immutable; any thread may read.
class Table {
 public:
  // Reads the content of `spec`. Nothing when it is not CSV, has no such key column, names a key
  // twice, or is beyond the limits above: `problems` then says what and, as "FILE:LINE: ...",
  // where.
  [[nodiscard]] static std::optional<Table> read(const TableSpec& spec, SpecProblems& problems);

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::span<const std::string> columns() const { return columns_; }
  // The number of a column; nothing when there is none of that name.
  [[nodiscard]] std::optional<std::uint32_t> column(std::string_view name) const;
  [[nodiscard]] std::size_t rows() const { return row_count_; }
  // Whether keys are prefixes and looked up by address.
  [[nodiscard]] bool by_prefix() const { return match_ == TableMatch::longest_prefix; }

  // The row whose key is exactly `key`; of prefixes, the longest that holds the address `key`.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const;
  [[nodiscard]] std::optional<std::uint32_t> find(const base::IpAddress& address) const;
  // A cell; valid as long as the table.
  [[nodiscard]] std::string_view cell(std::uint32_t row, std::uint32_t column) const;

 private:
  friend class TableReader;
  Table() = default;
  [[nodiscard]] std::string_view key_of(std::uint32_t row) const { return cell(row, key_column_); }
  [[nodiscard]] std::optional<std::uint32_t> find(const base::IpPrefix& prefix) const;

  std::string name_;
  TableMatch match_ = TableMatch::exact;
  std::vector<std::string> columns_;
  std::uint32_t key_column_ = 0;
  std::size_t row_count_ = 0;
  std::string text_;                      // the cells, one behind the other
  std::vector<std::uint32_t> ends_;       // where each ends
  std::vector<std::uint32_t> slots_;      // open addressing by key: row + 1, or 0
  std::vector<base::IpPrefix> prefixes_;  // of each row, for longest_prefix
  std::vector<std::uint8_t> lengths_;     // that occur, longest first
};

// All tables of a RuleSet, by name. Immutable once read; any thread may read.
class Tables {
 public:
  Tables() = default;
  // Reads them all; those in which something was wrong are left out and are in `problems`.
  [[nodiscard]] static Tables read(std::span<const TableSpec> specs, SpecProblems& problems);
  // Null when there is none of that name. Valid as long as this object, which may be moved.
  [[nodiscard]] const Table* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  std::deque<Table> tables_;
};

}  // namespace trapline::rules
