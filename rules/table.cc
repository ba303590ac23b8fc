#include "rules/table.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "rules/csv_reader.h"

namespace trapline::rules {
namespace {

std::size_t hash_of(std::string_view key) { return std::hash<std::string_view>{}(key); }

std::size_t hash_of(const base::IpPrefix& prefix) {
  const auto& octets = prefix.network.octets();
  const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
  return hash_of(text) + prefix.length_bits * 0x9e3779b97f4a7c15ULL;
}

bool same(const base::IpPrefix& a, const base::IpPrefix& b) {
  return a.network == b.network && a.length_bits == b.length_bits;
}

// The address with all bits but the first `length_bits` cleared.
base::IpPrefix cut(const base::IpAddress& address, std::uint8_t length_bits) {
  auto octets = address.octets();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const int kept = std::clamp(static_cast<int>(length_bits) - static_cast<int>(i) * 8, 0, 8);
    octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff00U >> kept));
  }
  return {base::IpAddress::v6(octets), length_bits};
}

// Goes through the slots that a key may be in; `is_it(row)` says whether it is there.
template <class IsIt>
std::size_t slot_of(std::span<const std::uint32_t> slots, std::size_t hash, IsIt is_it) {
  std::size_t at = hash & (slots.size() - 1);
  while (slots[at] != 0 && !is_it(slots[at] - 1)) at = (at + 1) & (slots.size() - 1);
  return at;
}

}  // namespace

std::optional<std::uint32_t> Table::column(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - columns_.begin());
}

std::string_view Table::cell(std::uint32_t row, std::uint32_t column) const {
  const std::size_t at = row * columns_.size() + column;
  const std::uint32_t begin = at == 0 ? 0 : ends_[at - 1];
  return std::string_view(text_).substr(begin, ends_[at] - begin);
}

std::optional<std::uint32_t> Table::find(std::string_view key) const {
  if (by_prefix()) {
    const auto address = base::IpAddress::parse(key);
    return address ? find(*address) : std::nullopt;
  }
  const std::size_t slot =
      slot_of(slots_, hash_of(key), [&](std::uint32_t row) { return key_of(row) == key; });
  if (slots_[slot] == 0) return std::nullopt;
  return slots_[slot] - 1;
}

std::optional<std::uint32_t> Table::find(const base::IpPrefix& prefix) const {
  const std::size_t slot = slot_of(slots_, hash_of(prefix),
                                   [&](std::uint32_t row) { return same(prefixes_[row], prefix); });
  if (slots_[slot] == 0) return std::nullopt;
  return slots_[slot] - 1;
}

std::optional<std::uint32_t> Table::find(const base::IpAddress& address) const {
  if (!by_prefix()) return find(std::string_view(address.to_string()));
  for (const std::uint8_t length : lengths_) {
    if (const auto row = find(cut(address, length))) return row;
  }
  return std::nullopt;
}

// Reads one table.
class TableReader {
 public:
  TableReader(const TableSpec& spec, SpecProblems& problems) : spec_(spec), problems_(problems) {}

  std::optional<Table> read() {
    table_.name_ = spec_.name;
    table_.match_ = spec_.match;
    if (spec_.content.size() > kMaxTableBytes)
      return fail(0, "is bigger than " + std::to_string(kMaxTableBytes) + " octets");
    if (!take_columns() || !take_rows()) return std::nullopt;
    table_.slots_.resize(std::bit_ceil(2 * table_.row_count_ + 1));
    for (std::uint32_t row = 0; row < table_.row_count_; ++row) {
      if (!index(row)) return std::nullopt;
    }
    std::ranges::sort(table_.lengths_, std::greater<>());
    return std::move(table_);
  }

 private:
  std::nullopt_t fail(std::uint32_t line, const std::string& what) {
    std::string message = spec_.file;
    if (line != 0) message += ":" + std::to_string(line);
    problems_.push_back({spec_.place, message + ": " + what, {}});
    return std::nullopt;
  }

