// The pipeline: the way of a trap from the socket to the sinks, and the threads that carry it.
//
// listener threads → journal (committer) → router → journal → sink workers. Nobody pushes into a
// reader, so nothing behind the journal can hold up what stands before it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/config/config.h"
#include "gateway/configured_sink.h"
#include "gateway/dead_letter_log.h"
#include "gateway/journal_outcomes.h"
#include "gateway/loop_guard.h"
#include "gateway/poller/enrichment_line.h"
#include "gateway/reception.h"
#include "gateway/router.h"
#include "gateway/status.h"
#include "gateway/udp_listener.h"
#include "sinks/posix_files.h"
#include "sinks/problem_board.h"
#include "sinks/sink_worker.h"

namespace trapline::gateway {

// What the pipeline is built from. Everything outlives it.
struct PipelineParts {
  const Config& config;
  journal::Journal& journal;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
  std::uint64_t inform_seed;
  DeadLetterLog& dead_letters;
  const V3Reception* v3 = nullptr;  // null while no user is configured
  RouterRules rules = {};           // their poison is also the sinks'
};

// Owns every stage and thread. `start`, `drain` and the destructor belong to one thread; the rest
// to any.
class Pipeline {
 public:
  // Takes the sockets over. Builds every stage; starts nothing.
  Pipeline(const PipelineParts& parts, std::vector<std::unique_ptr<UdpListener>> listeners);
  // Ends whatever still runs, without draining.
  ~Pipeline();

  // Starts the threads.
  void start();
  // Reads the sockets empty, commits, decides, delivers, saves the cursors, and ends the threads;
  // whatever is not done within `at_most` stays in the journal. False when time ran out.
  bool drain(std::chrono::milliseconds at_most);

  // Goes on under other rules.
  void exchange_rules(std::shared_ptr<const rules::RuleSet> rules) {
    router_.exchange(std::move(rules));
  }
  // What is raised now.
  [[nodiscard]] std::vector<rules::Problem> problems() const { return router_.problems(); }
  // What the rules have done; nothing without rules.
  [[nodiscard]] std::optional<RuleReport> rule_report() const { return router_.rule_report(); }
  // What devices were asked for rules.
  [[nodiscard]] EnricherFigures enrichment() const { return enrichment_.figures(); }
  [[nodiscard]] PollerCounters enrichment_packets() const { return enrichment_.packets(); }
  // Closes and opens the files of all sinks anew.
  void reopen_files();
  // Balanced books, sockets and sinks, as of now.
  [[nodiscard]] Books books() const;
  [[nodiscard]] std::vector<ListenerReport> listeners() const;
  [[nodiscard]] std::size_t duplicate_entries() const { return duplicates_.size(); }
  // Called on the router's thread before each batch: tests slow it down. Before `start` only.
  void slow_router(std::function<void()> before_batch);

 private:
  struct SinkLine;

  [[nodiscard]] static SinkReport report_of(const SinkLine& line);
  [[nodiscard]] RouterRules router_rules();
  void add_sinks();
  void add_sink(const ConfiguredSink& config);
  SinkLine& add_line(std::string name, std::unique_ptr<sinks::Sink> sink,
                     std::unique_ptr<JournalOutcomes> outcomes);
  void drive(SinkLine& line, sinks::SinkWorkerOptions options, const LanedDrive* laned);
  void run_listener(std::stop_token stop, std::size_t index);
  void read_empty(std::size_t index);
  void stop_router();
  [[nodiscard]] bool wait_until_decided(base::BootTime deadline);

  const PipelineParts parts_;
  const Access access_;
  Ledger ledger_;
  InformDuplicates duplicates_;
  const std::vector<std::unique_ptr<UdpListener>> listeners_;
  std::vector<std::unique_ptr<Reception>> receptions_;
  const std::unique_ptr<LoopGuard> guard_;  // null while nothing is forwarded
  sinks::ProblemBoard board_;
  EnrichmentLine enrichment_;
  Router router_;
  std::optional<sinks::SnmpIdentity> identity_;  // nothing while no user is configured
  sinks::PosixFiles files_;
  std::optional<sinks::EventJsonCache> json_;  // when several sinks want it
  std::vector<std::unique_ptr<SinkLine>> sinks_;
  std::atomic<base::BootTime> drain_deadline_{};  // until set, a stop does not wait for sinks

  // Each group ends in turn; see drain().
  std::vector<std::jthread> listener_threads_;
  std::jthread router_thread_;
  std::jthread housekeeper_thread_;
  std::jthread committer_thread_;
};

}  // namespace trapline::gateway
