// trapline replay: stored events through rules again.
#include <deque>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "gateway/commands/commands.h"
#include "gateway/commands/gateway_choice.h"
#include "gateway/commands/outcome_fields.h"
#include "gateway/commands/redelivery.h"
#include "gateway/commands/rules_of_file.h"
#include "gateway/commands/stored_range.h"
#include "gateway/config/config_loader.h"
#include "gateway/event_ids.h"
#include "gateway/journal/event_record.h"
#include "gateway/journal/posix_fs.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kMostShown = 20;

struct ReplayOptions {
  std::string config_path{kDefaultConfigPath};
  std::string data_dir;
  std::string from;
  std::string to;
  std::string sink;
  bool verify = false;
  bool dry_run = false;
};

// What was decided, next to what is on record. OUTCOMEs stand behind the records they are about, in
// the order in which they were decided: what was decided waits here for them.
class OnRecord {
 public:
  // From here on, what is decided follows from this record.
  void begin(journal::Lsn of) {
    at_ = of;
    open_.try_emplace(of, 0);
  }
  void decided(const journal::Outcome& outcome) {
    waiting_.push_back({at_, outcome.event.lsn, fields_of(outcome)});
    ++open_[outcome.event.lsn];
  }
  void recorded(const journal::RecordView& record) {
    journal::Outcome outcome;
    if (!journal::decode_outcome(record.payload, scratch_, outcome) || !outcome.decides()) return;
    const auto open = open_.find(outcome.event.lsn);
    // Decided before the range began.
    if (open == open_.end()) return;
    ++compared_;
    const OutcomeFields stored = fields_of(outcome);
    if (open->second == 0) {
      tell(outcome.event.lsn, "on record only: " + text_of(stored));
      return;
    }
    while (waiting_.front().of != outcome.event.lsn) take_missing();
    const OutcomeFields& fields = waiting_.front().fields;
    if (fields != stored) tell(outcome.event.lsn, difference_of(stored, fields));
    take();
    forget_settled();
  }
  // Nothing more is on record: what followed from a record that has an OUTCOME is missing there.
  void end(journal::Lsn last_decided) {
    while (!waiting_.empty() && waiting_.front().at <= last_decided) take_missing();
  }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  [[nodiscard]] std::uint64_t differ() const { return differ_; }

 private:
  struct Decided {
    journal::Lsn at;  // the record that led to it
    journal::Lsn of;  // the record it is about
    OutcomeFields fields;
  };

  void take() {
    --open_[waiting_.front().of];
    waiting_.pop_front();
  }
  void take_missing() {
    tell(waiting_.front().of, "not on record: " + text_of(waiting_.front().fields));
    take();
  }
  void forget_settled() {
    constexpr std::size_t kMostOpen = 1'000'000;
    while (open_.size() > kMostOpen && open_.begin()->second == 0) open_.erase(open_.begin());
  }
  void tell(journal::Lsn lsn, const std::string& what) {
    if (++differ_ <= kMostShown) fmt::print("LSN {}: {}\n", lsn.value, what);
  }

  journal::OutcomeScratch scratch_;
  journal::Lsn at_;
  std::deque<Decided> waiting_;
  std::map<journal::Lsn, std::size_t> open_;  // how many of `waiting_` are about each record
  std::uint64_t compared_ = 0;
  std::uint64_t differ_ = 0;
};

// What a replay comes to.
struct Tally {
  std::uint64_t events = 0;
  std::uint64_t synthetic = 0;
  std::map<std::string, std::uint64_t, std::less<>> routed;
};

// Counts decisions, compares them, and hands those for one sink to it.
class Counting final : public OutcomeTaker {
 public:
  Counting(Tally& tally, Redelivery* sink, OnRecord* on_record)
      : tally_(tally), sink_(sink), on_record_(on_record) {}
  // What is decided next follows from this record.
  void begin(const journal::SegmentSummary& segment, const journal::RecordView& record) {
    node_ = segment.node;
    const bool decides = record.type != journal::RecordType::checkpoint;
    if (on_record_ != nullptr && decides) on_record_->begin(record.ref.lsn);
  }
  void take(const journal::Outcome& outcome, const journal::RecordView& about) override {
    if (!outcome.decides()) return;
    if (on_record_ != nullptr) on_record_->decided(outcome);
    if (outcome.synthetic) ++tally_.synthetic;
    for (const std::string_view sink : outcome.sinks) {
      const auto [entry, added] = tally_.routed.try_emplace(std::string(sink));
      ++entry->second;
      if (sink_ != nullptr && sink == sink_->name()) {
        hand_over(outcome, about);
      }
    }
  }

 private:
  void hand_over(const journal::Outcome& outcome, const journal::RecordView& about) {
    if (!outcome.synthetic) return sink_->offer(outcome, about, ids_.of(about, node_));
    const auto kept = journal::kept_record(outcome.kept_event);
    if (kept) sink_->offer(outcome, *kept, outcome.id);
  }

