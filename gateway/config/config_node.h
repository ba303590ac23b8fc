// The configuration as it was written: a tree of maps, lists and texts, each with its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/source_text.h"

namespace trapline::gateway {

// Where something stands: an index into ConfigProblems' files, line and column counted from 1 (the
// column in characters). Line 0 means the file as a whole.
using ConfigPlace = rules::Place;

// One key of a map.
struct ConfigKey {
  std::string name;
  ConfigPlace place;
};

// A map, a list, a text or nothing. Plain value. The scalar is kept as text: what it means is for
// the reader of the field to say. Nesting is bounded by kMaxConfigDepth.
struct ConfigNode {
  enum class Kind : std::uint8_t { empty, text, list, map };

  // The value of `key`; null when this is no map or has no such key. Valid until the map changes.
  [[nodiscard]] const ConfigNode* find(std::string_view key) const;
  // Position of `key` among the keys; keys.size() when it is not there.
  [[nodiscard]] std::size_t index_of(std::string_view key) const;

  Kind kind = Kind::empty;
  bool quoted = false;  // text: stood in quotes or in a block, so it is never a number or boolean
  ConfigPlace place;
  std::string text;
  ConfigPlace text_place;  // text: of its first character, behind a quote or in a block
  // Text that is written otherwise than it reads, as rules::SourceText has them; else empty.
  std::vector<rules::SourcePiece> pieces;
  std::vector<ConfigKey> keys;    // map: keys[i] names items[i]
  std::vector<ConfigNode> items;  // map and list
};

inline constexpr std::size_t kMaxConfigDepth = 16;

// What is wrong with a configuration, gathered in any order and told in the order of the files.
// Not synchronised.
class ConfigProblems {
 public:
  // Registers a file and returns its index.
  std::uint32_t add_file(std::string_view path);
  // All of them, in the order of their indices.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }
  // Notes a problem. `hint` says what to do and may be empty. Neither may hold a secret's octets.
  void add(ConfigPlace place, std::string_view message, std::string_view hint = {});
  [[nodiscard]] bool empty() const { return found_.empty(); }
  // Notes that the text at `place` is a secret's, or a reference to one; and asks for it.
  void note_secret(ConfigPlace place) { secrets_.push_back(place); }
  [[nodiscard]] bool is_secret(ConfigPlace place) const;
  // "conf.d/a.yaml:3:7"; without line and column for a whole file.
  [[nodiscard]] std::string describe(ConfigPlace place) const;
  // One line per problem, `file:line:col: message (hint)`; at most kMostLines and how many more.
  [[nodiscard]] std::vector<std::string> lines() const;

  static constexpr std::size_t kMostLines = 50;

 private:
  struct Found {
    ConfigPlace place;
    std::string line;
  };
  std::vector<std::string> files_;
  std::vector<Found> found_;
  std::vector<ConfigPlace> secrets_;
};

}  // namespace trapline::gateway
