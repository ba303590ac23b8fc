#include "generated/version.h"

#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"

namespace trapline::gateway {
namespace {

std::string version_text() {
  std::string text = "trapline " + std::string(kVersion);
  if (!kRevision.empty()) text += " (" + std::string(kRevision) + ")";
  return text;
}

}  // namespace

void add_version_command(CLI::App& program, int& exit_code) {
  program.set_version_flag("--version", version_text());
  CLI::App* verb = program.add_subcommand("version", "print the version of this program");
  verb->callback([&exit_code] {
    fmt::print("{}\n", version_text());
    exit_code = kExitOk;
  });
}

}  // namespace trapline::gateway
