// The route tree: which sinks an event is for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/expression.h"
#include "rules/rule_spec.h"

namespace trapline::rules {

inline constexpr std::size_t kMaxRouteDepth = 16;

// A node's sinks get whatever reaches the node. Of its children the first that matches is entered,
// and the ones behind it only as long as the entered ones say `continue`. Immutable; any thread.
class RouteTree {
 public:
  // Compiles; what is wrong is in `problems`. `sinks` are the names that may be used, at most 64.
  RouteTree(const RouteSpec& root, std::span<const std::string> sinks, const Vocabulary& vocabulary,
            SpecProblems& problems);

  // A bit for each of the sinks. A condition that fails does not match.
  [[nodiscard]] std::uint64_t sinks_for(const Subject& subject, EvaluationScratch& scratch) const;

 private:
  // In the order of a walk through the tree: the children of a node follow it.
  struct Node {
    std::optional<Expression> when;
    std::uint64_t sinks = 0;
    bool go_on = false;
    std::uint32_t parent_end = 0;  // the node behind the parent's last descendant
    std::uint32_t end = 0;         // the node behind this one's last descendant
  };

  void add(const RouteSpec& spec, const Vocabulary& vocabulary, SpecProblems& problems);
  [[nodiscard]] std::uint64_t bits_of(const RouteSpec& spec, SpecProblems& problems) const;

  const std::span<const std::string> names_;
  std::vector<Node> nodes_;
};

}  // namespace trapline::rules
