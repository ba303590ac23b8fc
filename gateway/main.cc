// The program: one verb per file in commands/.
#include <csignal>

#include <CLI/CLI.hpp>

#include "gateway/commands/bench.h"
#include "gateway/commands/commands.h"

int main(int argc, char** argv) {
  using namespace trapline::gateway;
  // A reader that has gone away is an error of write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App program(
      "Trapline receives SNMP notifications, stores them before it acknowledges them, "
      "and delivers them.");
  program.footer(
      "`trapline VERB --help` tells more. Exit codes: 0 ok, 1 failed, 3 warnings with "
      "--strict, 64 wrong\ncommand line, 69 nobody answers, 78 wrong configuration.");
  program.require_subcommand(1);
  int exit_code = kExitOk;
  add_run_command(program, exit_code);
  add_check_command(program, exit_code);
  add_status_command(program, exit_code);
  add_healthcheck_command(program, exit_code);
  add_send_command(program, exit_code);
  add_decode_command(program, exit_code);
  add_journal_command(program, exit_code);
  add_bench(program, exit_code);
  add_version_command(program, exit_code);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return exit_code;
}
