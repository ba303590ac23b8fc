// Typed reading of one map of the configuration: every key is asked for by name, and what nobody
// asked for is a problem.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.h"
#include "base/secret.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// The whole numbers a key takes.
struct IntegerRange {
  std::uint64_t lowest;
  std::uint64_t highest;
};

// Reads the keys of one map. Each `read_...` leaves its target (the default) as it is when the key
// is absent or wrong; wrong ones are noted. Call `finish` last. Views `map` and `problems`.
class FieldReader {
 public:
  // `where` names the map in messages ("journal", "sinks.archive"); empty for the top level.
  FieldReader(const ConfigNode& map, std::string where, ConfigProblems& problems);

  // Texts, references resolved. Empty ones are refused.
  void read_text(std::string_view key, std::string& out);
  void read_secret(std::string_view key, base::Secret& out, std::size_t most_bytes);
  // Whole numbers: decimal digits without quotes, sign or leading zero.
  template <std::unsigned_integral T>
  void read_integer(std::string_view key, IntegerRange range, T& out) {
    std::uint64_t value = out;
    if (read_number(key, range, value)) out = static_cast<T>(value);
  }
  // The same, into a std::chrono duration of the unit that the key's name says.
  template <class Duration>
  void read_duration(std::string_view key, IntegerRange range, Duration& out) {
    auto value = static_cast<std::uint64_t>(out.count());
    if (read_number(key, range, value)) out = Duration(static_cast<std::int64_t>(value));
  }
  // `true` or `false`, nothing else.
  void read_boolean(std::string_view key, bool& out);
  // One of the names given.
  template <class Enum>
  void read_choice(std::string_view key, std::span<const std::pair<std::string_view, Enum>> names,
                   Enum& out) {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : names) known.push_back(name);
    const std::size_t index = read_one_of(key, known);
    if (index < names.size()) out = names[index].second;
  }
  // A list of CIDR prefixes; an empty list is refused, since leaving the key out means everyone.
  void read_prefixes(std::string_view key, std::vector<base::IpPrefix>& out);

  // The map or list under `key`; null when absent or wrong.
  [[nodiscard]] const ConfigNode* map(std::string_view key);
  [[nodiscard]] const ConfigNode* list(std::string_view key);

  // The text under `key` as it was written, with its place; null when absent or wrong.
  [[nodiscard]] const ConfigNode* text_node(std::string_view key);
  // Whatever stands under `key`; null when absent or (noted) nothing. `what` says what it should
  // be.
  [[nodiscard]] const ConfigNode* node(std::string_view key, std::string_view what);
  // Notes that `key` must be there, if it is not. `hint` shows how to write it.
  void require(std::string_view key, std::string_view hint);
  // Keys whose time has not come: a problem of their own.
  void refuse_unsupported(std::initializer_list<std::string_view> keys);
  // Notes every key that was not asked for, with the nearest name that was.
  void finish();

  // "journal.keep_secs"
  [[nodiscard]] std::string name_of(std::string_view key) const;

 private:
  const ConfigNode* take(std::string_view key, ConfigNode::Kind kind, std::string_view what);
  bool read_number(std::string_view key, IntegerRange range, std::uint64_t& out);
  std::size_t read_one_of(std::string_view key, std::span<const std::string_view> names);

  const ConfigNode& map_;
  const std::string where_;
  ConfigProblems& problems_;
  std::vector<std::string_view> known_;
};

// Resolves the references of a text that is no secret; false when that was a problem (noted).
[[nodiscard]] bool resolve_text(const ConfigNode& node, std::string_view name,
                                ConfigProblems& problems, std::string& out);

// Reads a list of maps, `name` in messages, of at most `most`: `read_item(item, where)` for each,
// `where` being its name in messages. Does nothing for null.
template <class ReadItem>
void for_each_map(const ConfigNode* list, std::string_view name, std::size_t most,
                  ConfigProblems& problems, ReadItem&& read_item) {
  if (list == nullptr) return;
  if (list->items.size() > most) {
    problems.add(list->place, "too many `" + std::string(name) + "`",
                 "at most " + std::to_string(most));
    return;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const ConfigNode& item = list->items[i];
    const std::string where = std::string(name) + "[" + std::to_string(i) + "]";
    if (item.kind == ConfigNode::Kind::map) {
      read_item(item, where);
    } else {
      problems.add(item.place, "`" + where + "` must be a map", "write `- key: value`");
    }
  }
}

}  // namespace trapline::gateway
