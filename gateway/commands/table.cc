// `trapline table`: tables and columns, joined by index.
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/commands/poll_options.h"
#include "gateway/commands/poll_run.h"
#include "gateway/commands/table_rows.h"
#include "gateway/poller/walk.h"

namespace trapline::gateway {
namespace {

using Oids = std::vector<protocol::Oid>;

// Of one column or table: they are kept until all of them are there.
constexpr std::size_t kMostCells = 1'000'000;

// One host's table. All its subtrees are walked at once, as far as the poller's limits let them.
class TableWork : public std::enable_shared_from_this<TableWork> {
 public:
  TableWork(const Oids& names, std::shared_ptr<HostReport> report, std::function<void()> finished)
      : rows_(names), report_(std::move(report)), finished_(std::move(finished)) {}

  void begin(Poller& poller, const Device& device) {
    left_ = rows_.roots().size();
    for (const protocol::Oid& root : rows_.roots()) {
      WalkOptions walk;
      walk.root = root;
      walk.most_values = kMostCells;
      Walk::begin(
          poller, device, std::move(walk),
          [self = shared_from_this()](PolledVarBind value) { self->rows_.add(std::move(value)); },
          [self = shared_from_this()](const WalkEnd& end) { self->on_end(end); });
    }
  }

 private:
  void on_end(const WalkEnd& end) {
    if (end.outcome != GetOutcome::answered) report_->failure(end.outcome, end.reason);
    if (--left_ != 0) return;
    if (rows_.size() == 0) {
      if (report_->exit_code() == kExitOk) {
        report_->failure(GetOutcome::error_status, "the device has no row of this");
      }
    } else if (report_->json()) {
      for (const std::string& line : rows_.json(report_->label())) report_->line(line);
    } else {
      report_->block(rows_.text());
    }
    finished_();
  }

  TableRows rows_;
  const std::shared_ptr<HostReport> report_;
  const std::function<void()> finished_;
  std::size_t left_ = 0;
};

int table(PollOptions& options) {
  const auto polling = read_polling(options);
  const auto names = polling ? read_oids(polling->names)
                             : base::Result<Oids, std::string>(boost::system::in_place_error, "");
  std::string problem = !polling ? polling.error() : !names ? names.error() : "";
  if (problem.empty() && names->empty()) problem = "a NAME is missing, like ifTable";
  if (!problem.empty()) {
    fmt::print(stderr, "trapline table: {}\n", problem);
    return kExitUsage;
  }
  const PollRunOptions run =
      run_options(options.concurrency, options.packets_per_sec, options.access.json);
  return run_polling(polling->targets, run,
                     [&names](Poller& poller, const PollTarget& target,
                              std::shared_ptr<HostReport> report, std::function<void()> finished) {
                       std::make_shared<TableWork>(*names, std::move(report), std::move(finished))
                           ->begin(poller, target.device);
                     });
}

}  // namespace

void add_table_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<PollOptions>();
  CLI::App* verb = program.add_subcommand("table", "ask devices for tables or some columns");
  verb->footer(
      "NAME is a table, or a column; columns of several tables are joined by index.\n\n"
      "example:\n  trapline table 192.0.2.1 ifName ifAlias ifOperStatus ifHCInOctets\n\n"
      "Exit codes: 1 an SNMP error, no row or an answer that cannot be read, 69 no answer.");
  add_poll_options(*verb, *options);
  verb->callback([options, &exit_code] { exit_code = table(*options); });
}

}  // namespace trapline::gateway
