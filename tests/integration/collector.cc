#include "tests/integration/collector.h"

#include <fstream>

namespace trapline::integration {

using nlohmann::json;

bool Collector::start() {
  return peer_.start({certificate_.path, certificate_.key_path, peer_.port(), scratch_ / "kept"});
}

std::vector<json> Collector::bodies(const std::string& path) const {
  std::vector<json> all;
  std::ifstream file(scratch_ / "kept");
  for (std::string line; std::getline(file, line);) {
    json kept = json::parse(line, nullptr, false);
    if (kept.is_object() && kept["path"] == path) all.push_back(std::move(kept["body"]));
  }
  return all;
}

}  // namespace trapline::integration
