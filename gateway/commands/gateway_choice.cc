#include "gateway/commands/gateway_choice.h"

#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/config/config_loader.h"

namespace trapline::gateway {

void add_gateway_options(CLI::App& verb, GatewayChoice& choice) {
  auto* config = verb.add_option("--config", choice.config_path,
                                 "the configuration that the gateway runs with")
                     ->type_name("FILE");
  verb.add_option("--data-dir", choice.data_dir, "the gateway's data directory")
      ->type_name("DIR")
      ->excludes(config);
}

std::string chosen_data_dir(const GatewayChoice& choice) {
  if (!choice.data_dir.empty()) return choice.data_dir;
  std::string path = choice.config_path;
  std::error_code error;
  if (path.empty() && std::filesystem::exists(kDefaultConfigPath, error)) path = kDefaultConfigPath;
  if (path.empty()) return std::string(kEmbeddedDataDir);
  const auto data_dir = load_data_dir(path);
  if (data_dir) return *data_dir;
  for (const std::string& line : data_dir.error().lines) fmt::print(stderr, "{}\n", line);
  return {};
}

}  // namespace trapline::gateway
