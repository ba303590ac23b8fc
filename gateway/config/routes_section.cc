#include "gateway/config/routes_section.h"

#include <deque>

#include "gateway/config/source_reader.h"

namespace trapline::gateway {
namespace {

using rules::RouteSpec;

constexpr std::size_t kMostSinks = 64;

// A node that has been made and waits to be filled. Siblings are made at once, so that `out` stays
// where it is.
struct Waiting {
  const ConfigNode* node;
  std::string where;
  RouteSpec* out;
};

class RouteTreeReader {
 public:
  explicit RouteTreeReader(ConfigProblems& problems) : problems_(problems) {}

  void read(const ConfigNode& root, RouteSpec& out) {
    waiting_.push_back({&root, "routes", &out});
    for (bool is_root = true; !waiting_.empty(); is_root = false) {
      const Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      read_node(next, is_root);
    }
  }

 private:
  void read_node(const Waiting& next, bool is_root) {
    FieldReader reader(*next.node, next.where, problems_);
    RouteSpec& out = *next.out;
    out.place = next.node->place;
    if (!is_root) {
      out.when = read_condition(reader, "when", problems_);
      reader.read_boolean("continue", out.go_on);
    }
    const ConfigNode* sinks = reader.node("sinks", "a sink's name or a list of them");
    // No sinks of its own is what an inner node may well want to say.
    const bool none =
        sinks != nullptr && sinks->kind == ConfigNode::Kind::list && sinks->items.empty();
    if (sinks != nullptr && !none) out.sinks = read_sources(reader, "sinks", kMostSinks, problems_);
    add_children(reader, out);
    reader.finish();
  }

  void add_children(FieldReader& reader, RouteSpec& out) {
    const ConfigNode* list = reader.list("routes");
    if (list == nullptr) return;
    made_ += list->items.size();
    if (made_ > kMaxConfiguredRoutes) {
      problems_.add(list->place, "too many routes",
                    "at most " + std::to_string(kMaxConfiguredRoutes) + " in all");
      return;
    }
    out.routes.resize(list->items.size());
    std::size_t i = 0;
    for_each_map(list, reader.name_of("routes"), kMaxConfiguredRoutes, problems_,
                 [&](const ConfigNode& item, const std::string& where) {
                   waiting_.push_back({&item, where, &out.routes[i++]});
                 });
  }

  ConfigProblems& problems_;
  std::deque<Waiting> waiting_;
  std::size_t made_ = 0;
};

}  // namespace

void read_routes(FieldReader& top, ConfigProblems& problems, rules::RulesSpec& spec) {
  const ConfigNode* root = top.map("routes");
  if (root == nullptr || root->keys.empty()) return;
  spec.has_routes = true;
  RouteTreeReader(problems).read(*root, spec.routes);
}

}  // namespace trapline::gateway
