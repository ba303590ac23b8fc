// A machine with rules that remember, in simulation: its disk, its clocks, its process.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/commands/outcome_fields.h"
#include "gateway/inform_seed.h"
#include "gateway/rule_state_store.h"
#include "tests/simulation/simulated_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::simulation {

using namespace std::chrono_literals;  // NOLINT: tests only

// An event as the destination saw it.
struct Seen {
  std::string id;
  std::string synthetic;
  std::string agent;
  base::BootTime at;
  rules::VerdictFlags flags;
  std::size_t enriched = 0;  // values that devices answered
};

// Takes everything, and remembers what and when.
class Destination final : public sinks::Sink {
 public:
  explicit Destination(const base::Clock& clock) : clock_(clock) {}
  bool open(std::string&) override { return true; }
  std::optional<std::string> last_id() override {
    return last_.empty() ? std::nullopt : std::optional(last_);
  }
  void take(const rules::RoutedTrap& event, sinks::Sequence sequence, sinks::Answers&) override {
    last_ = event.id;
    ++times[last_];
    std::array<char, 46> room;
    seen.push_back({last_, std::string(rules::name_of(event.verdict.synthetic)),
                    std::string(event.message.agent.format(room)), clock_.boot(),
                    event.verdict.flags, event.verdict.enrichment.size()});
    taken_ = sequence;
  }
  void tick(base::BootTime, sinks::Answers& answers) override {
    if (taken_ != 0) answers.delivered_through(taken_);
  }
  [[nodiscard]] base::BootTime next_tick() const override { return base::BootTime{}; }
  void drain(base::BootTime, sinks::Answers& answers) override {
    answers.delivered_through(taken_);
  }
  // Another process goes on; what came before stays.
  void begin() { taken_ = 0; }
  // Of one kind, in order.
  [[nodiscard]] std::vector<Seen> of(std::string_view synthetic) const {
    std::vector<Seen> found;
    for (const Seen& each : seen) {
      if (each.synthetic == synthetic) found.push_back(each);
    }
    return found;
  }

  std::map<std::string, int> times;  // by id
  std::vector<Seen> seen;

 private:
  const base::Clock& clock_;
  std::string last_;
  sinks::Sequence taken_ = 0;
};

inline rules::SourceText source(std::string text) { return {std::move(text), {}}; }

inline rules::RuleSpec rule(std::string name, std::string when, std::string_view match = {}) {
  rules::RuleSpec spec;
  spec.name = std::move(name);
  if (!when.empty()) spec.when = source(std::move(when));
  if (!match.empty()) spec.match.push_back(source(std::string(match)));
  return spec;
}

// A spec compiled for the one destination.
inline std::shared_ptr<const rules::RuleSet> compile(const rules::RulesSpec& spec) {
  rules::SpecProblems problems;
  auto compiled = rules::RuleSet::compile(
      spec, {protocol::mib::MibIndex::built_in(), {"destination"}}, problems);
  if (!compiled) ADD_FAILURE() << problems.front().message;
  return compiled;
}
inline std::shared_ptr<const rules::RuleSet> compile(std::vector<rules::RuleSpec> list) {
  rules::RulesSpec spec;
  spec.rules = std::move(list);
  return compile(spec);
}

// One machine: its disk, its clocks, and the process that runs on it, if any.
class Machine {
 public:
  // `seeker` outlives it, if there is one.
  Machine(std::uint64_t seed, std::shared_ptr<const rules::RuleSet> rules,
          AnswerSeeker* seeker = nullptr)
      : fs(seed), random_(seed), rules_(std::move(rules)), seeker_(seeker) {
    config_.communities.push_back({"default", base::Secret("public"), {}});
    options_.directory = "/data/journal";
    options_.default_node = "sim";
    options_.segment_bytes = 64 << 10;
    options_.max_bytes = 256 << 20;
    options_.keep = 24h * 365;
    options_.ring_bytes = 16 << 10;
    options_.sinks.push_back({"destination", false, false});
  }

