#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/config/config_check.h"
#include "gateway/config/rules_build.h"

namespace trapline::gateway {
namespace {

struct CheckOptions {
  std::string config_path{kDefaultConfigPath};
  bool strict = false;
  bool probe = false;
};

int check(const CheckOptions& options) {
  const auto built = build_config(options.config_path, protocol::mib::MibIndex::built_in());
  if (!built) {
    for (const std::string& line : built.error().lines) fmt::print(stderr, "{}\n", line);
    return kExitConfiguration;
  }
  const Config* config = &built->config;
  const auto warnings = config_warnings(*config);
  for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  const auto problems = options.probe ? probe_config(*config) : std::vector<std::string>{};
  for (const std::string& problem : problems) fmt::print(stderr, "error: {}\n", problem);
  if (!problems.empty()) return kExitUnavailable;
  if (options.strict && !warnings.empty()) return kExitWarnings;
  fmt::print("{}: ok: {} listener(s), {} community name(s), {} sink(s)", options.config_path,
             config->listeners.size(), config->communities.size(), config->sink_names.size());
  if (!config->rules.rules.empty()) {
    fmt::print(", {} rule(s), {} test(s) passed", config->rules.rules.size(), config->tests.size());
  }
  fmt::print("\n");
  return kExitOk;
}

}  // namespace

void add_check_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* verb = program.add_subcommand("check", "validate a configuration");
  verb->add_option("--config", options->config_path,
                   "the configuration; conf.d/*.yaml beside it "
                   "is read too")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_flag("--strict", options->strict, "exit 3 when there are warnings");
  verb->add_flag("--probe", options->probe,
                 "also look whether the data directory and every sink can be written; exit 69 if "
                 "not");
  verb->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace trapline::gateway
