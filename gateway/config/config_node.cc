#include "gateway/config/config_node.h"

#include <algorithm>
#include <tuple>

namespace trapline::gateway {

std::size_t ConfigNode::index_of(std::string_view key) const {
  const auto at = std::ranges::find(keys, key, &ConfigKey::name);
  return static_cast<std::size_t>(at - keys.begin());
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  const std::size_t index = index_of(key);
  return index < keys.size() ? &items[index] : nullptr;
}

std::uint32_t ConfigProblems::add_file(std::string_view path) {
  files_.emplace_back(path);
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void ConfigProblems::add(ConfigPlace place, std::string_view message, std::string_view hint) {
  std::string line = describe(place) + ": " + std::string(message);
  if (!hint.empty()) line += " (" + std::string(hint) + ")";
  // A key or value quoted from the file must neither split the line nor move a terminal's cursor.
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  found_.push_back({place, std::move(line)});
}

bool ConfigProblems::is_secret(ConfigPlace place) const {
  return std::ranges::find(secrets_, place) != secrets_.end();
}

std::string ConfigProblems::describe(ConfigPlace place) const {
  std::string text = files_[place.file];
  if (place.line == 0) return text;
  return text + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::vector<std::string> ConfigProblems::lines() const {
  std::vector<Found> sorted = found_;
  std::ranges::stable_sort(sorted, {}, [](const Found& found) {
    return std::tuple(found.place.file, found.place.line, found.place.column);
  });
  std::vector<std::string> lines;
  for (const Found& found : sorted) {
    if (lines.size() == kMostLines) {
      lines.push_back("and " + std::to_string(sorted.size() - kMostLines) + " more");
      break;
    }
    lines.push_back(found.line);
  }
  return lines;
}

}  // namespace trapline::gateway
