// The program: one verb per file in commands/.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "gateway/commands/bench.h"
#include "gateway/commands/commands.h"
#include "gateway/config/nearest_name.h"
#include "protocol/usm/key_memory.h"

namespace {

// CLI11 says of a mistyped verb only that one is required.
bool complain_of_verb(CLI::App& program, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* verb : program.get_subcommands({})) names.push_back(verb->get_name());
  if (word.starts_with('-') || std::ranges::find(names, word) != names.end()) return false;
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = trapline::gateway::nearest_name(word, known);
  std::cerr << "trapline: unknown verb `" << word << "`";
  if (!nearest.empty()) std::cerr << ", did you mean `" << nearest << "`?";
  std::cerr << "\n`trapline --help` lists the verbs.\n";
  return true;
}

// Whether all that was printed has arrived: a full disk or a closed pipe may be met only here. Of
// several failures, an earlier one is told by its exit code.
int flushed(int exit_code) {
  errno = 0;
  const bool arrived = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.flush();
  if (arrived || exit_code != trapline::gateway::kExitOk) return exit_code;
  std::cerr << "trapline: cannot write the output"
            << (errno != 0 ? std::string(": ") + std::strerror(errno) : "") << '\n';
  return trapline::gateway::kExitFailed;
}

// Before anything may ask OpenSSL for memory: the HTTP library does so as it is loaded, so `main`
// would be too late. What stands in this section is called ahead of all libraries' own beginnings.
[[gnu::section(".preinit_array"),
  gnu::used]] void (*keep_keys_out_of_dumps)() = trapline::protocol::usm::keep_keys_out_of_dumps;

}  // namespace

int main(int argc, char** argv) {
  using namespace trapline::gateway;
  // A reader that has gone away is an error of write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App program(
      "Trapline receives SNMP notifications, stores them before it acknowledges them, "
      "and delivers them.");
  program.require_subcommand(1);
  int exit_code = kExitOk;
  add_run_command(program, exit_code);
  add_check_command(program, exit_code);
  add_test_command(program, exit_code);
  add_config_command(program, exit_code);
  add_status_command(program, exit_code);
  add_healthcheck_command(program, exit_code);
  add_reload_command(program, exit_code);
  add_problems_command(program, exit_code);
  add_send_command(program, exit_code);
  add_get_command(program, exit_code);
  add_getnext_command(program, exit_code);
  add_bulkwalk_command(program, exit_code);
  add_table_command(program, exit_code);
  add_discover_command(program, exit_code);
  add_rates_command(program, exit_code);
  add_decode_command(program, exit_code);
  add_explain_command(program, exit_code);
  add_journal_command(program, exit_code);
  add_deadletter_command(program, exit_code);
  add_replay_command(program, exit_code);
  add_diff_command(program, exit_code);
  add_v3_command(program, exit_code);
  add_bench(program, exit_code);
  add_version_command(program, exit_code);
  // Only now: verbs would inherit it.
  program.footer(
      "`trapline VERB --help` tells more. Exit codes: 0 ok, 1 failed, 3 warnings with "
      "--strict, 64 wrong\ncommand line, 69 nobody answers, 78 wrong configuration.");
  if (argc > 1 && complain_of_verb(program, argv[1])) return kExitUsage;
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return flushed(program.exit(error) == 0 ? kExitOk : kExitUsage);
  } catch (const std::system_error& error) {
    std::cerr << "trapline: " << error.what() << '\n';  // the reader of our output has gone
    return kExitFailed;
  }
  return flushed(exit_code);
}
