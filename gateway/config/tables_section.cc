#include "gateway/config/tables_section.h"

#include <array>
#include <filesystem>

#include "gateway/config/read_whole_file.h"
#include "gateway/config/source_reader.h"

namespace trapline::gateway {
namespace {

using rules::TableMatch;
using rules::TableSpec;

constexpr std::array kMatches = {
    std::pair<std::string_view, TableMatch>{"exact", TableMatch::exact},
    std::pair<std::string_view, TableMatch>{"longest_prefix", TableMatch::longest_prefix}};

void read_content(const ConfigNode& file, ConfigProblems& problems, TableSpec& table) {
  const std::filesystem::path beside(problems.files()[file.place.file]);
  table.file = (beside.parent_path() / table.file).lexically_normal().string();
  std::string problem;
  const auto content = read_whole_file(table.file, kMaxTableFileBytes, problem);
  if (content) {
    table.content = std::string(base::as_text(content->content()));
  } else {
    problems.add(file.place, "table `" + table.name + "`: " + table.file + " " + problem,
                 "the path is relative to the directory of this configuration file");
  }
}

void read_table(const ConfigNode& map, ConfigProblems& problems, TableSpec& table) {
  FieldReader reader(map, "tables." + table.name, problems);
  table.place = map.place;
  constexpr std::string_view kExample = "like `{ file: sites.csv, key: site }`";
  reader.require("file", kExample);
  reader.require("key", kExample);
  reader.read_text("file", table.file);
  if (auto key = read_source(reader, "key", problems)) table.key = std::move(*key);
  reader.read_choice<TableMatch>("match", kMatches, table.match);
  reader.finish();
  if (!table.file.empty()) read_content(*map.find("file"), problems, table);
}

}  // namespace

void read_tables(FieldReader& top, ConfigProblems& problems, std::vector<TableSpec>& out) {
  const ConfigNode* tables = top.map("tables");
  if (tables == nullptr) return;
  if (tables->keys.size() > kMaxConfiguredTables) {
    problems.add(tables->place, "too many tables",
                 "at most " + std::to_string(kMaxConfiguredTables));
    return;
  }
  for (std::size_t i = 0; i < tables->keys.size(); ++i) {
    const ConfigKey& key = tables->keys[i];
    const ConfigNode& map = tables->items[i];
    if (!is_rule_name(key.name)) {
      problems.add(key.place, "`" + key.name + "` is not a table name",
                   "1 to 64 of the characters A-Z a-z 0-9 _ - .");
    } else if (map.kind != ConfigNode::Kind::map) {
      problems.add(map.place, "`tables." + key.name + "` must be a map",
                   "like `" + key.name + ": { file: sites.csv, key: site }`");
    } else {
      TableSpec& table = out.emplace_back();
      table.name = key.name;
      read_table(map, problems, table);
    }
  }
}

}  // namespace trapline::gateway
