#include "gateway/commands/table_rows.h"

#include <algorithm>

#include "base/json_writer.h"
#include "gateway/commands/poll_text.h"
#include "protocol/mib/mib_index.h"

namespace trapline::gateway {
namespace {

using protocol::Oid;
using protocol::OidView;
using protocol::ValueType;
using protocol::mib::MibIndex;
using protocol::mib::NodeKind;

constexpr std::uint32_t kHighestKnownColumn = 255;
constexpr std::size_t kMostColumns = 1'024;

Oid below(OidView oid, std::uint32_t sub_identifier) {
  Oid out(oid);
  out.append(sub_identifier);
  return out;
}

bool is_column(OidView oid) {
  const auto resolved = MibIndex::built_in().resolve(oid);
  return resolved && resolved->suffix.empty() && resolved->node->kind == NodeKind::column;
}

std::vector<Oid> known_columns(OidView entry) {
  std::vector<Oid> columns;
  for (std::uint32_t number = 1; number <= kHighestKnownColumn; ++number) {
    Oid column = below(entry, number);
    if (is_column(column)) columns.push_back(std::move(column));
  }
  return columns;
}

std::string title_of(OidView column) {
  std::string title;
  MibIndex::built_in().append_short_name(column, title);
  return title;
}

std::string index_text(OidView index) {
  std::string text;
  index.append_suffix_to(text);
  return text;
}

void put_cell(const PolledVarBind& cell, base::JsonWriter& json) {
  switch (cell.type) {
    case ValueType::counter32:
    case ValueType::gauge32:
    case ValueType::counter64:
    case ValueType::unsigned32: return json.value(cell.number);
    case ValueType::integer32: {
      const std::string text = cell_text(cell);
      const auto number = static_cast<std::int64_t>(cell.number);
      return text == std::to_string(number) ? json.value(number)
                                            : json.value(std::string_view(text));
    }
    default: json.value(std::string_view(cell_text(cell)));
  }
}

}  // namespace

TableRows::TableRows(const std::vector<Oid>& names) {
  for (const Oid& name : names) add_root(name);
}

void TableRows::add_root(const Oid& name) {
  roots_.push_back(name);
  if (is_column(name)) {
    add_column(name);
    return;
  }
  std::vector<Oid> columns = known_columns(name);
  const bool is_entry = !columns.empty();
  entries_.push_back(is_entry ? name : below(name, 1));
  if (!is_entry) columns = known_columns(entries_.back());
  for (Oid& column : columns) add_column(std::move(column));
}

std::size_t TableRows::add_column(Oid oid) {
  std::string title = title_of(oid);
  columns_.push_back({std::move(oid), std::move(title)});
  return columns_.size() - 1;
}

const TableColumn* TableRows::column_of(OidView name, std::size_t& place) {
  const auto known = std::ranges::find_if(
      columns_, [&](const TableColumn& column) { return name.starts_with(column.oid); });
  place = static_cast<std::size_t>(known - columns_.begin());
  if (known != columns_.end()) return &*known;
  const auto entry =
      std::ranges::find_if(entries_, [&](const Oid& one) { return name.starts_with(one); });
  if (entry == entries_.end() || columns_.size() == kMostColumns) return nullptr;
  std::size_t at = 0;
  const std::uint32_t number =
      protocol::take_sub_identifier(name.suffix(entry->view().content().size()), at);
  place = add_column(below(*entry, number));
  return &columns_[place];
}

void TableRows::add(PolledVarBind value) {
  std::size_t place = 0;
  const TableColumn* const column = column_of(value.name, place);
  if (column == nullptr || value.is_exception()) return;
  const OidView index = value.name.view().suffix(column->oid.view().content().size());
  if (index.empty()) return;
  Cells& cells = rows_.try_emplace(Oid(index)).first->second;
  cells.insert_or_assign(place, std::move(value));
}

std::string TableRows::text() const {
  std::vector<std::vector<std::string>> lines(1, {"index"});
  for (const TableColumn& column : columns_) lines.front().push_back(column.title);
  for (const auto& [index, cells] : rows_) {
    std::vector<std::string>& line = lines.emplace_back();
    line.push_back(index_text(index));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto cell = cells.find(i);
      line.push_back(cell == cells.end() ? "?" : cell_text(cell->second));
    }
  }
  std::vector<std::size_t> widths(columns_.size() + 1, 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += line[i];
      const bool is_last = i + 1 == line.size();
      out += is_last ? "\n" : std::string(widths[i] + 2 - line[i].size(), ' ');
    }
  }
  return out;
}

std::vector<std::string> TableRows::json(std::string_view host) const {
  std::vector<std::string> lines;
  for (const auto& [index, cells] : rows_) {
    base::JsonWriter json(lines.emplace_back());
    json.begin_object();
    if (!host.empty()) json.key("host"), json.value(host);
    json.key("index"), json.value(std::string_view(index_text(index)));
    for (const auto& [place, cell] : cells) {
      json.escaped_key(columns_[place].title);
      put_cell(cell, json);
    }
    json.end_object();
  }
  return lines;
}

}  // namespace trapline::gateway