  bool take_columns() {
    std::string name;
    auto step = csv_.next(name);
    for (; step == CsvReader::Step::cell; step = csv_.next(name)) {
      const bool repeated = table_.column(name).has_value();
      table_.columns_.push_back(std::move(name));
      name.clear();
      if (!repeated && table_.columns_.size() <= kMaxTableColumns) continue;
      fail(1, repeated ? "the column `" + table_.columns_.back() + "` is named twice"
                       : "there are more than " + std::to_string(kMaxTableColumns) + " columns");
      return false;
    }
    if (step != CsvReader::Step::end_of_row) {
      fail(csv_.line(), step == CsvReader::Step::end ? "has no line of column names"
                                                     : std::string(csv_.error()));
      return false;
    }
    return take_key_column();
  }

  bool take_key_column() {
    if (const auto key = table_.column(spec_.key.text)) {
      table_.key_column_ = *key;
      return true;
    }
    std::string known;
    for (const std::string& column : table_.columns_) {
      if (!known.empty()) known += ", ";
      known += column;
    }
    problems_.push_back({spec_.key.place, spec_.file + " has no column `" + spec_.key.text + "`",
                         "its first line names " + known});
    return false;
  }

  bool take_rows() {
    std::size_t cells = 0;
    for (;;) {
      switch (csv_.next(table_.text_)) {
        case CsvReader::Step::cell:
          if (++cells <= table_.columns_.size())
            table_.ends_.push_back(static_cast<std::uint32_t>(table_.text_.size()));
          break;
        case CsvReader::Step::end_of_row:
          if (!end_row(cells)) return false;
          cells = 0;
          break;
        case CsvReader::Step::end: return true;
        case CsvReader::Step::error: fail(csv_.line(), std::string(csv_.error())); return false;
      }
    }
  }

  bool end_row(std::size_t cells) {
    if (cells != table_.columns_.size()) {
      fail(csv_.line(), "this row has " + std::to_string(cells) + " cells, but there are " +
                            std::to_string(table_.columns_.size()) + " columns");
      return false;
    }
    if (++table_.row_count_ > kMaxTableRows) {
      fail(csv_.line(), "there are more than " + std::to_string(kMaxTableRows) + " rows");
      return false;
    }
    lines_.push_back(csv_.line());
    return true;
  }

  bool index(std::uint32_t row) {
    std::optional<std::uint32_t> clash;
    std::size_t slot = 0;
    if (table_.by_prefix()) {
      const auto prefix = base::IpPrefix::parse(table_.key_of(row));
      if (!prefix) {
        fail(lines_[row], "`" + std::string(table_.key_of(row)) + "` is not a prefix");
        return false;
      }
      table_.prefixes_.push_back(*prefix);
      if (std::ranges::find(table_.lengths_, prefix->length_bits) == table_.lengths_.end())
        table_.lengths_.push_back(prefix->length_bits);
      clash = table_.find(*prefix);
      slot = slot_of(table_.slots_, hash_of(*prefix), [](std::uint32_t) { return false; });
    } else {
      clash = table_.find(table_.key_of(row));
      slot =
          slot_of(table_.slots_, hash_of(table_.key_of(row)), [](std::uint32_t) { return false; });
    }
    if (clash) {
      fail(lines_[row], "the key `" + std::string(table_.key_of(row)) + "` stands on line " +
                            std::to_string(lines_[*clash]) + " already");
      return false;
    }
    table_.slots_[slot] = row + 1;
    return true;
  }

  const TableSpec& spec_;
  SpecProblems& problems_;
  CsvReader csv_{spec_.content};
  Table table_;
  std::vector<std::uint32_t> lines_;  // of each row
};

std::optional<Table> Table::read(const TableSpec& spec, SpecProblems& problems) {
  return TableReader(spec, problems).read();
}

Tables Tables::read(std::span<const TableSpec> specs, SpecProblems& problems) {
  Tables tables;
  for (const TableSpec& spec : specs) {
    if (auto table = Table::read(spec, problems)) tables.tables_.push_back(std::move(*table));
  }
  return tables;
}

const Table* Tables::find(std::string_view name) const {
  const auto found = std::ranges::find(tables_, name, &Table::name);
  return found == tables_.end() ? nullptr : &*found;
}

std::vector<std::string_view> Tables::names() const {
  std::vector<std::string_view> names;
  for (const Table& table : tables_) names.push_back(table.name());
  return names;
}

}  // namespace trapline::rules
