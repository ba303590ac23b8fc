#include "gateway/pipeline.h"

#include <pthread.h>

#include <algorithm>

#include "gateway/journal/crash_point.h"
#include "protocol/mib/mib_index.h"
#include "sinks/file_sink.h"
#include "sinks/ordered_worker.h"

namespace trapline::gateway {
namespace {

using namespace std::chrono_literals;

// How long a listener sleeps in one go, and how long it leaves datagrams to the kernel's buffer
// while the committer is behind.
constexpr auto kReceiveWait = 200ms;
constexpr auto kRoomWait = 50ms;
// How often the end of the line is looked at while draining.
constexpr auto kDrainPoll = 1ms;
// A reader of the terminal that is this many events behind is taken to the present.
constexpr std::uint64_t kTerminalBacklog = 10'000;
// How often a snapshot is taken anew because a commit fell into it.
constexpr int kSnapshotTries = 20;
constexpr auto kSnapshotPause = 500us;

void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace

// One sink, what it reads from, and who drives it.
struct Pipeline::SinkLine {
  std::string name;
  bool on_record = true;
  std::unique_ptr<sinks::Sink> sink;
  std::unique_ptr<JournalOutcomes> outcomes;
  std::unique_ptr<SinkDeadLetters> dead_letters;  // null for what is not on record
  std::unique_ptr<sinks::SinkWorker> worker;
  std::atomic<bool> drained = false;
  std::jthread thread;
};

SinkReport Pipeline::report_of(const SinkLine& line) {
  const sinks::SinkFigures figures = line.worker->figures();
  SinkReport report;
  report.name = line.name;
  report.state = name_of(figures.state);
  report.position_lsn = figures.position_lsn;
  report.delivered = figures.delivered;
  report.dead_lettered = figures.dead_lettered;
  report.skipped = figures.skipped;
  report.in_hand = figures.in_hand;
  report.retries = figures.retries;
  report.last_error = figures.last_error;
  report.last_error_at = figures.last_error_at;
  report.on_record = line.on_record;
  return report;
}

Pipeline::Pipeline(const PipelineParts& parts, std::vector<std::unique_ptr<UdpListener>> listeners)
    : parts_(parts),
      access_(parts.config),
      duplicates_(parts.config.limits.duplicate_window, parts.config.limits.duplicate_entries),
      listeners_(std::move(listeners)),
      guard_(parts.config.snmp_sinks.empty()
                 ? nullptr
                 : std::make_unique<LoopGuard>(parts.clock, parts.inform_seed)),
      enrichment_(parts.config.poller, parts.clock, parts.random, parts.log,
                  [this] { router_.interrupt(); }),
      router_(parts.journal, parts.config.sink_names, parts.clock, parts.log, router_rules()) {
  if (parts.v3 != nullptr) {
    const protocol::usm::InboundShared& usm = parts.v3->usm;
    identity_.emplace(sinks::SnmpIdentity{usm.users, usm.engine, usm.salts});
  }
  const auto wall_to_boot =
      parts.clock.boot().time_since_epoch() - parts.clock.wall().time_since_epoch();
  for (const journal::RecoveredInform& inform : parts.journal.recovered().informs) {
    duplicates_.restore(inform.digest,
                        base::BootTime(inform.received.time_since_epoch() + wall_to_boot));
  }
  TRAPLINE_CRASH_POINT("dedup-rebuild");
  const ReceptionShared shared{
      parts.config, access_,   parts.journal,     duplicates_,         ledger_,
      parts.clock,  parts.log, parts.inform_seed, parts.random.next(), parts.v3};
  for (const auto& listener : listeners_) {
    receptions_.push_back(std::make_unique<Reception>(shared, listener->name(), *listener));
  }
  add_sinks();
}

RouterRules Pipeline::router_rules() {
  RouterRules rules = parts_.rules;
  rules.guard = guard_.get();
  rules.board = &board_;
  rules.seeker = &enrichment_;
  rules.enrichment_budget = parts_.config.poller.budget;
  return rules;
}

Pipeline::~Pipeline() {
  for (auto& thread : listener_threads_) thread.request_stop();
  for (const auto& listener : listeners_) listener->wake();
  enrichment_.stop();
  router_thread_.request_stop();
  router_.interrupt();
  for (const auto& line : sinks_) line->thread.request_stop();
}

void Pipeline::add_sinks() {
  const auto& mibs = protocol::mib::MibIndex::built_in();
  const ConfiguredSinks configured = configured_sinks(parts_.config);
  const auto wants_json = [](const auto& sink) { return sink->wants_json(); };
  if (std::ranges::count_if(configured, wants_json) > 1) json_.emplace(mibs);
  for (const auto& sink : configured) add_sink(*sink);
  if (!parts_.config.terminal) return;
  sinks::FileSinkOptions terminal;
  terminal.path = "-";
  terminal.format = sinks::EventFormat::text;
  SinkLine& line =
      add_line("terminal", std::make_unique<sinks::FileSink>(terminal, files_, parts_.clock, mibs),
               std::make_unique<JournalOutcomes>(parts_.journal));
  line.on_record = false;
  sinks::SinkWorkerOptions options;
  options.skip_when_behind_events = kTerminalBacklog;
  drive(line, options, nullptr);
}

void Pipeline::add_sink(const ConfiguredSink& config) {
  const std::string name(config.name());
  const SinkParts parts{files_,
                        parts_.clock,
                        protocol::mib::MibIndex::built_in(),
                        parts_.random,
                        parts_.log,
                        json_ ? &*json_ : nullptr,
                        guard_.get(),
                        parts_.inform_seed,
                        identity_ ? &*identity_ : nullptr,
                        &board_,
                        parts_.config.rules.enrichments};
  SinkLine& line =
      add_line(name, config.make(parts), std::make_unique<JournalOutcomes>(parts_.journal, name));
  const auto laned = config.drive();
  drive(line, {}, laned ? &*laned : nullptr);
}

Pipeline::SinkLine& Pipeline::add_line(std::string name, std::unique_ptr<sinks::Sink> sink,
                                       std::unique_ptr<JournalOutcomes> outcomes) {
  auto line = std::make_unique<SinkLine>();
  line->name = std::move(name);
  line->sink = std::move(sink);
  line->outcomes = std::move(outcomes);
  return *sinks_.emplace_back(std::move(line));
}

// Gives the line its worker.
void Pipeline::drive(SinkLine& line, sinks::SinkWorkerOptions options, const LanedDrive* laned) {
  options.log = &parts_.log;
  options.name = line.name;
  if (line.on_record) {
    line.dead_letters = std::make_unique<SinkDeadLetters>(parts_.dead_letters, *line.outcomes,
                                                          line.name, parts_.clock);
    if (parts_.rules.poison != nullptr) {
      line.outcomes->set_poison(*parts_.rules.poison, *line.dead_letters);
    }
  }
  if (laned == nullptr) {
    line.worker = std::make_unique<sinks::OrderedWorker>(options, *line.sink, *line.outcomes,
                                                         parts_.clock, parts_.random);
    return;
  }
  options.window_events = laned->window_events;
  line.worker =
      std::make_unique<sinks::LaneWorker>(options, laned->lanes, *line.sink, *line.outcomes,
                                          *line.dead_letters, parts_.clock, parts_.random);
}

void Pipeline::start() {
  journal::Journal& journal = parts_.journal;
  committer_thread_ = std::jthread([&](std::stop_token stop) {
    name_thread("committer");
    journal.run_committer(stop, 1s);
  });
  housekeeper_thread_ = std::jthread([&](std::stop_token stop) {
    name_thread("housekeeper");
    journal.run_housekeeper(stop);
  });
  enrichment_.start();
  router_thread_ = std::jthread([&](std::stop_token stop) {
    name_thread("router");
    router_.run(stop);
  });
  for (const auto& line : sinks_) {
    line->thread = std::jthread([this, &sink = *line](std::stop_token stop) {
      name_thread("sink");
      sink.worker->run(stop);
      sink.worker->drain(drain_deadline_);
      sink.drained = true;
    });
  }
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    listener_threads_.emplace_back([this, i](std::stop_token stop) {
      name_thread("listener");
      run_listener(stop, i);
    });
  }
}

void Pipeline::run_listener(std::stop_token stop, std::size_t index) {
  UdpListener& listener = *listeners_[index];
  Reception& reception = *receptions_[index];
  while (!stop.stop_requested()) {
    const bool room = reception.wait_for_room(kRoomWait);
    if (!room && parts_.journal.writable()) continue;
    reception.process(listener.receive(kReceiveWait), !room);
  }
  listener.stop_receiving();
  for (auto left = listener.receive(0ms); !left.empty(); left = listener.receive(0ms)) {
    bool room = reception.wait_for_room(kRoomWait);
    // A slow disk is waited for; only one that refuses, or the end of patience, makes us shed.
    while (!room && parts_.journal.writable() && parts_.clock.boot() < drain_deadline_.load()) {
      room = reception.wait_for_room(kRoomWait);
    }
    reception.process(left, !room);
  }
}

bool Pipeline::drain(std::chrono::milliseconds at_most) {
  const base::BootTime deadline = parts_.clock.boot() + at_most;
  drain_deadline_ = deadline;
  for (auto& thread : listener_threads_) thread.request_stop();
  for (const auto& listener : listeners_) listener->wake();
  listener_threads_.clear();
  const bool decided = wait_until_decided(deadline);
  stop_router();
  for (const auto& line : sinks_) line->thread.request_stop();
  for (const auto& line : sinks_) {
    while (!line->drained && parts_.clock.boot() < deadline) {
      std::this_thread::sleep_for(kDrainPoll);
    }
    if (!line->drained) return false;
    line->thread.join();
  }
  housekeeper_thread_ = {};
  committer_thread_ = {};
  return decided && parts_.journal.stats().queued_bytes == 0;
}

void Pipeline::stop_router() {
  enrichment_.stop();
  router_thread_.request_stop();
  router_.interrupt();
  router_thread_ = {};
  router_.save_state();
}

// True when everything received is durable and has its OUTCOME.
bool Pipeline::wait_until_decided(base::BootTime deadline) {
  while (true) {
    const Books now = books();
    const bool idle = now.reception.in_flight == 0 && now.awaiting == 0 &&
                      parts_.journal.stats().queued_bytes == 0;
    if (idle) return true;
    if (parts_.clock.boot() >= deadline) return false;
    std::this_thread::sleep_for(kDrainPoll);
  }
}

void Pipeline::reopen_files() {
  for (const auto& line : sinks_) line->worker->request_reopen();
}

Books Pipeline::books() const {
  const journal::Standing& start = parts_.journal.recovered().standing;
  for (int tries = 1;; ++tries) {
    BookSources sources{ledger_.counts(), 0, router_.figures(), {}};
    for (const auto& line : sinks_) sources.sinks.push_back(report_of(*line));
    const journal::Standing now = parts_.journal.standing();
    const bool whole = sources.reception.accepted == now.events - start.events;
    if (!whole && tries < kSnapshotTries) {
      std::this_thread::sleep_for(kSnapshotPause);
      continue;
    }
    for (const auto& listener : listeners_) sources.kernel_drops += listener->kernel_drops();
    return make_books(sources, start, now);
  }
}

std::vector<ListenerReport> Pipeline::listeners() const {
  std::vector<ListenerReport> reports;
  for (const auto& listener : listeners_) {
    reports.push_back({listener->name(), listener->local().to_string(), listener->kernel_drops(),
                       listener->receive_buffer_bytes()});
  }
  return reports;
}

void Pipeline::slow_router(std::function<void()> before_batch) {
  router_.before_batch = std::move(before_batch);
}

}  // namespace trapline::gateway
