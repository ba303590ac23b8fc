// Many seeded lives of a journal on a disk that loses, tears and refuses.
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "tests/simulation/journal_oracle.h"
#include "tests/simulation/seeds.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::simulation {
namespace {

using namespace std::chrono_literals;
using namespace gateway::journal;

constexpr std::array<std::string_view, 2> kSinks{"file", "kafka"};

// What one seed is about.
struct Scenario {
  bool faults = false;     // writes, syncs and directory operations fail now and then
  bool full = false;       // the disk is small, and a stranger fills it at times
  bool retention = false;  // max_bytes is small and nothing is kept for its age
};

Scenario scenario_of(std::uint64_t seed) { return {seed % 4 == 1, seed % 8 == 2, seed % 4 == 3}; }

// Tells the oracle when the batch's events are acknowledged.
class Acknowledge final : public DurableAction {
 public:
  Acknowledge(JournalOracle& oracle, std::vector<std::uint64_t> ids)
      : oracle_(oracle), ids_(std::move(ids)) {}
  void durable(Lsn first) override {
    for (const std::uint64_t id : ids_) {
      oracle_.acknowledged(id, first);
      first = first.next();
    }
  }

 private:
  JournalOracle& oracle_;
  const std::vector<std::uint64_t> ids_;
};

// A disk, the lives of a gateway's journal on it, and the oracle that outlives them.
class World {
 public:
  explicit World(std::uint64_t seed)
      : scenario_(scenario_of(seed)), dice_(seed), fs_(seed), random_(seed) {
    options_.directory = "/data/journal";
    options_.default_node = "sim";
    options_.segment_bytes = 64 << 10;
    options_.max_bytes = scenario_.retention ? 512 << 10 : 64 << 20;
    options_.keep = scenario_.retention ? 0s : 86'400s;
    options_.ring_bytes = 32 << 10;
    options_.commit_bytes = 16 << 10;
    for (const std::string_view sink : kSinks) options_.sinks.push_back({std::string(sink), true});
  }

  // The whole of it; what went wrong, or nothing.
  std::string run() {
    const std::uint64_t lives = 2 + roll(4);
    for (std::uint64_t life = 0; life < lives; ++life) {
      begin_trouble();
      if (std::string wrong = live(); !wrong.empty()) return wrong;
      die();
    }
    end_trouble();
    if (std::string wrong = reopen(); !wrong.empty()) return wrong;
    return oracle_.judge(*journal_, pruned(), clock_.wall());
  }

 private:
  // May old segments be gone? A small disk makes for a small max_bytes.
  [[nodiscard]] bool pruned() const { return scenario_.retention || scenario_.full; }
  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

  void begin_trouble() {
    if (roll(4) != 0) fs_.cut_power_after(1 + roll(250));
    if (scenario_.faults) {
      constexpr double kChances[] = {0.01, 0.1, 0.5};
      const double p = kChances[roll(3)];
      fs_.set_faults({p, p, p / 4, FsError::io});
    }
    if (scenario_.full) fs_.set_capacity((2 + roll(6)) * 64 << 10);
  }

  void end_trouble() {
    fs_.set_faults({});
    fs_.set_capacity(std::uint64_t{1} << 50);
  }

  // Opens the journal; only a disk in trouble is an excuse for failing.
  std::string reopen() {
    journal_.reset();
    std::string message;
    auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    if (opened) {
      journal_ = std::move(*opened);
      if (!fs_.powered()) return {};
      if (journal_->recovered().missing_segments != 0) return "a segment is missing";
      if (journal_->recovered().damaged_bytes != 0) return "a torn tail passes for damage";
      return {};
    }
    if (!fs_.powered() || scenario_.faults || scenario_.full) return {};
    return "recovery failed: " + message;
  }

  void die() {
    events_.reset();
    outcomes_.reset();
    journal_.reset();
    if (roll(4) == 0) {
      fs_.process_died();
    } else {
      fs_.power_cycle();
    }
  }

  std::string live() {
    if (std::string wrong = reopen(); !wrong.empty()) return wrong;
    if (!journal_) return {};
    if (std::string wrong = oracle_.judge(*journal_, pruned(), clock_.wall()); !wrong.empty()) {
      return fs_.powered() ? wrong : std::string{};
    }
    const Standing standing = journal_->standing();
    events_ = journal_->reader(mask_of(RecordType::event), standing.router);
    outcomes_ = journal_->reader(mask_of(RecordType::outcome), Lsn{});
    sink_ = standing.sinks.find(kSinks[0])->second;
    outcomes_->seek(sink_.low_water);
    const std::uint64_t steps = 20 + roll(120);
    for (std::uint64_t step = 0; step < steps && fs_.powered(); ++step) act();
    return {};
  }

