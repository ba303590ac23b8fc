// trapline diff: which stored events another configuration would treat differently.
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/commands/outcome_fields.h"
#include "gateway/commands/record_text.h"
#include "gateway/commands/rules_of_file.h"
#include "gateway/commands/stored_range.h"
#include "gateway/journal/posix_fs.h"

namespace trapline::gateway {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
  std::string replay = "1h";
  std::string data_dir;
  bool json = false;
};

// Both configurations, going through the same records.
class Comparison {
 public:
  Comparison(const BuiltConfig& before, const BuiltConfig& after, bool json)
      : before_(before.rules, before.config.sink_names),
        after_(after.rules, after.config.sink_names),
        json_(json) {
    before_.set_budget(before.config.poller.budget);
    after_.set_budget(after.config.poller.budget);
  }

  void see(const journal::SegmentSummary& segment, const journal::RecordView& record) {
    OutcomeList before;
    OutcomeList after;
    before_.decide(record, segment.node, before);
    after_.decide(record, segment.node, after);
    if (record.type == journal::RecordType::event) ++events_;
    if (before.outcomes == after.outcomes) return;
    ++changed_;
    json_ ? print_json(segment, record, before, after) : print(segment, record, before, after);
  }

  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t changed() const { return changed_; }

 private:
  void print(const journal::SegmentSummary& segment, const journal::RecordView& record,
             const OutcomeList& before, const OutcomeList& after) {
    std::string line;
    renderer_.append_text(record, segment.node, line);
    fmt::print("{}\n", line);
    const std::size_t both = std::min(before.outcomes.size(), after.outcomes.size());
    for (std::size_t i = 0; i < both; ++i) {
      const std::string difference = difference_of(before.outcomes[i], after.outcomes[i]);
      if (!difference.empty()) fmt::print("    {}\n", difference);
    }
    for (std::size_t i = both; i < before.outcomes.size(); ++i) {
      fmt::print("    no longer: {}\n", text_of(before.outcomes[i]));
    }
    for (std::size_t i = both; i < after.outcomes.size(); ++i) {
      fmt::print("    new: {}\n", text_of(after.outcomes[i]));
    }
  }

  void print_json(const journal::SegmentSummary& segment, const journal::RecordView& record,
                  const OutcomeList& before, const OutcomeList& after) {
    using Json = nlohmann::ordered_json;
    const auto list = [](const OutcomeList& outcomes) {
      Json all = Json::array();
      for (const OutcomeFields& fields : outcomes.outcomes) {
        Json one = Json::object();
        for (const auto& [name, value] : fields) {
          if (!value.empty()) one[name] = value;
        }
        all.push_back(std::move(one));
      }
      return all;
    };
    const Json line = {{"lsn", record.ref.lsn.value},
                       {"id", std::string(ids_.of(record, segment.node))},
                       {"before", list(before)},
                       {"after", list(after)}};
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  Decider before_;
  Decider after_;
  const bool json_;
  RecordRenderer renderer_;
  EventIds ids_;
  std::uint64_t events_ = 0;
  std::uint64_t changed_ = 0;
};

int diff(const DiffOptions& options) {
  const auto bound = parse_bound(options.replay, base::SystemClock().wall());
  if (!bound) {
    fmt::print(stderr,
               "--replay {}: expected how long ago (15m, 1h, 2d), a time "
               "(2026-11-21T09:00:00Z) or an LSN\n",
               options.replay);
    return kExitUsage;
  }
  const auto before = rules_of_file(options.before);
  const auto after = rules_of_file(options.after);
  for (const auto* config : {&before, &after}) {
    if (*config) continue;
    for (const std::string& line : config->error().lines) fmt::print(stderr, "{}\n", line);
  }
  if (!before || !after) return kExitConfiguration;
  const std::string data_dir =
      options.data_dir.empty() ? before->config.data_dir : options.data_dir;
  Comparison comparison(*before, *after, options.json);
  journal::PosixFs fs;
  const auto done = visit_range(fs, data_dir + "/journal", {*bound, {}},
                                [&](const auto& segment, const auto& record) {
                                  comparison.see(segment, record);
                                  return true;
                                });
  if (!done) {
    fmt::print(stderr, "cannot read the journal in {}/journal: {}; --data-dir names another\n",
               data_dir, name_of(done.error()));
    return kExitConfiguration;
  }
  if (!options.json) {
    fmt::print("{} of {} events would be treated differently\n", comparison.changed(),
               comparison.events());
  }
  return comparison.changed() == 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_diff_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* verb = program.add_subcommand(
      "diff",
      "show which stored events another configuration would treat differently; exit 1 if "
      "any");
  verb->add_option("old", options->before, "the configuration as it is")->required();
  verb->add_option("new", options->after, "the configuration as it shall be")->required();
  verb->add_option("--replay", options->replay,
                   "from when on: how long ago (15m, 1h, 2d), a time, or an LSN; the state of the "
                   "rules is empty there")
      ->capture_default_str();
  verb->add_option("--data-dir", options->data_dir,
                   "whose journal (default: that of the old configuration)");
  verb->add_flag("--json", options->json, "print a JSON line for each");
  verb->callback([options, &exit_code] { exit_code = diff(*options); });
}

}  // namespace trapline::gateway
