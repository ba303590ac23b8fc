// trapline diff: which stored events another configuration would treat differently.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

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

// What was decided about one record under both configurations, and how the record is named.
struct Compared {
  std::string id;
  std::string text;
  std::vector<OutcomeFields> before;
  std::vector<OutcomeFields> after;
};

// Both configurations, going through the same records. What is decided about a record may follow
// from a later one, and need not from the same one under both: it is compared when neither has it
// wait.
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
    const journal::Lsn lsn = record.ref.lsn;
    before_.decide(record, segment.node, takes_before_);
    after_.decide(record, segment.node, takes_after_);
    for (Decider* const decider : {&before_, &after_}) (void)decider->take_wishes();
    if (record.type == journal::RecordType::event) ++events_;
    const bool waits = before_.is_waiting(lsn) || after_.is_waiting(lsn);
    if (waits || open_.contains(lsn)) name(segment, record);
    compare_settled();
  }
  // Nothing more is to come.
  void end() {
    before_.give_up_waiting(takes_before_);
    after_.give_up_waiting(takes_after_);
    compare_settled();
  }

  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t changed() const { return changed_; }

 private:
  // Keeps what is decided under one of them.
  class Keeping final : public OutcomeTaker {
   public:
    Keeping(Comparison& all, std::vector<OutcomeFields> Compared::*side) : all_(all), side_(side) {}
    void take(const journal::Outcome& outcome, const journal::RecordView& about) override {
      if (!outcome.decides()) return;
      (all_.open_[about.ref.lsn].*side_).push_back(fields_of(outcome));
      all_.touched_.push_back(about.ref.lsn);
    }

   private:
    Comparison& all_;
    std::vector<OutcomeFields> Compared::*const side_;
  };

  void name(const journal::SegmentSummary& segment, const journal::RecordView& record) {
    Compared& open = open_[record.ref.lsn];
    open.id = ids_.of(record, segment.node);
    const bool waits = before_.is_waiting(record.ref.lsn) || after_.is_waiting(record.ref.lsn);
    if (json_ || (!waits && open.before == open.after)) return;
    renderer_.append_text(record, segment.node, open.text);
  }

  // Something was decided about these: they are compared when nothing more is to come.
  void compare_settled() {
    std::ranges::sort(touched_);
    for (const journal::Lsn lsn : touched_) {
      const auto open = open_.find(lsn);
      if (open == open_.end() || before_.is_waiting(lsn) || after_.is_waiting(lsn)) continue;
      if (open->second.before != open->second.after) {
        ++changed_;
        json_ ? print_json(lsn, open->second) : print(open->second);
      }
      open_.erase(open);
    }
    touched_.clear();
  }

  static void print(const Compared& record) {
    const auto& [id, text, before, after] = record;
    fmt::print("{}\n", text);
    const std::size_t both = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < both; ++i) {
      const std::string difference = difference_of(before[i], after[i]);
      if (!difference.empty()) fmt::print("    {}\n", difference);
    }
    for (std::size_t i = both; i < before.size(); ++i) {
      fmt::print("    no longer: {}\n", text_of(before[i]));
    }
    for (std::size_t i = both; i < after.size(); ++i) {
      fmt::print("    new: {}\n", text_of(after[i]));
    }
  }

  static void print_json(journal::Lsn lsn, const Compared& record) {
    using Json = nlohmann::ordered_json;
    const auto list = [](const std::vector<OutcomeFields>& outcomes) {
      Json all = Json::array();
      for (const OutcomeFields& fields : outcomes) {
        Json one = Json::object();
        for (const auto& [name, value] : fields) {
          if (!value.empty()) one[name] = value;
        }
        all.push_back(std::move(one));
      }
      return all;
    };
    const Json line = {{"lsn", lsn.value},
                       {"id", record.id},
                       {"before", list(record.before)},
                       {"after", list(record.after)}};
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  Decider before_;
  Decider after_;
  Keeping takes_before_{*this, &Compared::before};
  Keeping takes_after_{*this, &Compared::after};
  const bool json_;
  RecordRenderer renderer_;
  EventIds ids_;
  std::map<journal::Lsn, Compared> open_;
  std::vector<journal::Lsn> touched_;  // by the record in hand
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
  comparison.end();
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
