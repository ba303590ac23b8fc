#include "gateway/commands/rules_of_file.h"

namespace trapline::gateway {

base::Result<BuiltConfig, ConfigErrors> rules_of_file(const std::string& path) {
  auto built = build_config(path, protocol::mib::MibIndex::built_in());
  if (built && built->config.rules.rules.empty() && !built->config.rules.has_routes) {
    built->rules = nullptr;
  }
  return built;
}

}  // namespace trapline::gateway
