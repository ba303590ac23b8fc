// Running the tests of rules that a configuration holds.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/rule_test_spec.h"
#include "protocol/mib/mib_index.h"
#include "rules/rule_set.h"

namespace trapline::gateway {

// Something that came out otherwise than expected. Plain value.
struct Mismatch {
  std::string what;  // "severity", "decision 2: sinks"
  std::string expected;
  std::string got;
};

// A decision, as diffs and reports show it. Plain value.
struct DecidedEvent {
  std::string severity;
  std::string state;
  std::string key;      // as events have it, also when no rule set one
  std::string summary;  // the same
  std::string synthetic = "none";
  std::uint64_t count = 0;
  std::vector<std::pair<std::string, std::string>> tags;
  std::vector<std::string> rules;
  std::vector<std::string> sinks;
  std::vector<std::string> flags;
};

// How a test went. Plain value.
struct RuleTestResult {
  std::string name;
  rules::Place place;
  std::vector<Mismatch> mismatches;
  std::vector<DecidedEvent> decisions;  // all of them, in their order
  [[nodiscard]] bool passed() const { return mismatches.empty(); }
};

// Runs each test from an empty state, on a clock that begins at 2026-01-01 00:00 UTC. A test whose
// notifications cannot be made is a problem, and has no result. Any thread.
[[nodiscard]] std::vector<RuleTestResult> run_rule_tests(
    const std::vector<RuleTestSpec>& tests, const std::shared_ptr<const rules::RuleSet>& rules,
    const protocol::mib::MibIndex& mibs, rules::SpecProblems& problems);

// Lines for people about a test that failed, without its name: each mismatch, then what was
// decided.
[[nodiscard]] std::vector<std::string> describe_failure(const RuleTestResult& result);

}  // namespace trapline::gateway
