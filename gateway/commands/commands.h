// The verbs of the command line, one file each; gateway/main.cc lists them.
#pragma once

namespace CLI {
class App;
}

namespace trapline::gateway {

// What a verb ends with (operations: exit codes; the numbers are those of sysexits.h).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;          // a check failed, an input was malformed
inline constexpr int kExitWarnings = 3;        // only warnings, with --strict
inline constexpr int kExitUsage = 64;          // the command line is wrong
inline constexpr int kExitUnavailable = 69;    // nobody answers
inline constexpr int kExitConfiguration = 78;  // the configuration is wrong

// Each adds its verb to `program`. When the user has chosen it, parsing runs it to its end and
// leaves its exit code in `exit_code`, which must live as long as `program`.
void add_run_command(CLI::App& program, int& exit_code);
void add_check_command(CLI::App& program, int& exit_code);
void add_test_command(CLI::App& program, int& exit_code);
void add_config_command(CLI::App& program, int& exit_code);
void add_status_command(CLI::App& program, int& exit_code);
void add_send_command(CLI::App& program, int& exit_code);
void add_get_command(CLI::App& program, int& exit_code);
void add_getnext_command(CLI::App& program, int& exit_code);
void add_bulkwalk_command(CLI::App& program, int& exit_code);
void add_table_command(CLI::App& program, int& exit_code);
void add_discover_command(CLI::App& program, int& exit_code);
void add_rates_command(CLI::App& program, int& exit_code);
void add_decode_command(CLI::App& program, int& exit_code);
void add_explain_command(CLI::App& program, int& exit_code);
void add_journal_command(CLI::App& program, int& exit_code);
void add_deadletter_command(CLI::App& program, int& exit_code);
void add_healthcheck_command(CLI::App& program, int& exit_code);
void add_diff_command(CLI::App& program, int& exit_code);
void add_replay_command(CLI::App& program, int& exit_code);
void add_problems_command(CLI::App& program, int& exit_code);
void add_reload_command(CLI::App& program, int& exit_code);
void add_v3_command(CLI::App& program, int& exit_code);
void add_version_command(CLI::App& program, int& exit_code);

}  // namespace trapline::gateway
