#include "gateway/config/config_check.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/configured_sink.h"

namespace trapline::gateway {
namespace {

namespace fs = std::filesystem;

bool overlap(const base::IpPrefix& a, const base::IpPrefix& b) {
  return a.contains(b.network) || b.contains(a.network);
}

// No list of networks means all of them.
bool overlap(const std::vector<base::IpPrefix>& a, const std::vector<base::IpPrefix>& b) {
  if (a.empty() || b.empty()) return true;
  return std::ranges::any_of(a, [&](const base::IpPrefix& one) {
    return std::ranges::any_of(b, [&](const base::IpPrefix& other) { return overlap(one, other); });
  });
}

void warn_of_communities(const Config& config, std::vector<std::string>& warnings) {
  if (config.communities.empty() && config.v3.users.empty()) {
    warnings.emplace_back(
        "neither a community nor an SNMPv3 user configured: every notification will be refused; "
        "add `communities` or `v3.users`");
  }
  for (std::size_t i = 0; i < config.communities.size(); ++i) {
    const CommunityConfig& one = config.communities[i];
    if (!overlap(one.from, config.sources.allow)) {
      warnings.push_back("community `" + one.name +
                         "` can never match: sources.allow shuts out all of its `from` networks");
    }
    for (std::size_t j = 0; j < i; ++j) {
      const CommunityConfig& earlier = config.communities[j];
      const bool same = earlier.community.equals(one.community.reveal());
      if (!same || !overlap(earlier.from, one.from)) continue;
      warnings.push_back("communities `" + earlier.name + "` and `" + one.name +
                         "` have the same text and share sources: the first one names them");
    }
  }
}

void warn_of_sinks(const Config& config, std::vector<std::string>& warnings) {
  if (config.sink_names.empty()) {
    warnings.emplace_back(
        "no sink configured: events are journaled and go nowhere; add one under `sinks`");
  }
  const std::string journal = (fs::path(config.data_dir) / "journal" / "").lexically_normal();
  for (const FileSinkConfig& sink : config.file_sinks) {
    const std::string path = fs::path(sink.path).lexically_normal();
    if (path.starts_with(journal)) {
      warnings.push_back("sink `" + sink.name +
                         "` writes into the journal's directory: give it another path");
    }
    const RotateConfig& rotate = sink.rotate;
    const bool rolls = rotate.bytes != 0 || rotate.every != RotateEvery::never;
    if (!rolls && rotate.compress != Compression::none) {
      warnings.push_back("sink `" + sink.name +
                         "` compresses rolled files but never rolls: set rotate.bytes or .every");
    }
  }
}

}  // namespace

std::vector<std::string> config_warnings(const Config& config) {
  std::vector<std::string> warnings;
  warn_of_communities(config, warnings);
  if (config.journal.ring_bytes > config.journal.max_bytes) {
    warnings.emplace_back("journal.ring_bytes is more than journal.max_bytes: memory for nothing");
  }
  warn_of_sinks(config, warnings);
  return warnings;
}

std::string why_not_writable(const std::filesystem::path& directory) {
  fs::path nearest = directory.empty() ? fs::path(".") : directory;
  std::error_code error;
  while (!fs::exists(nearest, error) && nearest.has_relative_path()) {
    nearest = nearest.parent_path();
    if (nearest.empty()) nearest = ".";
  }
  if (!fs::is_directory(nearest, error)) return nearest.string() + " is not a directory";
  if (::access(nearest.c_str(), W_OK | X_OK) == 0) return {};
  return nearest.string() + ": " + std::strerror(errno);
}

std::vector<std::string> probe_config(const Config& config) {
  std::vector<std::string> problems;
  if (const std::string why = why_not_writable(config.data_dir); !why.empty()) {
    problems.push_back("the data directory cannot be written: " + why +
                       "; change its owner or mode, or set data_dir");
  }
  for (const auto& sink : configured_sinks(config)) {
    if (const auto why = sink->probe()) {
      problems.push_back("sink `" + std::string(sink->name()) + "` " + *why);
    }
  }
  return problems;
}

}  // namespace trapline::gateway
