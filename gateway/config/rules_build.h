// From a configuration to the rules a gateway runs by: compiled, and their tests passed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/rule_tests.h"
#include "protocol/mib/mib_index.h"
#include "rules/rule_set.h"

namespace trapline::gateway {

// A configuration that may be run. Move-only.
struct BuiltConfig {
  Config config;
  std::shared_ptr<const rules::RuleSet> rules;  // never null
};

// Compiles `config`'s rules against `mibs`, which outlives them, and runs its tests. Fails with
// everything that is wrong, one printable line each as load_config has them; a test that failed
// takes further lines, indented. Any thread.
[[nodiscard]] base::Result<std::shared_ptr<const rules::RuleSet>, ConfigErrors> build_rules(
    const Config& config, const protocol::mib::MibIndex& mibs);

// Loads `path`, checks it, compiles its rules, runs its tests: what `check`, `run` and a reload do.
// Any thread; blocks on the files.
[[nodiscard]] base::Result<BuiltConfig, ConfigErrors> build_config(
    const std::string& path, const protocol::mib::MibIndex& mibs);

// Only compiles: null, with the reasons in `errors`, when something is wrong.
[[nodiscard]] std::shared_ptr<const rules::RuleSet> compile_rules(
    const Config& config, const protocol::mib::MibIndex& mibs, ConfigErrors& errors);

// Where something of `config` stands: "trapline.yaml:3:7".
[[nodiscard]] std::string describe_place(const Config& config, rules::Place place);

// Problems as lines, in the order of the files that `config` was read from.
[[nodiscard]] std::vector<std::string> problem_lines(const Config& config,
                                                     const rules::SpecProblems& problems);

}  // namespace trapline::gateway