  Tally& tally_;
  Redelivery* const sink_;
  OnRecord* const on_record_;
  std::string node_;
  EventIds ids_;
};

void print_tally(const Tally& tally) {
  fmt::print("{} events decided, {} synthetic\n", tally.events, tally.synthetic);
  for (const auto& [sink, count] : tally.routed) fmt::print("  {:<20} {:>10}\n", sink, count);
}

bool read_bound(const std::string& text, const char* name, StoredBound& bound) {
  if (text.empty()) return true;
  const auto parsed = parse_bound(text, base::SystemClock().wall());
  if (parsed) bound = *parsed;
  if (!parsed) {
    fmt::print(stderr,
               "{} {}: expected an LSN, a time (2026-11-21T09:00:00Z) or how long ago (15m, 1h)\n",
               name, text);
  }
  return parsed.has_value();
}

// Everything in the range through the rules; true when the journal could be read to the end.
journal::FsResult<void> go_through(const std::string& directory, const StoredRange& range,
                                   Decider& decider, Counting& counting, Tally& tally,
                                   OnRecord* on_record, Redelivery* sink) {
  journal::PosixFs fs;
  journal::Lsn last_decided;
  const auto done = visit_range(fs, directory, range, [&](const auto& segment, const auto& record) {
    if (record.type == journal::RecordType::outcome) {
      last_decided = std::max(last_decided, journal::outcome_event(record.payload).lsn);
      if (on_record != nullptr) on_record->recorded(record);
      return true;
    }
    counting.begin(segment, record);
    decider.decide(record, segment.node, counting);
    (void)decider.take_wishes();  // nobody is asked
    if (record.type == journal::RecordType::event) ++tally.events;
    return sink == nullptr || sink->well();
  });
  if (on_record != nullptr) {
    on_record->end(last_decided);
  } else {
    decider.give_up_waiting(counting);
  }
  return done;
}

int replay(const ReplayOptions& options) {
  StoredRange range;
  if (!read_bound(options.from, "--from", range.from) ||
      !read_bound(options.to, "--to", range.to)) {
    return kExitUsage;
  }
  auto built = rules_of_file(options.config_path);
  if (!built) {
    for (const std::string& line : built.error().lines) fmt::print(stderr, "{}\n", line);
    return kExitConfiguration;
  }
  const std::string data_dir = options.data_dir.empty() ? built->config.data_dir : options.data_dir;
  std::unique_ptr<Redelivery> sink;
  if (!options.sink.empty()) {
    auto opened = Redelivery::make(built->config, options.sink, data_dir);
    if (!opened) {
      fmt::print(stderr, "{}\n", opened.error());
      return kExitUnavailable;
    }
    sink = std::move(*opened);
  }
  Decider decider(built->rules, built->config.sink_names);
  decider.set_budget(built->config.poller.budget);
  Tally tally;
  OnRecord on_record;
  Counting counting(tally, sink.get(), options.verify ? &on_record : nullptr);
  const auto done = go_through(data_dir + "/journal", range, decider, counting, tally,
                               options.verify ? &on_record : nullptr, sink.get());
  if (!done) {
    fmt::print(stderr, "cannot read the journal in {}/journal: {}; --data-dir names another\n",
               data_dir, name_of(done.error()));
    return kExitConfiguration;
  }
  print_tally(tally);
  if (options.verify) {
    fmt::print("{} decisions on record compared, {} differ\n", on_record.compared(),
               on_record.differ());
    return on_record.differ() == 0 ? kExitOk : kExitFailed;
  }
  return sink == nullptr || sink->finish() ? kExitOk : kExitUnavailable;
}

}  // namespace

void add_replay_command(CLI::App& program, int& exit_code) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* verb = program.add_subcommand(
      "replay", "feed stored events through the rules again: count, compare, or deliver to a sink");
  verb->add_option("--config", options->config_path, "the rules, and the sinks they route to")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("--data-dir", options->data_dir,
                   "whose journal (default: that of the configuration)");
  verb->add_option("--from", options->from,
                   "an LSN, a time, or how long ago (1h); default: the oldest record");
  verb->add_option("--to", options->to, "the same; default: the newest record");
  auto* sink = verb->add_option("--sink", options->sink,
                                "deliver what is routed to this sink of the configuration");
  verb->add_flag("--dry-run", options->dry_run, "only count what would go where (the default)")
      ->excludes(sink);
  verb->add_flag("--verify", options->verify,
                 "compare with the decisions on record; exit 1 when any differs")
      ->excludes(sink);
  verb->callback([options, &exit_code] { exit_code = replay(*options); });
}

}  // namespace trapline::gateway
