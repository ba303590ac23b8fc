// What the state of rules remembers of events.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "rules/draft.h"
#include "rules/routed_trap.h"

namespace trapline::rules {

// An event that a synthetic one may be made of. Plain value.
struct KeptEvent {
  std::vector<std::byte> encoded;   // Event::encoded
  std::vector<std::string> causes;  // ids, oldest first

  // Octets it takes, about.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = encoded.size();
    for (const std::string& cause : causes) sum += cause.size();
    return sum;
  }
};

// What had been decided about an event when it was kept. Plain value.
struct KeptVerdict {
  Severity severity = Severity::info;
  std::string key;
  std::string summary;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> rules;

  // Octets it takes, about.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = key.size() + summary.size();
    for (const auto& [name, value] : tags) sum += name.size() + value.size();
    for (const std::string& rule : rules) sum += rule.size();
    return sum;
  }
};

}  // namespace trapline::rules
