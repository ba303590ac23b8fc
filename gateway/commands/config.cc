// `trapline config`: the configuration's schema, and a configuration as it is understood.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/config_show.h"

namespace trapline::gateway {
namespace {

struct ShowOptions {
  std::string config_path{kDefaultConfigPath};
  bool json = false;
};

int show(const ShowOptions& options) {
  const auto tree = load_config_tree(options.config_path);
  if (!tree) {
    for (const std::string& line : tree.error().lines) fmt::print(stderr, "{}\n", line);
    return kExitConfiguration;
  }
  fmt::print("{}", options.json ? config_json(*tree) : config_yaml(*tree));
  return kExitOk;
}

}  // namespace

void add_config_command(CLI::App& program, int& exit_code) {
  CLI::App* verb = program.add_subcommand("config", "tell about configurations");
  verb->require_subcommand(1);
  CLI::App* schema = verb->add_subcommand("schema", "print the JSON Schema of a configuration");
  schema->callback([&exit_code] {
    fmt::print("{}", config_schema());
    exit_code = kExitOk;
  });
  auto options = std::make_shared<ShowOptions>();
  CLI::App* shown = verb->add_subcommand(
      "show", "print a configuration as it is understood: all files in one, no secret");
  shown
      ->add_option("--config", options->config_path,
                   "the configuration; conf.d/*.yaml beside it is read too")
      ->type_name("FILE")
      ->capture_default_str();
  shown->add_flag("--json", options->json, "as JSON in place of YAML");
  shown->callback([options, &exit_code] { exit_code = show(*options); });
}

}  // namespace trapline::gateway
