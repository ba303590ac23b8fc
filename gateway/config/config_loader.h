// From files to a Config, and the Config of a gateway that has no file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Everything wrong with a configuration: printable lines `file:line:column: message (hint)`, in the
// order of the files. Never the text of a secret.
struct ConfigErrors {
  std::vector<std::string> lines;
};

// Where a packaged gateway has its configuration.
inline constexpr std::string_view kDefaultConfigPath = "/etc/trapline/trapline.yaml";

// Where a configured gateway keeps its data, and where one without a configuration does.
inline constexpr std::string_view kDefaultDataDir = "/var/lib/trapline";
inline constexpr std::string_view kEmbeddedDataDir = "./trapline-data";

// Reads `path` and, in the order of their names, conf.d/*.yaml next to it: maps are merged by key,
// lists appended, a single value given twice is an error. References to secrets are resolved.
// Relative paths inside stay relative to the working directory. Afterwards the text of a community
// is in its base::Secret only: not in freed memory, on the stack or in the environment. Any thread;
// blocks on the files.
[[nodiscard]] base::Result<Config, ConfigErrors> load_config(const std::string& path);

// Only `rules`, `routes`, `tables`, `tests` and the names of the sinks of the same files: enough to
// test rules where secrets are out of reach. Other keys are not judged.
[[nodiscard]] base::Result<Config, ConfigErrors> load_rules(const std::string& path);

// The same files as load_config judges them, merged into one tree as they were written: references
// unresolved, each text of a secret that is not a reference replaced by "(secret)".
[[nodiscard]] base::Result<ConfigNode, ConfigErrors> load_config_tree(const std::string& path);

// Only `data_dir` of the same files, for verbs that speak to a running gateway: secrets are not
// resolved, other keys not judged.
[[nodiscard]] base::Result<std::string, ConfigErrors> load_data_dir(const std::string& path);

// What `trapline run` does without a configuration: community `public` under the name `default`, a
// journal of at most 2 GiB and `events.jsonl` in `data_dir`, events shown on a terminal. `listen`
// empty means UDP 1162 on 0.0.0.0 and [::]; `data_dir` empty means ./trapline-data.
[[nodiscard]] Config embedded_default(std::span<const base::Endpoint> listen,
                                      std::string_view data_dir);

}  // namespace trapline::gateway
