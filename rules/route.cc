#include "rules/route.h"

#include <algorithm>
#include <array>
#include <string>

#include "rules/nearest.h"

namespace trapline::rules {

RouteTree::RouteTree(const RouteSpec& root, std::span<const std::string> sinks,
                     const Vocabulary& vocabulary, SpecProblems& problems)
    : names_(sinks) {
  // Nodes that wait for their descendants to be there, to be told where those end.
  struct Open {
    const RouteSpec* spec;
    std::uint32_t node;
    std::size_t next_child = 0;
  };
  add(root, vocabulary, problems);
  std::vector<Open> open{{&root, 0}};
  while (!open.empty()) {
    Open& last = open.back();
    if (open.size() > kMaxRouteDepth) {
      problems.push_back({last.spec->place, "routes are nested too deep",
                          "at most " + std::to_string(kMaxRouteDepth) + " levels"});
      return;
    }
    if (last.next_child < last.spec->routes.size()) {
      const RouteSpec& child = last.spec->routes[last.next_child++];
      const auto node = static_cast<std::uint32_t>(nodes_.size());
      add(child, vocabulary, problems);
      open.push_back({&child, node});
      continue;
    }
    nodes_[last.node].end = static_cast<std::uint32_t>(nodes_.size());
    for (auto child = last.node + 1; child < nodes_[last.node].end; child = nodes_[child].end) {
      nodes_[child].parent_end = nodes_[last.node].end;
    }
    open.pop_back();
  }
}

void RouteTree::add(const RouteSpec& spec, const Vocabulary& vocabulary, SpecProblems& problems) {
  Node node;
  node.sinks = bits_of(spec, problems);
  node.go_on = spec.go_on;
  if (spec.when) {
    node.when = Expression::compile(*spec.when, Expression::Wanted::boolean, vocabulary, problems);
  }
  nodes_.push_back(std::move(node));
}

std::uint64_t RouteTree::bits_of(const RouteSpec& spec, SpecProblems& problems) const {
  std::uint64_t bits = 0;
  for (const SourceText& sink : spec.sinks) {
    const auto found = std::find(names_.begin(), names_.end(), sink.text);
    if (found == names_.end()) {
      problems.push_back(
          {sink.at(0), "no sink is called `" + sink.text + "`",
           nearest_hint(sink.text, std::vector<std::string_view>(names_.begin(), names_.end()))});
      continue;
    }
    bits |= 1ULL << static_cast<unsigned>(found - names_.begin());
  }
  return bits;
}

std::uint64_t RouteTree::sinks_for(const Subject& subject, EvaluationScratch& scratch) const {
  std::uint64_t bits = nodes_.front().sinks;
  std::array<std::uint32_t, kMaxRouteDepth> entered{};  // nodes that matched, outermost first
  std::size_t depth = 0;
  std::uint32_t at = 1;
  while (true) {
    while (depth > 0 && at == nodes_[entered[depth - 1]].end) {
      const Node& left = nodes_[entered[--depth]];
      if (!left.go_on) at = left.parent_end;
    }
    if (at == nodes_.size()) return bits;
    const Node& node = nodes_[at];
    if (node.when && !node.when->evaluate(subject, scratch).is_true()) {
      at = node.end;
      continue;
    }
    bits |= node.sinks;
    entered[depth++] = at++;
  }
}

}  // namespace trapline::rules