  void act() {
    switch (roll(10)) {
      case 0:
      case 1:
      case 2: receive(); break;
      case 3:
      case 4: decide(); break;
      case 5: deliver(); break;
      case 6: clock_.advance(std::chrono::milliseconds(roll(2'000))); break;
      case 7: journal_->housekeeping_step(); break;
      default: journal_->commit_step(); break;
    }
  }

  void receive() {
    auto batch = journal_->new_batch();
    std::vector<std::uint64_t> ids;
    for (std::uint64_t left = 1 + roll(5); left != 0; --left) {
      ids.push_back(next_id_++);
      const auto event = event_payload(ids.back(), roll(16) == 0 ? roll(9'000) : 8 + roll(300));
      const auto payload = batch->add(RecordType::event, event.size(), clock_.wall());
      std::copy(event.begin(), event.end(), payload.begin());
    }
    batch->urgent = roll(2) == 0;
    const std::size_t bytes = batch->bytes().size();
    batch->action = std::make_unique<Acknowledge>(oracle_, std::move(ids));
    if (!journal_->wait_for_room(Lane::reception, bytes, clock_.boot())) return;
    journal_->append(Lane::reception, std::move(batch));
  }

  // The router: an OUTCOME for each EVENT, in order.
  void decide() {
    auto batch = journal_->new_batch();
    for (const RecordView& event : events_->next(2'000)) {
      oracle_.saw(event);
      Outcome outcome;
      outcome.event = event.ref;
      outcome.sinks = kSinks;
      outcome_to(*batch, outcome);
    }
    if (!batch->empty()) journal_->append(Lane::reserved, std::move(batch));
  }

  void outcome_to(AppendBatch& batch, const Outcome& outcome) {
    encode_outcome(outcome, batch.add(RecordType::outcome, outcome_bytes(outcome), clock_.wall()));
  }

  // The sinks: one does its work, the other copies it.
  void deliver() {
    for (const RecordView& record : outcomes_->next(1'000)) {
      oracle_.saw(record);
      const RecordRef ref = outcome_event(record.payload);
      const auto event = outcomes_->fetch(ref);
      if (!event || event->ref.lsn != ref.lsn || checked_event_id(event->payload) == 0) {
        if (fs_.powered()) lost_event_ = true;
      }
      ++sink_.delivered;
      sink_.low_water = record.ref.lsn;
    }
    if (lost_event_) oracle_.acknowledged(0, Lsn{});  // is found missing
    auto batch = journal_->new_batch();
    for (const std::string_view sink : kSinks) {
      std::vector<std::byte> cursor;
      encode_cursor(sink, sink_, cursor);
      oracle_.wrote_cursor(cursor, std::string(sink), sink_);
      const auto payload = batch->add(RecordType::cursor, cursor.size(), clock_.wall());
      std::copy(cursor.begin(), cursor.end(), payload.begin());
    }
    journal_->append(Lane::reserved, std::move(batch));
  }

  const Scenario scenario_;
  std::mt19937_64 dice_;
  test_support::SimFs fs_;
  test_support::FakeClock clock_;
  test_support::SeededRandom random_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  JournalOptions options_;
  JournalOracle oracle_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Reader> events_;
  std::unique_ptr<Reader> outcomes_;
  SinkStanding sink_;
  std::uint64_t next_id_ = 1;
  bool lost_event_ = false;
};

void run_seeds(std::uint64_t remainder) {
  constexpr std::uint64_t kKinds = 4;
  const Seeds run = seeds(10'000);
  for (std::uint64_t seed = run.first; seed <= run.last; ++seed) {
    if (seed % kKinds != remainder) continue;
    const std::string wrong = World(seed).run();
    ASSERT_EQ(wrong, "") << "TRAPLINE_SEED=" << seed;
  }
}

TEST(JournalSimulation, NothingAcknowledgedIsLostWhenThePowerGoes) { run_seeds(0); }
TEST(JournalSimulation, NothingAcknowledgedIsLostWhenWritesAndSyncsFail) { run_seeds(1); }
TEST(JournalSimulation, NothingAcknowledgedIsLostWhenTheDiskFillsUp) { run_seeds(2); }
TEST(JournalSimulation, NothingStillNeededIsLostToRetention) { run_seeds(3); }

}  // namespace
}  // namespace trapline::simulation
