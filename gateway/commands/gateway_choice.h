// Which running gateway a verb is about.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace trapline::gateway {

// --config FILE or --data-dir DIR, as given.
struct GatewayChoice {
  std::string config_path;
  std::string data_dir;
};

// Adds the two options to `verb`; `choice` must live as long as it.
void add_gateway_options(CLI::App& verb, GatewayChoice& choice);

// The data directory chosen: the one named; that of the configuration named; that of the packaged
// configuration if there is one; ./trapline-data. Empty, with the reasons printed to standard
// error, when the configuration cannot be read.
[[nodiscard]] std::string chosen_data_dir(const GatewayChoice& choice);

}  // namespace trapline::gateway
