#include "gateway/commands/bench.h"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/random.h"
#include "gateway/commands/access_options.h"
#include "gateway/commands/bench_report.h"
#include "gateway/commands/commands.h"
#include "gateway/load/acked_file.h"
#include "gateway/load/hostile_source.h"
#include "gateway/load/inform_load.h"
#include "gateway/load/prepared_source.h"
#include "gateway/load/trap_load.h"
#include "gateway/load/v3_source.h"
#include "gateway/sender_engine.h"
#include "protocol/decode.h"

namespace trapline::gateway {
namespace {

// The command line, before it is checked.
struct Arguments {
  std::string target = "127.0.0.1:1162";
  bool allow_remote = false;
  std::string kind = "trap";
  std::string version = "v2c";
  double per_sec = 0;
  bool flat_out = false;
  double secs = 0;
  std::uint64_t count = 0;
  unsigned timeout_ms = 1'000;
  unsigned burst_us = 1'000;
  load::LoadOptions options;  // the rest
  AccessOptions access;       // SNMPv3
  std::string hostile;
  std::uint64_t prepare = 0;
  std::vector<std::string> verify_paths;
  std::string run;
  std::uint64_t expected = 0;
  bool json = false;
};

std::atomic<bool> stop_requested = false;

void request_stop(int) { stop_requested.store(true); }

// SIGINT and SIGTERM end the sending early; the report still comes.
void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int fail(int exit_code, const std::string& message) {
  std::fprintf(stderr, "trapline bench: %s\n", message.c_str());
  return exit_code;
}

bool is_loopback(const base::IpAddress& ip) {
  if (ip.is_v4()) return ip.v4_octets()[0] == 127;
  return ip == base::IpAddress::parse("::1");
}

// What is wrong with the arguments of a load; empty when nothing is. Fills the options.
std::string settle(Arguments& arguments) {
  load::LoadOptions& options = arguments.options;
  const auto target = base::Endpoint::parse(arguments.target);
  if (!target || target->port == 0) return "--target: not ADDRESS:PORT: " + arguments.target;
  if (!is_loopback(target->ip) && !arguments.allow_remote) {
    return "--target: " + arguments.target + " is not this host; --allow-remote if you mean it";
  }
  options.target = *target;
  if (arguments.kind == "inform") options.kind = protocol::PduKind::inform;
  if (arguments.version == "v1") options.version = protocol::Version::v1;
  if (arguments.version == "v3") options.version = protocol::Version::v3;
  if (!arguments.hostile.empty() && (arguments.version != "v3" || arguments.kind != "trap")) {
    return "--hostile: for --version v3 and --kind trap";
  }
  if (options.kind == protocol::PduKind::inform && options.version == protocol::Version::v1) {
    return "--kind inform: SNMPv1 has no informs; use --version v2c";
  }
  if (arguments.prepare > 0 && (arguments.kind != "trap" || options.sources != 1)) {
    return "--prepare: for --kind trap and --sources 1";
  }
  if (options.community.size() > protocol::kMaxCommunityBytes) {
    return "--community: over 255 octets";
  }
  if (arguments.flat_out && arguments.per_sec > 0)
    return "--rate and --flat-out exclude each other";
  if (!arguments.flat_out && arguments.per_sec <= 0) arguments.per_sec = 1'000;
  if (!arguments.flat_out) options.per_sec = arguments.per_sec;
  if (arguments.count > 0) options.count = arguments.count;
  if (arguments.secs <= 0 && arguments.count == 0) arguments.secs = 10;
  if (arguments.secs > 0) {
    options.duration = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(arguments.secs));
  }
  options.timeout = std::chrono::milliseconds(arguments.timeout_ms);
  options.burst = std::chrono::microseconds(arguments.burst_us);
  options.run = static_cast<std::uint32_t>(base::SystemRandom().next());
  return {};
}

load::Hostility hostility_named(const std::string& name) {
  if (name == "digest") return load::Hostility::digest;
  return name == "engine" ? load::Hostility::engine : load::Hostility::forged;
}

// Of SNMPv3, where messages come from; its user must outlive them. Null when the receiver of
// informs did not tell its engineID.
std::unique_ptr<load::MessageSource> v3_source(const Arguments& arguments, const V3Access& v3,
                                               load::LoadSockets& sockets,
                                               const base::Clock& clock) {
  base::SystemRandom random;
  const load::LoadOptions& options = arguments.options;
  const protocol::usm::LocalEngine engine = sender_engine(clock, v3.engine_id);
  if (!arguments.hostile.empty()) {
    return std::make_unique<load::HostileSource>(hostility_named(arguments.hostile), options,
                                                 v3.user, engine, clock, random);
  }
  auto source = std::make_unique<load::V3Source>(
      options, v3.user, protocol::usm::OriginatorOptions{v3.level, v3.context_name, {}}, clock,
      random);
  if (options.kind == protocol::PduKind::trap) {
    source->send_as(engine);
  } else if (!source->discover(sockets, options.timeout, options.retries + 1)) {
    return nullptr;
  }
  return source;
}

// Sends it all and reports.
int drive_load(const Arguments& arguments, load::MessageSource& messages,
               load::LoadSockets& sockets, const base::Clock& clock) {
  const load::LoadOptions& options = arguments.options;
  load::AckedFile acked;
  if (!options.acked_path.empty() && !acked.open(options.acked_path, options.run)) {
    return fail(kExitUsage, "--acked: cannot write " + options.acked_path);
  }
  stop_on_signals();
  const bool informs = options.kind == protocol::PduKind::inform;
  const load::LoadResult result =
      informs ? load::send_informs(options, messages, sockets, clock, stop_requested,
                                   [&](std::uint32_t sequence) { acked.add(sequence); })
              : load::send_traps(options, messages, sockets, clock, stop_requested);
  if (!acked.close()) return fail(kExitFailed, "--acked: cannot write " + options.acked_path);
  std::fputs(report_load(options, result, arguments.json).c_str(), stdout);
  if (!informs || result.sent == 0 || result.acknowledged > 0) return 0;
  const std::string trouble = messages.trouble();
  return fail(kExitUnavailable, "no inform was acknowledged" +
                                    (trouble.empty() ? "" : "; the last answer: " + trouble));
}

int run_load(Arguments& arguments) {
  if (const std::string wrong = settle(arguments); !wrong.empty()) return fail(kExitUsage, wrong);
  const load::LoadOptions& options = arguments.options;
  arguments.access.version = arguments.version;
  const auto access = read_access(arguments.access);
  if (!access) return fail(kExitUsage, access.error());
  auto sockets = load::LoadSockets::open(options.target, options.sources);
  if (!sockets) return fail(kExitUnavailable, sockets.error());
  const base::SystemClock clock;
  if (access->v3) {
    const auto messages = v3_source(arguments, *access->v3, **sockets, clock);
    if (!messages) {
      return fail(kExitUnavailable, arguments.target + " does not tell its engineID");
    }
    if (arguments.prepare == 0) return drive_load(arguments, *messages, **sockets, clock);
    load::PreparedSource prepared(*messages, arguments.prepare);
    return drive_load(arguments, prepared, **sockets, clock);
  }
  const load::NotificationTemplate message(options);
  load::TemplateSource messages(message);
  return drive_load(arguments, messages, **sockets, clock);
}

int run_verify(const Arguments& arguments) {
  load::MarkAudit audit;
  std::string error;
  for (const std::string& path : arguments.verify_paths) {
    if (!audit.take_file(path, error)) return fail(kExitUsage, "--verify: " + error);
  }
  if (!arguments.run.empty()) {
    const char* const end = arguments.run.data() + arguments.run.size();
    std::uint32_t run = 0;
    if (std::from_chars(arguments.run.data(), end, run, 16).ptr != end) {
      return fail(kExitUsage, "--run: not a run as bench prints it: " + arguments.run);
    }
    audit.expect(run, arguments.expected);
  }
  VerifyReport report{audit};
  if (!arguments.options.acked_path.empty()) {
    const auto acked = load::read_acked_file(arguments.options.acked_path);
    if (!acked) return fail(kExitUsage, "--acked: cannot read " + arguments.options.acked_path);
    report.acknowledged = acked->sequences.size();
    report.acknowledged_missing = audit.count_missing(acked->run, acked->sequences);
  }
  std::fputs(report_verify(report, arguments.json).c_str(), stdout);
  return is_clean(report) ? 0 : kExitFailed;
}

void add_what_to_send(CLI::App& verb, Arguments& arguments) {
  load::LoadOptions& options = arguments.options;
  verb.add_option("--target", arguments.target, "where to, ADDRESS:PORT")->capture_default_str();
  verb.add_flag("--allow-remote", arguments.allow_remote, "allow a target that is not this host");
  verb.add_option("--kind", arguments.kind)
      ->check(CLI::IsMember({"trap", "inform"}))
      ->capture_default_str();
  verb.add_option("--version", arguments.version)
      ->check(CLI::IsMember({"v1", "v2c", "v3"}))
      ->capture_default_str();
  verb.add_option("--varbinds", options.varbinds, "variable bindings, the standard two included")
      ->check(CLI::Range(load::kLeastVarbinds, load::kMaxVarbinds))
      ->capture_default_str();
  verb.add_option("--community", options.community, "community")->capture_default_str();
  verb.add_option("--hostile", arguments.hostile,
                  "SNMPv3 traps to be refused: a wrong digest, another engine asked, an engine "
                  "nobody knows")
      ->check(CLI::IsMember({"digest", "engine", "forged"}));
  verb.add_option("--sources", options.sources, "different source ports")
      ->check(CLI::Range(1U, load::kMaxSources))
      ->capture_default_str();
}

void add_how_to_send(CLI::App& verb, Arguments& arguments) {
  load::LoadOptions& options = arguments.options;
  verb.add_option("--rate", arguments.per_sec, "notifications a second (1000)")
      ->check(CLI::Range(0.1, 1e7));
  verb.add_flag("--flat-out", arguments.flat_out, "as fast as this host can");
  verb.add_option("--secs", arguments.secs, "for so long (10, unless --count)")
      ->check(CLI::Range(0.01, 86'400.0));
  verb.add_option("--count", arguments.count, "so many")->check(CLI::Range(1U, 4'000'000'000U));
  verb.add_option("--burst-us", arguments.burst_us, "paced traps leave together for so long")
      ->check(CLI::Range(1U, 1'000U))
      ->capture_default_str();
  verb.add_option("--prepare", arguments.prepare, "SNMPv3 traps to encrypt before the load begins")
      ->check(CLI::Range(0U, 20'000'000U));
  verb.add_option("--window", options.window, "informs outstanding at a time")
      ->check(CLI::Range(1U, load::kMaxWindow))
      ->capture_default_str();
  verb.add_option("--timeout-ms", arguments.timeout_ms, "of each attempt of an inform")
      ->check(CLI::Range(1U, 600'000U))
      ->capture_default_str();
  verb.add_option("--retries", options.retries, "further attempts of an inform")
      ->check(CLI::Range(0U, 100'000U))
      ->capture_default_str();
  verb.add_option("--acked", options.acked_path,
                  "list of acknowledged informs to write, or with --verify to look for");
  verb.add_flag("--json", arguments.json, "print the result as one line of JSON");
}

void add_verify(CLI::App& verb, Arguments& arguments) {
  verb.add_option("--verify", arguments.verify_paths,
                  "send nothing; say what became of the runs in these files of JSON lines");
  CLI::Option* const run =
      verb.add_option("--run", arguments.run, "with --verify: the run that --sent is about");
  verb.add_option("--sent", arguments.expected, "with --verify: how many that run sent")
      ->needs(run);
}

}  // namespace

void add_bench(CLI::App& program, int& exit_code) {
  CLI::App* const verb =
      program.add_subcommand("bench", "send a measured load, or prove what arrived");
  const auto arguments = std::make_shared<Arguments>();
  add_what_to_send(*verb, *arguments);
  add_how_to_send(*verb, *arguments);
  add_v3_options(*verb, arguments->access);
  add_verify(*verb, *arguments);
  verb->callback([arguments, &exit_code] {
    exit_code = arguments->verify_paths.empty() ? run_load(*arguments) : run_verify(*arguments);
  });
}

}  // namespace trapline::gateway
