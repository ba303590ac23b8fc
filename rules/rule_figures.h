// What rules count.
#pragma once

#include <cstdint>
#include <string>

namespace trapline::rules {

// Of one rule, since the process began. Plain value.
struct RuleFigures {
  std::uint64_t matched = 0;
  std::uint64_t condition_errors = 0;  // `when` could not be computed: it did not match
  std::uint64_t action_errors = 0;     // a template failed, or gave what is no severity
  std::uint64_t missing_values = 0;    // rendered as ""

  RuleFigures& operator+=(const RuleFigures& other) {
    matched += other.matched;
    condition_errors += other.condition_errors;
    action_errors += other.action_errors;
    missing_values += other.missing_values;
    return *this;
  }
  friend bool operator==(const RuleFigures&, const RuleFigures&) = default;
};

// Of one rule, with its name. Plain value.
struct NamedRuleFigures {
  std::string name;
  RuleFigures figures;
};

// Of the state as a whole.
struct StateFigures {
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  std::uint64_t problems = 0;
  std::uint64_t evicted = 0;           // keys given up for room
  std::uint64_t problems_evicted = 0;  // the same of problems
};

}  // namespace trapline::rules
