// `trapline explain`: what the gateway would do with a message, and why.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/command_input.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/explainer.h"
#include "gateway/commands/message_input.h"
#include "gateway/config/rules_build.h"

namespace trapline::gateway {
namespace {

struct ExplainOptions {
  std::string config_path;
  std::string input{kStandardInput};
  bool json = false;
};

// The configuration named, the packaged one, or the built-in default. Nothing, with the reasons
// printed, when it cannot be read.
std::optional<Config> config_of(const ExplainOptions& options) {
  std::string path = options.config_path;
  std::error_code error;
  if (path.empty() && std::filesystem::exists(kDefaultConfigPath, error)) path = kDefaultConfigPath;
  if (path.empty()) return embedded_default({}, {});
  auto config = load_config(path);
  if (config) return std::move(*config);
  for (const std::string& line : config.error().lines) fmt::print(stderr, "{}\n", line);
  return std::nullopt;
}

// What a receiver sent, in a capture that holds both directions.
bool is_answer(const InputMessage& message, const Config& config) {
  const auto receives = [&](std::uint16_t port) {
    return port == 162 || port == 1162 ||
           std::ranges::any_of(config.listeners,
                               [&](const auto& one) { return one.udp.port == port; });
  };
  return message.from_capture && receives(message.peer.port) && !receives(message.local.port);
}

int explain(const ExplainOptions& options) {
  const auto config = config_of(options);
  if (!config) return kExitConfiguration;
  const auto input = read_command_input(options.input);
  if (!input) {
    fmt::print(stderr, "trapline explain: {}\n", input.error());
    return kExitUsage;
  }
  ConfigErrors errors;
  auto rules = compile_rules(*config, protocol::mib::MibIndex::built_in(), errors);
  if (!rules) {
    for (const std::string& line : errors.lines) fmt::print(stderr, "{}\n", line);
    return kExitConfiguration;
  }
  Explainer explainer(*config, std::move(rules));
  bool refused = false;
  std::uint64_t answers = 0;
  const InputSummary summary = for_each_message(*input, [&](const InputMessage& message) {
    if (is_answer(message, *config)) {
      ++answers;
      return;
    }
    const Explanation explanation = explainer.explain(message);
    refused = refused || explanation.refused();
    fmt::print("{}\n",
               options.json ? explanation_json(explanation) : explanation_text(explanation));
  });
  if (summary.skipped + answers != 0) {
    fmt::print(stderr, "note: {} packet(s) skipped: no UDP, a fragment, no SNMP, or our answers\n",
               summary.skipped + answers);
  }
  if (!summary.problem.empty()) fmt::print(stderr, "{}: {}\n", options.input, summary.problem);
  const bool nothing = summary.messages == answers;
  if (nothing) fmt::print(stderr, "{}: no message in it\n", options.input);
  return !refused && !nothing && summary.problem.empty() ? kExitOk : kExitFailed;
}

}  // namespace

void add_explain_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* verb = program.add_subcommand(
      "explain", "say what the gateway would do with a message, step by step, and why");
  verb->add_option("--config", options->config_path,
                   "judge by this configuration (the packaged one, or else the built-in default)")
      ->type_name("FILE");
  verb->add_option("INPUT", options->input,
                   "a capture (pcap, pcapng), a binary or hexadecimal file, hexadecimal text, or "
                   "- for standard input")
      ->type_name("FILE|HEX|PCAP|-")
      ->capture_default_str();
  verb->add_flag("--json", options->json, "print one JSON line for each message");
  verb->footer(
      "examples:\n  trapline explain --config trapline.yaml traps.pcap\n"
      "  tcpdump -c 1 -w - udp port 162 | trapline explain -\n\n"
      "Exit codes: 0 all would be accepted, 1 one is refused or malformed, 78 wrong "
      "configuration.");
  verb->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace trapline::gateway
