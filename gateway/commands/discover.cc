// `trapline discover`: who answers in a range of addresses.
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/json_writer.h"
#include "gateway/commands/address_range.h"
#include "gateway/commands/commands.h"
#include "gateway/commands/poll_options.h"
#include "gateway/commands/poll_run.h"
#include "gateway/commands/poll_text.h"
#include "gateway/commands/udp_target.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kMostAddresses = 65'536;

struct DiscoverOptions {
  AccessOptions access;
  std::string range;
  std::uint16_t port = kSnmpPort;
  std::size_t concurrency = 64;
  unsigned packets_per_sec = 0;
};

// What is asked of each address.
std::vector<protocol::Oid> wanted() {
  return {*protocol::Oid::parse("1.3.6.1.2.1.1.1.0"), *protocol::Oid::parse("1.3.6.1.2.1.1.2.0"),
          *protocol::Oid::parse("1.3.6.1.2.1.1.5.0")};
}

// A description has lines; ours has one.
std::string one_line(const PolledVarBind& value) {
  if (value.is_exception()) return "-";
  const std::string text = cell_text(value);
  return text.empty() ? "-" : text;
}

std::string found_json(const std::string& host, const GetAnswer& answer) {
  std::string line;
  base::JsonWriter json(line);
  json.begin_object();
  json.key("address"), json.value(std::string_view(host));
  const char* const names[] = {"sysDescr", "sysObjectID", "sysName"};
  for (std::size_t i = 0; i < answer.values.size(); ++i) {
    const PolledVarBind& value = answer.values[i];
    json.key(names[i]);
    if (value.is_exception()) {
      json.null();
    } else if (value.type == protocol::ValueType::octet_string) {
      json.value(base::as_text(value.content));
    } else {
      json.value(std::string_view(cell_text(value)));
    }
  }
  json.key("latency_ms");
  json.value(std::chrono::duration<double, std::milli>(answer.latency).count());
  json.end_object();
  return line;
}

// Answers that are no values are news too: somebody is there.
void report_answer(const GetAnswer& answer, HostReport& report, std::size_t& found) {
  if (answer.outcome == GetOutcome::no_answer || answer.outcome == GetOutcome::unreachable) return;
  ++found;
  if (answer.outcome != GetOutcome::answered) {
    report.failure(answer.outcome, answer.reason);
    return;
  }
  if (report.json()) {
    report.plain(found_json(report.host(), answer));
  } else {
    report.plain(fmt::format("{}\t{}\t{}\t{}", report.host(), one_line(answer.values[2]),
                             one_line(answer.values[1]), one_line(answer.values[0])));
  }
}

void show_progress(std::size_t done, std::size_t all, std::size_t found) {
  fmt::print(stderr, "\r{} of {} addresses asked, {} found{}", done, all, found,
             done == all ? "\n" : "");
}

int discover(DiscoverOptions& options) {
  const auto device = read_device(options.access);
  const auto prefix = base::IpPrefix::parse(options.range);
  std::string problem = device ? "" : device.error();
  if (problem.empty() && !prefix) {
    problem = "`" + options.range + "` is not a range: write it like 192.0.2.0/24";
  }
  if (problem.empty() && address_count(*prefix) > kMostAddresses) {
    problem = options.range + " has more than 65536 addresses: ask for smaller ranges";
  }
  if (!problem.empty()) {
    fmt::print(stderr, "trapline discover: {}\n", problem);
    return kExitUsage;
  }
  std::vector<PollTarget> targets;
  for (const base::IpAddress& address : addresses_of(*prefix)) {
    PollTarget target{address.to_string(), *device, {}};
    target.device.address = {address, options.port};
    targets.push_back(std::move(target));
  }
  std::size_t found = 0;
  PollRunOptions run =
      run_options(options.concurrency, options.packets_per_sec, options.access.json);
  if (isatty(STDERR_FILENO) != 0) {
    run.progress = [&found](std::size_t done, std::size_t all) { show_progress(done, all, found); };
  }
  const int exit_code =
      run_polling(targets, run,
                  [&found](Poller& poller, const PollTarget& target,
                           std::shared_ptr<HostReport> report, std::function<void()> finished) {
                    poller.get(target.device, wanted(), [=, &found](const GetAnswer& answer) {
                      report_answer(answer, *report, found);
                      finished();
                    });
                  });
  if (!options.access.json) {
    fmt::print(stderr, "{} of {} addresses answered\n", found, targets.size());
  }
  return found == 0 ? kExitUnavailable : exit_code;
}

}  // namespace

void add_discover_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<DiscoverOptions>();
  CLI::App* verb = program.add_subcommand("discover", "find the devices in a range of addresses");
  verb->footer(
      "Prints address, sysName, sysObjectID and sysDescr of each device that answers.\n\n"
      "example:\n  trapline discover --community ro --timeout-ms 500 192.0.2.0/24\n\n"
      "Exit codes: 1 a device answered with an error, 69 nobody answered.");
  add_access_options(*verb, options->access);
  verb->add_option("--port", options->port, "UDP port of the devices")
      ->check(CLI::Range(1U, 65'535U))
      ->capture_default_str();
  add_pace_options(*verb, options->concurrency, options->packets_per_sec);
  verb->add_option("CIDR", options->range, "the range, like 192.0.2.0/24")->required();
  verb->callback([options, &exit_code] { exit_code = discover(*options); });
}

}  // namespace trapline::gateway
