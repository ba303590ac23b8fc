// RuleFigures: how often rules did what.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/routed_trap.h"

namespace trapline::rules {

// Of one rule since the engine began or exchanged it. Plain value.
struct RuleFigures {
  std::string rule;
  std::uint64_t matched = 0;
  std::uint64_t when_errors = 0;
  std::uint64_t action_errors = 0;
  std::uint64_t missing = 0;  // values of templates that were absent
};

// Of the whole engine. Plain value.
struct EngineFigures {
  std::vector<RuleFigures> rules;  // in the order of the configuration
  std::uint64_t evictions = 0;     // of state that was still in use
  std::uint64_t entries = 0;       // in the state now
  std::uint64_t kept_octets = 0;   // in the state now
};

}  // namespace trapline::rules