  // What the next start goes by.
  void use(std::shared_ptr<const rules::RuleSet> rules) { rules_ = std::move(rules); }
  [[nodiscard]] bool start() {
    destination.begin();
    std::string reason;
    auto opened = journal::Journal::open(options_, fs, clock, random_, log_, reason);
    if (!opened) return false;
    states_ =
        std::make_unique<RuleStateStore>(fs, "/data/rules", log_, RuleStateStore::Writing::at_once);
    RouterRules rules;
    rules.rules = rules_;
    rules.store = states_.get();
    rules.seeker = seeker_;
    process = std::make_unique<Process>(config_, std::move(*opened),
                                        load_inform_seed(fs, "/data", random_), clock, random_,
                                        log_, senders_, destination, rules);
    return true;
  }
  // Ends the process as SIGTERM does, or all at once.
  void stop() {
    pass(200ms);
    process->router.save_state();
    kill();
  }
  void kill() {
    process.reset();
    states_.reset();
    fs.process_died();
  }
  void cut_power() {
    process.reset();
    states_.reset();
    fs.power_cycle();
  }

  void receive(int agent, std::string_view trap = kLinkDown) {
    const auto payload = message(protocol::PduKind::trap, ++traps_, trap);
    Datagram datagram;
    datagram.payload = payload;
    datagram.peer = {base::IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(agent)}), 1};
    datagram.local = {base::IpAddress::v4({10, 1, 0, 2}), 162};
    process->reception.process({&datagram, 1}, !process->journal->writable());
  }
  // Everything gets a turn, so often.
  void run(int turns) {
    for (; turns > 0; --turns) {
      process->journal->commit_step();
      process->router.step();
      process->journal->commit_step();
      process->worker.step(clock.boot());
      process->journal->housekeeping_step();
    }
  }
  // Time passes with everything running, a tenth of a second at a time.
  void pass(std::chrono::milliseconds time) {
    for (; time > 0ms; time -= 100ms) {
      clock.advance(100ms);
      run(2);
    }
  }
  [[nodiscard]] bool quiet() const {
    const Books books = process->books();
    return books.reception.in_flight == 0 && books.awaiting == 0 && books.sinks[0].pending == 0 &&
           process->journal->stats().queued_bytes == 0;
  }
  // Where a replay from the beginning differs from what is on record; nothing when nowhere.
  [[nodiscard]] std::string replay();

  test_support::FakeClock clock;
  test_support::SimFs fs;
  Destination destination{clock};
  std::unique_ptr<Process> process;

 private:
  test_support::SeededRandom random_;
  std::shared_ptr<const rules::RuleSet> rules_;
  AnswerSeeker* const seeker_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {}};
  Config config_;
  journal::JournalOptions options_;
  Senders senders_;
  std::unique_ptr<RuleStateStore> states_;
  std::int32_t traps_ = 0;
};

// What is decided, by the record it is about.
class Decided final : public OutcomeTaker {
 public:
  void take(const journal::Outcome& outcome, const journal::RecordView& /*about*/) override {
    if (outcome.decides()) outcomes[outcome.event.lsn].push_back(fields_of(outcome));
  }
  std::map<journal::Lsn, std::vector<OutcomeFields>> outcomes;
};

inline std::string Machine::replay() {
  Decider decider(rules_, {"destination"});
  Decided decided;
  Decided recorded;
  journal::OutcomeScratch scratch;
  const auto mask = Decider::wanted() | journal::mask_of(journal::RecordType::outcome);
  const auto reader = process->journal->reader(mask, journal::Lsn{});
  while (reader->position() < process->journal->durable()) {
    for (const journal::RecordView& record : reader->next(1 << 16)) {
      journal::Outcome outcome;
      if (record.type != journal::RecordType::outcome) {
        decider.decide(record, process->journal->node_of(record.ref.segment), decided);
      } else if (journal::decode_outcome(record.payload, scratch, outcome)) {
        recorded.take(outcome, record);
      }
    }
  }
  for (const auto& [lsn, outcomes] : recorded.outcomes) {
    const auto& again = decided.outcomes[lsn];
    if (again == outcomes) continue;
    std::string said = "LSN " + std::to_string(lsn.value) + " differs;";
    for (const OutcomeFields& fields : outcomes) said += "\n on record: " + text_of(fields);
    for (const OutcomeFields& fields : again) said += "\n again: " + text_of(fields);
    return said;
  }
  return recorded.outcomes.size() == decided.outcomes.size() ? "" : "something was not decided";
}

}  // namespace trapline::simulation
