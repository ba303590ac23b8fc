#include "tests/integration/delivery_audit.h"

#include <fstream>
#include <functional>

#include "gateway/load/acked_file.h"
#include "gateway/load/load_mark.h"

namespace trapline::integration {
namespace {

constexpr std::size_t kMostMistakes = 20;

std::uint64_t key_of(std::uint32_t run, std::uint32_t sequence) {
  return std::uint64_t{run} << 32U | sequence;
}

}  // namespace

void DeliveryAudit::blame(const std::string& words) {
  if (mistakes_.size() < kMostMistakes) mistakes_.push_back(words);
}

void DeliveryAudit::take(const nlohmann::json& event) {
  if (!event.is_object() || !event.contains("id")) return blame("no event: " + event.dump());
  const std::string id = event["id"];
  const std::string text = event.dump();
  const std::size_t content = std::hash<std::string>()(text);
  const auto [known, is_new] = contents_.emplace(id, content);
  if (!is_new) {
    ++repeated_;
    if (known->second != content) blame(id + " came twice, with different contents");
    return;
  }
  ids_.insert(id);
  if (const auto mark = gateway::load::find_mark(text)) {
    const auto first = notifications_.emplace(key_of(mark->run, mark->sequence), id);
    if (!first.second) blame(first.first->second + " and " + id + " are one notification");
  }
  const std::uint64_t lsn = std::stoull(id.substr(id.rfind('-') + 1));
  const std::string agent = event["agent"]["ip"];
  std::uint64_t& latest = latest_lsn_[agent];
  if (lsn < latest) blame(id + " of " + agent + " came behind " + std::to_string(latest));
  latest = std::max(latest, lsn);
}

void DeliveryAudit::take_file(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (event.is_discarded()) {
      blame("no JSON: " + line);
    } else {
      take(event);
    }
  }
}

std::uint64_t DeliveryAudit::missing_of(const std::string& acked_path) const {
  const auto acked = gateway::load::read_acked_file(acked_path);
  if (!acked || acked->sequences.empty()) return UINT64_MAX;
  std::uint64_t missing = 0;
  for (const std::uint32_t sequence : acked->sequences) {
    missing += notifications_.contains(key_of(acked->run, sequence)) ? 0 : 1;
  }
  return missing;
}

}  // namespace trapline::integration
