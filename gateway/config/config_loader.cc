#include "gateway/config/config_loader.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "gateway/config/config_merge.h"
#include "gateway/config/config_sections.h"
#include "gateway/config/field_reader.h"
#include "gateway/config/read_whole_file.h"
#include "gateway/config/scrubbing_delete.h"
#include "gateway/config/section_digest.h"
#include "gateway/config/yaml_parse.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kMostConfigFiles = 1'000;

// conf.d/*.yaml beside `path`, hidden files left out, sorted by name.
std::vector<std::string> drop_in_files(const std::string& path, ConfigProblems& problems) {
  const auto directory = std::filesystem::path(path).parent_path() / "conf.d";
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".yaml")) files.push_back(entry->path().string());
  }
  std::ranges::sort(files);
  if (error) {
    problems.add({problems.add_file(directory.string()), 0, 0},
                 "cannot be read: " + error.message(), "check its owner and mode");
  } else if (files.size() > kMostConfigFiles) {
    problems.add({problems.add_file(directory.string()), 0, 0}, "too many files",
                 "at most " + std::to_string(kMostConfigFiles));
    files.clear();
  }
  return files;
}

bool read_tree(const std::string& path, ConfigProblems& problems, ConfigNode& root) {
  const std::uint32_t file = problems.add_file(path);
  std::string problem;
  const auto content = read_whole_file(path, kMaxConfigFileBytes, problem);
  if (!content) {
    problems.add({file, 0, 0}, problem, "name a readable file with --config FILE");
    return false;
  }
  return parse_yaml(content->content(), file, problems, root);
}

// All files as one tree; false when one of them cannot be read. Half a configuration would only be
// accused of what the other half says.
bool read_all(const std::string& path, ConfigProblems& problems, ConfigNode& root) {
  if (!read_tree(path, problems, root)) return false;
  bool complete = true;
  for (const std::string& drop_in : drop_in_files(path, problems)) {
    ConfigNode more;
    if (read_tree(drop_in, problems, more)) {
      merge_config(root, std::move(more), problems);
    } else {
      complete = false;
    }
  }
  return complete;
}

// Whatever sees a secret's text does so below these frames, which are wiped afterwards.
[[gnu::noinline]] base::Result<Config, ConfigErrors> load_files(const std::string& path) {
  ConfigProblems problems;
  ConfigNode root;
  if (!read_all(path, problems, root)) return ConfigErrors{problems.lines()};
  Config config = read_config(root, problems);
  if (!problems.empty()) return ConfigErrors{problems.lines()};
  config.files = problems.files();
  config.sections = section_digests(root);
  return config;
}

[[gnu::noinline]] base::Result<Config, ConfigErrors> load_rules_of_files(const std::string& path) {
  ConfigProblems problems;
  ConfigNode root;
  if (!read_all(path, problems, root)) return ConfigErrors{problems.lines()};
  Config config = read_rules_config(root, problems);
  if (!problems.empty()) return ConfigErrors{problems.lines()};
  config.files = problems.files();
  return config;
}

// A single reference tells nothing.
bool is_reference(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

void redact(ConfigNode& root, const ConfigProblems& problems) {
  constexpr std::string_view kRedacted = "(secret)";
  std::vector<ConfigNode*> waiting{&root};
  while (!waiting.empty()) {
    ConfigNode& node = *waiting.back();
    waiting.pop_back();
    for (ConfigNode& item : node.items) waiting.push_back(&item);
    if (node.kind != ConfigNode::Kind::text || is_reference(node.text)) continue;
    if (!problems.is_secret(node.place)) continue;
    std::ranges::fill(node.text, '\0');
    node.text = kRedacted;
  }
}

[[gnu::noinline]] base::Result<ConfigNode, ConfigErrors> load_tree(const std::string& path) {
  ConfigProblems problems;
  ConfigNode root;
  if (!read_all(path, problems, root)) return ConfigErrors{problems.lines()};
  (void)read_config(root, problems);
  if (!problems.empty()) return ConfigErrors{problems.lines()};
  redact(root, problems);
  return root;
}

[[gnu::noinline]] base::Result<std::string, ConfigErrors> find_data_dir(const std::string& path) {
  ConfigProblems problems;
  ConfigNode root;
  if (!read_all(path, problems, root)) return ConfigErrors{problems.lines()};
  std::string data_dir(kDefaultDataDir);
  FieldReader(root, "", problems).read_text("data_dir", data_dir);
  if (!problems.empty()) return ConfigErrors{problems.lines()};
  return data_dir;
}

}  // namespace

base::Result<Config, ConfigErrors> load_config(const std::string& path) {
  const ScrubbedScope scrubbed;
  return load_files(path);
}

base::Result<Config, ConfigErrors> load_rules(const std::string& path) {
  const ScrubbedScope scrubbed;
  return load_rules_of_files(path);
}

base::Result<ConfigNode, ConfigErrors> load_config_tree(const std::string& path) {
  const ScrubbedScope scrubbed;
  return load_tree(path);
}

base::Result<std::string, ConfigErrors> load_data_dir(const std::string& path) {
  const ScrubbedScope scrubbed;
  return find_data_dir(path);
}

Config embedded_default(std::span<const base::Endpoint> listen, std::string_view data_dir) {
  constexpr std::string_view kPublic = "public";
  Config config;
  config.data_dir = std::string(data_dir.empty() ? kEmbeddedDataDir : data_dir);
  const std::vector<base::Endpoint> both = {*base::Endpoint::parse("0.0.0.0:1162"),
                                            *base::Endpoint::parse("[::]:1162")};
  for (const base::Endpoint& endpoint : listen.empty() ? std::span(both) : listen) {
    ListenerConfig& listener = config.listeners.emplace_back();
    listener.name = endpoint.to_string();
    listener.udp = endpoint;
  }
  config.communities.push_back({"default", base::Secret(kPublic), {}});
  config.journal.max_bytes = 2 * kGibibyte;
  FileSinkConfig& events = config.file_sinks.emplace_back();
  events.name = "events";
  events.path = config.data_dir + "/events.jsonl";
  config.sink_names = {events.name};
  config.terminal = true;
  return config;
}

}  // namespace trapline::gateway
