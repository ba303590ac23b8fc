// `trapline rates`: counters as rates, over two or more polls.
#include <time.h>

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/commands/poll_options.h"
#include "gateway/commands/poll_run.h"
#include "gateway/commands/rate_samples.h"
#include "gateway/poller/walk.h"
#include "protocol/well_known.h"

namespace trapline::gateway {
namespace {

using Oids = std::vector<protocol::Oid>;
using Report = std::shared_ptr<HostReport>;
using Samples = std::shared_ptr<RateSamples>;
using Finished = std::function<void()>;

struct RatesOptions : PollOptions {
  double interval_secs = 10;
  unsigned count = 2;
  double most_per_sec = 0;
};

// Below one name: they are kept from poll to poll.
constexpr std::size_t kMostCounters = 1'000'000;

std::chrono::nanoseconds now() { return base::SystemClock().boot().time_since_epoch(); }

// The last poll of each host, by its name.
using LastSamples = std::map<std::string, Samples>;

// One host's poll: sysUpTime, then each subtree. Its first poll says nothing.
class RatePoll : public std::enable_shared_from_this<RatePoll> {
 public:
  RatePoll(const RatesOptions& options, const Oids& roots, LastSamples& last, Report report,
           Finished finished)
      : options_(options),
        roots_(roots),
        last_(last),
        report_(std::move(report)),
        finished_(std::move(finished)) {}

  void begin(Poller& poller, const Device& device) {
    poller.get(device, {protocol::Oid(protocol::well_known::sys_up_time_0())},
               [self = shared_from_this(), &poller, device](const GetAnswer& answer) {
                 self->on_uptime(poller, device, answer);
               });
  }

 private:
  // A device without sysUpTime is measured by our clock.
  void on_uptime(Poller& poller, const Device& device, const GetAnswer& answer) {
    if (answer.outcome != GetOutcome::answered) {
      report_->failure(answer.outcome, answer.reason);
      return finished_();
    }
    const PolledVarBind& uptime = answer.values.front();
    std::optional<std::uint32_t> ticks;
    if (uptime.type == protocol::ValueType::time_ticks) {
      ticks = static_cast<std::uint32_t>(uptime.number);
    }
    samples_ = std::make_shared<RateSamples>(now(), ticks);
    walk(poller, device, 0);
  }

  void walk(Poller& poller, const Device& device, std::size_t place) {
    if (place == roots_.size()) return finish();
    WalkOptions walk_options;
    walk_options.root = roots_[place];
    walk_options.most_values = kMostCounters;
    Walk::begin(
        poller, device, std::move(walk_options),
        [self = shared_from_this()](const PolledVarBind& value) {
          static_cast<void>(self->samples_->add(value));
        },
        [self = shared_from_this(), &poller, device, place](const WalkEnd& end) {
          if (end.outcome == GetOutcome::answered) return self->walk(poller, device, place + 1);
          self->report_->failure(end.outcome, end.reason);
          self->finished_();
        });
  }

  void finish() {
    samples_->prefer_wide();
    if (samples_->size() == 0) {
      report_->failure(GetOutcome::error_status, "the device has no counter of this name");
      return finished_();
    }
    const Samples before = std::exchange(last_[report_->host()], samples_);
    if (before) {
      const auto lines = report_->json()
                             ? samples_->json(*before, options_.most_per_sec, report_->label())
                             : samples_->lines(*before, options_.most_per_sec);
      for (const std::string& line : lines) report_->line(line);
    }
    finished_();
  }

  const RatesOptions& options_;
  const Oids& roots_;
  LastSamples& last_;
  const Report report_;
  const Finished finished_;
  Samples samples_;
};

// Polls begin `interval_secs` apart, however long each takes.
void sleep_until(std::chrono::nanoseconds at) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
  const timespec when{seconds.count(), (at - seconds).count()};
  while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &when, nullptr) == EINTR) {}
}

int poll_repeatedly(const RatesOptions& options, const Polling& polling, const Oids& roots) {
  const PollRunOptions run =
      run_options(options.concurrency, options.packets_per_sec, options.access.json);
  LastSamples last;
  const std::chrono::nanoseconds began = now();
  const auto interval = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.interval_secs));
  int exit_code = kExitOk;
  for (unsigned poll = 0; poll < options.count; ++poll) {
    sleep_until(began + poll * interval);
    const int one = run_polling(
        polling.targets, run,
        [&](Poller& poller, const PollTarget& target, Report report, Finished finished) {
          std::make_shared<RatePoll>(options, roots, last, std::move(report), std::move(finished))
              ->begin(poller, target.device);
        });
    exit_code = worse_exit_code(exit_code, one);
  }
  return exit_code;
}

int rates(RatesOptions& options) {
  const auto polling = read_polling(options);
  if (!polling) {
    fmt::print(stderr, "trapline rates: {}\n", polling.error());
    return kExitUsage;
  }
  std::vector<std::string> names = polling->names;
  if (names.empty()) names = {"ifInOctets", "ifOutOctets"};
  auto roots = read_oids(names);
  if (!roots) {
    fmt::print(stderr, "trapline rates: {}\n", roots.error());
    return kExitUsage;
  }
  for (protocol::Oid& wide : wide_columns_of(*roots)) roots->push_back(std::move(wide));
  return poll_repeatedly(options, *polling, *roots);
}

}  // namespace

void add_rates_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<RatesOptions>();
  CLI::App* verb = program.add_subcommand("rates", "poll counters and print their rates");
  verb->footer(
      "NAME is a counter, a column or a subtree (default: ifInOctets ifOutOctets). Where a device "
      "has\nthe 64-bit counter beside it (ifHCInOctets), that one is taken.\n\n"
      "example:\n  trapline rates --interval 5 --count 12 192.0.2.1 ifInOctets.7 ifOutOctets.7\n\n"
      "Exit codes: 1 an SNMP error, no counter or an answer that cannot be read, 69 no answer.");
  add_poll_options(*verb, *options);
  verb->add_option("--interval", options->interval_secs, "seconds from poll to poll")
      ->check(CLI::Range(0.05, 86'400.0))
      ->capture_default_str();
  verb->add_option("--count", options->count, "how many polls")
      ->check(CLI::Range(2U, 1'000'000U))
      ->capture_default_str();
  verb->add_option("--max-rate", options->most_per_sec,
                   "a rate above is implausible (125e6 of 32-bit counters that went back, "
                   "1.25e12 of 64-bit ones)")
      ->check(CLI::PositiveNumber);
  verb->callback([options, &exit_code] { exit_code = rates(*options); });
}

}  // namespace trapline::gateway
