// trapline run: the daemon.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "gateway/admin/control_server.h"
#include "gateway/admin/control_socket.h"
#include "gateway/commands/commands.h"
#include "gateway/config/config_loader.h"
#include "gateway/engine_id_text.h"
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

std::optional<Config> make_config(const RunOptions& options, int& exit_code) {
  if (!options.config_file.empty()) {
    auto loaded = load_config(options.config_file);
    if (loaded) return std::move(*loaded);
    for (const std::string& line : loaded.error().lines) complain(line);
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
  Config config = embedded_default(endpoints, options.data_dir);
  config.terminal = isatty(STDOUT_FILENO) != 0;
  return config;
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

ControlRoutes routes_of(Gateway& gateway) {
  return {{"/status",
           [&] {
             return ControlAnswer{200, "application/json", status_json(gateway.status())};
           }},
          {"/v3/engines",
           [&] {
             return ControlAnswer{200, "application/json", gateway.engines_json()};
           }},
          {"/-/healthy",
           [] {
             return ControlAnswer{200, "text/plain", "healthy\n"};
           }},
          {"/-/ready", [&] {
             return gateway.ready()
                        ? ControlAnswer{200, "text/plain", "ready\n"}
                        : ControlAnswer{503, "text/plain", "the journal cannot store\n"};
           }}};
}

// The body of /v3/forget is the engineID in hexadecimal.
ControlActions actions_of(Gateway& gateway) {
  return {{"/v3/forget", [&](const std::string& body) {
             const auto id = parse_engine_id(body);
             if (!id) return ControlAnswer{400, "text/plain", "not an engineID\n"};
             return gateway.forget_engine(*id)
                        ? ControlAnswer{200, "text/plain", "forgotten\n"}
                        : ControlAnswer{404, "text/plain", "no such engine is known\n"};
           }}};
}

// Signals, statistics and the control socket, on the main thread.
class ControlLoop {
 public:
  ControlLoop(Gateway& gateway, base::Log& log, std::uint32_t stats_secs)
      : gateway_(gateway),
        log_(log),
        signals_(io_, SIGTERM, SIGINT, SIGUSR1),
        hangups_(io_, SIGHUP),
        statistics_(io_),
        interval_(stats_secs) {}

  [[nodiscard]] base::Result<void, std::string> open() {
    auto server = ControlServer::open(io_, control_socket_path(gateway_.config().data_dir),
                                      routes_of(gateway_), {}, actions_of(gateway_));
    if (!server) return server.error();
    server_ = std::move(*server);
    return {};
  }

  // Returns when the gateway is to stop.
  void run() {
    await_signal();
    await_hangup();
    if (interval_.count() > 0) await_statistics();
    io_.run();
    server_.reset();
    // A second signal while draining ends the process at once.
    signals_.clear();
  }

 private:
  void await_signal() {
    signals_.async_wait([this](const auto& error, int number) {
      if (error) return;
      if (number != SIGUSR1) {
        log_.write(base::LogLevel::info, "gateway.stopping", "draining",
                   {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
        io_.stop();
        return;
      }
      log_.write(base::LogLevel::info, "gateway.reopen", "reopening files");
      gateway_.reopen_files();
      await_signal();
    });
  }

  void await_hangup() {
    hangups_.async_wait([this](const auto& error, int) {
      if (error) return;
      log_.write(base::LogLevel::warning, "gateway.reload_unsupported",
                 "reloading is not supported yet: restart to apply a changed configuration");
      await_hangup();
    });
  }

  void await_statistics() {
    statistics_.expires_after(interval_);
    statistics_.async_wait([this](const auto& error) {
      if (error) return;
      gateway_.log_books("gateway.statistics", "books");
      await_statistics();
    });
  }

  Gateway& gateway_;
  base::Log& log_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set hangups_;
  boost::asio::steady_timer statistics_;
  const std::chrono::seconds interval_;
  std::unique_ptr<ControlServer> server_;
};

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
  auto config = make_config(options, exit_code);
  if (!config) return exit_code;
  journal::PosixFs fs;
  const base::SystemClock clock;
  base::SystemRandom random;
  base::Log log(config->log.format, config->log.level, clock, base::Log::to_stderr());
  auto started = Gateway::start(std::move(*config), {fs, clock, random, log});
  if (!started) {
    complain(started.error());
    return kExitConfiguration;
  }
  Gateway& gateway = **started;
  ControlLoop loop(gateway, log, options.stats_secs);
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
