// `trapline get`, `getnext` and `bulkwalk`: values of one or many hosts.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/commands/poll_options.h"
#include "gateway/commands/poll_run.h"
#include "gateway/poller/walk.h"
#include "protocol/error_status.h"
#include "protocol/mib/mib_index.h"
#include "protocol/oid_order.h"

namespace trapline::gateway {
namespace {

using protocol::RequestKind;
using protocol::Version;
using Oids = std::vector<protocol::Oid>;
using Report = std::shared_ptr<HostReport>;
using Finished = std::function<void()>;

struct GetOptions : PollOptions {
  std::int32_t max_repetitions = 25;
};

std::string name_text(const protocol::Oid& oid) {
  std::string text;
  protocol::mib::MibIndex::built_in().append_name(oid, text);
  return text;
}

// SNMPv1 has no exceptions: what is missing was an error there, and is told as one.
void report_values(const GetAnswer& answer, Version version, bool numeric, HostReport& report) {
  for (const PolledVarBind& value : answer.values) {
    if (version != Version::v1 || !value.is_exception()) {
      report.value(value, numeric);
      continue;
    }
    report.failure(
        GetOutcome::error_status,
        "noSuchName: " + std::string(protocol::error_status_meaning(protocol::kNoSuchName)) + " (" +
            name_text(value.name) + ")");
  }
  if (answer.outcome != GetOutcome::answered) report.failure(answer.outcome, answer.reason);
}

void get_from(Poller& poller, const Device& device, const Oids& oids, bool numeric,
              const Report& report, const Finished& finished) {
  poller.get(device, oids, [=, version = device.access->version](const GetAnswer& answer) {
    report_values(answer, version, numeric, *report);
    finished();
  });
}

// What comes behind a name is greater than it (RFC 3416 §4.2.2).
void report_disorder(const GetAnswer& answer, const Oids& asked, HostReport& report) {
  for (std::size_t i = 0; i < answer.values.size(); ++i) {
    const PolledVarBind& value = answer.values[i];
    if (value.is_exception() || lexicographic_order(value.name, asked[i]) > 0) continue;
    report.failure(GetOutcome::malformed,
                   "the agent's names do not increase: " + name_text(value.name) + " after " +
                       name_text(asked[i]));
  }
}

void get_next_from(Poller& poller, const Device& device, const Oids& oids, bool numeric,
                   const Report& report, const Finished& finished) {
  Question question;
  question.kind = RequestKind::get_next;
  question.names = oids;
  poller.ask(device, std::move(question),
             [=, version = device.access->version](const GetAnswer& answer) {
               report_values(answer, version, numeric, *report);
               report_disorder(answer, oids, *report);
               finished();
             });
}

// One subtree after the other, each from its beginning.
void walk_from(Poller& poller, const Device& device, const std::shared_ptr<const Oids>& roots,
               std::size_t place, const GetOptions& options, const Report& report,
               const Finished& finished) {
  if (place == roots->size()) return finished();
  WalkOptions walk;
  walk.root = (*roots)[place];
  walk.max_repetitions = options.max_repetitions;
  const bool numeric = options.numeric;
  Walk::begin(
      poller, device, std::move(walk),
      [report, numeric](const PolledVarBind& value) { report->value(value, numeric); },
      [=, &poller, &options](const WalkEnd& end) {
        if (end.outcome == GetOutcome::answered) {
          return walk_from(poller, device, roots, place + 1, options, report, finished);
        }
        report->failure(end.outcome, end.reason);
        finished();
      });
}

// Reads the command line and runs `task` for each host.
int poll(const char* verb, GetOptions& options,
         const std::function<HostTask(std::shared_ptr<const Oids>)>& task_for, bool needs_names) {
  const auto polling = read_polling(options);
  const auto oids = polling ? read_oids(polling->names)
                            : base::Result<Oids, std::string>(boost::system::in_place_error, "");
  std::string problem = !polling ? polling.error() : !oids ? oids.error() : "";
  if (problem.empty() && oids->size() > kMaxNamesPerGet) problem = "at most 128 NAMEs at a time";
  if (problem.empty() && needs_names && oids->empty()) problem = "a NAME is missing";
  if (!problem.empty()) {
    fmt::print(stderr, "trapline {}: {}\n", verb, problem);
    return kExitUsage;
  }
  const PollRunOptions run =
      run_options(options.concurrency, options.packets_per_sec, options.access.json);
  return run_polling(polling->targets, run, task_for(std::make_shared<const Oids>(*oids)));
}

// Of `get` and `getnext`, which differ in one function.
using AskOnce = void (*)(Poller&, const Device&, const Oids&, bool, const Report&, const Finished&);

int ask_once(const char* verb, GetOptions& options, AskOnce ask) {
  return poll(
      verb, options,
      [&](std::shared_ptr<const Oids> oids) -> HostTask {
        return [&options, ask, oids](Poller& poller, const PollTarget& target, Report report,
                                     Finished finished) {
          ask(poller, target.device, *oids, options.numeric, report, finished);
        };
      },
      true);
}

int bulkwalk(GetOptions& options) {
  return poll(
      "bulkwalk", options,
      [&](std::shared_ptr<const Oids> oids) -> HostTask {
        // As net-snmp's tools do without a name: all of mib-2.
        if (oids->empty()) {
          oids = std::make_shared<const Oids>(Oids{*protocol::Oid::parse("1.3.6.1.2.1")});
        }
        return [&options, oids](Poller& poller, const PollTarget& target, Report report,
                                Finished finished) {
          walk_from(poller, target.device, oids, 0, options, report, finished);
        };
      },
      false);
}

constexpr const char* kExitCodes =
    "Exit codes: 1 an SNMP error, an exception or an answer that cannot be read, 69 no answer.";

CLI::App* add_verb(CLI::App& program, const char* name, const char* help,
                   const std::shared_ptr<GetOptions>& options, const char* example) {
  CLI::App* verb = program.add_subcommand(name, help);
  verb->footer(std::string("example:\n  ") + example + "\n\n" + kExitCodes);
  add_poll_options(*verb, *options);
  return verb;
}

}  // namespace

void add_get_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* verb = add_verb(program, "get", "ask devices for values", options,
                            "trapline get --community ro 192.0.2.1 sysName.0 ifAlias.7");
  verb->callback([options, &exit_code] { exit_code = ask_once("get", *options, get_from); });
}

void add_getnext_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* verb = add_verb(program, "getnext", "ask devices for what comes behind names", options,
                            "trapline getnext 192.0.2.1 ifIndex");
  verb->callback(
      [options, &exit_code] { exit_code = ask_once("getnext", *options, get_next_from); });
}

void add_bulkwalk_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* verb = add_verb(program, "bulkwalk", "ask devices for all values below names", options,
                            "trapline bulkwalk 192.0.2.1 ifXTable");
  verb->add_option("--max-repetitions", options->max_repetitions, "values asked for at a time")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  verb->callback([options, &exit_code] { exit_code = bulkwalk(*options); });
}

}  // namespace trapline::gateway
