#include "gateway/config/config_merge.h"

#include <iterator>
#include <utility>

namespace trapline::gateway {
namespace {

struct MapPair {
  ConfigNode* into;
  ConfigNode* from;
};

// Merges what two maps say of one key. Returns true when both are maps, to be merged in their turn.
bool merge_values(const ConfigKey& key, ConfigNode& into, ConfigNode& from,
                  ConfigProblems& problems) {
  using Kind = ConfigNode::Kind;
  if (into.kind == Kind::map && from.kind == Kind::map) return true;
  if (into.kind == Kind::list && from.kind == Kind::list) {
    into.items.insert(into.items.end(), std::make_move_iterator(from.items.begin()),
                      std::make_move_iterator(from.items.end()));
  } else if (into.kind != from.kind) {
    problems.add(
        from.place, "`" + key.name + "` is of another kind in another file",
        "also at " + problems.describe(into.place) + ": a map, a list or one value in both");
  } else {
    problems.add(key.place, "`" + key.name + "` is set twice",
                 "also at " + problems.describe(into.place) + ": keep one of them");
  }
  return false;
}

}  // namespace

void merge_config(ConfigNode& into, ConfigNode&& from, ConfigProblems& problems) {
  // A map's own keys are complete before its children are merged, so the pointers stay good.
  std::vector<MapPair> waiting{{&into, &from}};
  while (!waiting.empty()) {
    const MapPair pair = waiting.back();
    waiting.pop_back();
    std::vector<std::pair<std::size_t, std::size_t>> maps;
    for (std::size_t i = 0; i < pair.from->keys.size(); ++i) {
      const ConfigKey& key = pair.from->keys[i];
      const std::size_t at = pair.into->index_of(key.name);
      if (at == pair.into->keys.size()) {
        pair.into->keys.push_back(key);
        pair.into->items.push_back(std::move(pair.from->items[i]));
      } else if (merge_values(key, pair.into->items[at], pair.from->items[i], problems)) {
        maps.emplace_back(at, i);
      }
    }
    for (const auto& [at, i] : maps) {
      waiting.push_back({&pair.into->items[at], &pair.from->items[i]});
    }
  }
}

}  // namespace trapline::gateway
