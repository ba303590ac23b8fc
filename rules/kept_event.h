// KeptEvent: what state holds of an event, to make a synthetic one of it later.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/draft.h"

namespace trapline::rules {

// Owns all of it. Immutable once made; shared by the state and the evaluations that show it.
struct KeptEvent {
  std::string id;
  std::string encoded;              // as Event::encoded
  Draft draft;                      // when it was kept
  std::vector<std::string> rules;   // names of those that had matched
  std::vector<std::string> causes;  // beyond or in place of `id`; empty: `id` alone

  // What it counts for in the bound of the state.
  [[nodiscard]] std::size_t octets() const {
    std::size_t sum =
        sizeof(KeptEvent) + id.size() + encoded.size() + draft.key.size() + draft.summary.size();
    for (const auto& [name, value] : draft.tags()) sum += name.size() + value.size() + 64;
    for (const std::string& name : rules) sum += name.size() + 32;
    for (const std::string& cause : causes) sum += cause.size() + 32;
    return sum;
  }
};

}  // namespace trapline::rules
