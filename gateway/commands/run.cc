// trapline run: the daemon.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>

#include "gateway/commands/commands.h"
#include "gateway/commands/control_loop.h"
#include "gateway/commands/rules_of_file.h"
#include "gateway/config/config_loader.h"
#include "gateway/config/section_digest.h"
#include "gateway/gateway.h"
#include "gateway/journal/posix_fs.h"
#include "generated/version.h"

namespace trapline::gateway {
namespace {

struct RunOptions {
  std::string config_file;
  std::vector<std::string> listen;
  std::string data_dir;
  std::string ready_file;
  std::uint32_t stats_secs = 0;
};

void complain(const std::string& line) { std::fprintf(stderr, "trapline: %s\n", line.c_str()); }

std::optional<BuiltConfig> make_config(const RunOptions& options, int& exit_code) {
  if (!options.config_file.empty()) {
    auto built = rules_of_file(options.config_file);
    if (built) return std::move(*built);
    for (const std::string& line : built.error().lines) complain(line);
    exit_code = kExitConfiguration;
    return std::nullopt;
  }
  std::vector<base::Endpoint> endpoints;
  for (const std::string& text : options.listen) {
    const auto endpoint = base::Endpoint::parse(text);
    if (!endpoint) {
      complain("--listen " + text + ": expected ADDRESS:PORT, e.g. 0.0.0.0:1162 or [::]:1162");
      exit_code = kExitUsage;
      return std::nullopt;
    }
    endpoints.push_back(*endpoint);
  }
  BuiltConfig built{embedded_default(endpoints, options.data_dir), nullptr};
  built.config.terminal = isatty(STDOUT_FILENO) != 0;
  return built;
}

// Reads the configuration anew and lets the gateway go on under its rules; what else has changed
// needs a restart, and is said.
ReloadReport reload(const std::string& config_file, Gateway& gateway) {
  if (config_file.empty()) return {true, {"there is no configuration file: nothing to read"}};
  auto built = rules_of_file(config_file);
  if (!built) return {false, built.error().lines};
  const Config& running = gateway.config();
  if (built->config.sink_names != running.sink_names) {
    return {false, {"the sinks have changed: rules for them need a restart"}};
  }
  ReloadReport report{true, {}};
  for (const std::string& section : changed_sections(running, built->config)) {
    report.lines.push_back("`" + section + "` has changed: that needs a restart");
  }
  gateway.exchange_rules(std::move(built->rules));
  return report;
}

// The way to this program as a person in the working directory would type it.
std::string own_command() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto here = std::filesystem::current_path(error);
  const auto relative = program.lexically_relative(here);
  return relative.empty() || *relative.begin() == ".." ? program.string()
                                                       : "./" + relative.string();
}

void greet(const Gateway& gateway) {
  const Config& config = gateway.config();
  std::string where;
  base::Endpoint first{base::IpAddress::v4({127, 0, 0, 1}), 0};
  for (const ListenerReport& listener : gateway.status().listeners) {
    where += (where.empty() ? "" : ", ") + listener.local;
    const auto local = base::Endpoint::parse(listener.local);
    if (first.port != 0 || !local) continue;
    const bool wildcard =
        local->ip == base::IpAddress() || local->ip == base::IpAddress::v4({0, 0, 0, 0});
    first.port = local->port;
    if (!wildcard) first.ip = local->ip;
  }
  std::fprintf(stderr,
               "trapline %s listens on udp %s (community public)\n"
               "  events   %s\n"
               "  journal  %s/journal\n"
               "Send a first trap from another terminal:\n"
               "  %s send trap %s IF-MIB::linkDown ifIndex.7 i 7\n",
               std::string(kVersion).c_str(), where.c_str(), config.file_sinks[0].path.c_str(),
               config.data_dir.c_str(), own_command().c_str(), first.to_string().c_str());
}

// True when the file that says "ready" could be made, or none was wanted.
bool announce(const RunOptions& options) {
  if (options.ready_file.empty()) return true;
  std::ofstream file(options.ready_file, std::ios::trunc);
  file << getpid() << '\n';
  file.close();
  return file.good();
}

int run_gateway(const RunOptions& options) {
  int exit_code = 0;
  auto built = make_config(options, exit_code);
  if (!built) return exit_code;
  journal::PosixFs fs;
  const base::SystemClock clock;
  base::SystemRandom random;
  base::Log log(built->config.log.format, built->config.log.level, clock, base::Log::to_stderr());
  auto started = Gateway::start(std::move(built->config), std::move(built->rules),
                                {fs, clock, random, log, true});
  if (!started) {
    complain(started.error());
    return kExitConfiguration;
  }
  Gateway& gateway = **started;
  ControlLoop loop(
      gateway, log, [&] { return reload(options.config_file, gateway); }, options.stats_secs);
  if (const auto opened = loop.open(); !opened) {
    complain(opened.error());
    return kExitConfiguration;
  }
  if (!announce(options)) {
    complain("cannot write the ready file " + options.ready_file);
    return kExitConfiguration;
  }
  if (options.config_file.empty()) greet(gateway);
  log.write(base::LogLevel::info, "gateway.started", "listening",
            {{"node", gateway.status().node}, {"version", kVersion}});
  loop.run();
  const bool drained = gateway.stop();
  gateway.log_books("gateway.stopped", drained ? "stopped" : "stopped before everything was done");
  // A sink that hangs in a system call would keep the process: what it has not delivered is in the
  // journal.
  if (!drained) std::_Exit(0);
  return 0;
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Receive, store, acknowledge, route and deliver");
  auto* config = command->add_option("--config", options->config_file,
                                     "Configuration file; replaces the embedded default");
  command
      ->add_option("--listen", options->listen,
                   "UDP endpoint, e.g. 0.0.0.0:1162 or [::]:1162; repeatable")
      ->excludes(config);
  command->add_option("--data-dir", options->data_dir, "Where journal and events are kept")
      ->excludes(config);
  command->add_option("--ready-file", options->ready_file,
                      "Written once datagrams are taken and can be stored");
  command->add_option("--stats-secs", options->stats_secs, "Log the books every N seconds");
  command->callback([options, &exit_code] { exit_code = run_gateway(*options); });
}

}  // namespace trapline::gateway
