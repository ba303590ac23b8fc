// Many seeded lives of the whole line: datagrams in, a journal on a disk that loses and tears, a
// router, a destination that fails, and senders that repeat an inform until it is acknowledged.
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "gateway/inform_seed.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/simulated_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::simulation {
namespace {

using namespace std::chrono_literals;
using namespace gateway;

constexpr std::uint64_t kDefaultSeeds = 5'000;
constexpr int kStepsOfALife = 400;
constexpr int kStepsToSettle = 20'000;

// Every octet of the destination survives what happens to the gateway.
struct Destination {
  std::map<std::string, int> times_seen;              // by event id
  std::map<std::int32_t, std::set<std::string>> ids;  // of each inform, by request-id
  std::string last_id;
};

// Delivers to the destination, gathers as a file does, and fails when told to.
class FlakySink final : public sinks::Sink {
 public:
  FlakySink(Destination& destination, std::mt19937_64& dice, const bool& faulty)
      : destination_(destination), dice_(dice), faulty_(faulty) {}

  bool open(std::string& reason) override {
    reason = "down";
    return !faulty_ || dice_() % 4 != 0;
  }
  std::optional<std::string> last_id() override {
    if (destination_.last_id.empty()) return std::nullopt;
    return destination_.last_id;
  }
  void take(const rules::RoutedTrap& event, sinks::Sequence sequence, sinks::Answers&) override {
    ++destination_.times_seen[std::string(event.id)];
    destination_.ids[event.message.request_id].insert(std::string(event.id));
    destination_.last_id = event.id;
    taken_ = sequence;
  }
  void tick(base::BootTime, sinks::Answers& answers) override {
    if (taken_ != 0 && dice_() % 2 == 0) answers.delivered_through(taken_);
  }
  [[nodiscard]] base::BootTime next_tick() const override { return base::BootTime{}; }
  void drain(base::BootTime, sinks::Answers& answers) override {
    answers.delivered_through(taken_);
  }

 private:
  Destination& destination_;
  std::mt19937_64& dice_;
  const bool& faulty_;
  sinks::Sequence taken_ = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed) : dice_(seed), fs_(seed), random_(seed) {
    config_.communities.push_back({"default", base::Secret("public"), {}});
    options_.directory = "/data/journal";
    options_.default_node = "sim";
    options_.segment_bytes = 64 << 10;
    options_.max_bytes = 64 << 20;
    options_.ring_bytes = 16 << 10;
    options_.sinks.push_back({"destination", false, false});
  }

  // What went wrong, or nothing.
  std::string run() {
    for (std::uint64_t lives = 1 + roll(3); lives != 0; --lives) {
      if (!begin_life()) return "recovery failed";
      live();
      end_life();
    }
    fs_.set_faults({});
    faulty_ = false;
    if (!begin_life()) return "the last recovery failed";
    if (!settle()) return "something still waits: " + describe();
    return judge();
  }

 private:
  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

  bool begin_life() {
    faulty_ = roll(2) == 0;
    sink_ = std::make_unique<FlakySink>(destination_, dice_, faulty_);
    std::string reason;
    auto opened = journal::Journal::open(options_, fs_, clock_, random_, log_, reason);
    if (!opened) return false;
    const std::uint64_t seed = load_inform_seed(fs_, "/data", random_);
    process_ = std::make_unique<Process>(config_, std::move(*opened), seed, clock_, random_, log_,
                                         senders_, *sink_);
    return true;
  }

  void live() {
    if (roll(3) == 0) fs_.set_faults({0.01, 0.01, 0, journal::FsError::io});
    if (roll(2) == 0) fs_.cut_power_after(1 + roll(300));
    for (int step = 0; step < kStepsOfALife && fs_.powered(); ++step) act();
  }

  void act() {
    switch (roll(10)) {
      case 0:
      case 1: receive(message(protocol::PduKind::trap, -++traps_), 1); break;
      case 2:
      case 3: send_inform(); break;
      case 4: process_->journal->commit_step(); break;
      case 5: process_->router.step(); break;
      case 6:
      case 7: process_->worker.step(clock_.boot()); break;
      case 8: process_->journal->housekeeping_step(); break;
      case 9: clock_.advance(std::chrono::milliseconds(roll(400))); break;
    }
  }

  // A new inform, or one again that nobody has acknowledged.
  void send_inform() {
    std::int32_t id = informs_ + 1;
    if (informs_ != 0 && roll(2) == 0) id = 1 + static_cast<std::int32_t>(roll(informs_count()));
    informs_ = std::max(informs_, id);
    if (senders_.acknowledged.contains(id)) return;
    receive(message(protocol::PduKind::inform, id), id);
  }
  [[nodiscard]] std::uint64_t informs_count() const { return static_cast<std::uint64_t>(informs_); }

  void receive(const std::vector<std::byte>& payload, std::int32_t port) {
    Datagram datagram;
    datagram.payload = payload;
    datagram.peer = {base::IpAddress::v4({10, 0, 0, 1}), static_cast<std::uint16_t>(port)};
    datagram.local = {base::IpAddress::v4({10, 0, 0, 2}), 162};
    process_->reception.process({&datagram, 1}, !process_->journal->writable());
  }

  void end_life() {
    if (!fs_.powered() || roll(2) == 0) {
      process_.reset();
      fs_.power_cycle();
    } else {
      process_.reset();
      fs_.process_died();
    }
    fs_.set_faults({});
  }

  // Everybody asks until answered, and nothing fails any more. True when all is quiet.
  bool settle() {
    for (int step = 0; step < kStepsToSettle; ++step) {
      for (std::int32_t id = 1; id <= informs_ && step % 50 == 0; ++id) {
        if (!senders_.acknowledged.contains(id))
          receive(message(protocol::PduKind::inform, id), id);
      }
      clock_.advance(20ms);
      process_->journal->commit_step();
      process_->router.step();
      process_->worker.step(clock_.boot());
      process_->journal->housekeeping_step();
      if (static_cast<std::int32_t>(senders_.acknowledged.size()) == informs_ && quiet())
        return true;
    }
    return false;
  }

  [[nodiscard]] bool quiet() const {
    const Books books = process_->books();
    return books.reception.in_flight == 0 && books.awaiting == 0 && books.sinks[0].pending == 0 &&
           process_->journal->stats().queued_bytes == 0;
  }

  std::string describe() const {
    const Books books = process_->books();
    return std::to_string(senders_.acknowledged.size()) + " of " + std::to_string(informs_) +
           " acknowledged, in flight " + std::to_string(books.reception.in_flight) + ", awaiting " +
           std::to_string(books.awaiting) + ", pending " + std::to_string(books.sinks[0].pending);
  }

  std::string judge() {
    for (const std::int32_t id : senders_.acknowledged) {
      const auto found = destination_.ids.find(id);
      if (found == destination_.ids.end()) return "lost inform " + std::to_string(id);
      if (found->second.size() != 1) return "inform with two ids: " + std::to_string(id);
    }
    for (const auto& [event, times] : destination_.times_seen) {
      if (times != 1) return "event " + event + " came " + std::to_string(times) + " times";
    }
    const Books books = process_->books();
    return books.balance() ? "" : "the books do not balance";
  }

  std::mt19937_64 dice_;
  test_support::FakeClock clock_;
  test_support::SimFs fs_;
  test_support::SeededRandom random_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  Config config_;
  journal::JournalOptions options_;
  Destination destination_;
  Senders senders_;
  bool faulty_ = false;
  std::unique_ptr<FlakySink> sink_;
  std::unique_ptr<Process> process_;
  std::int32_t informs_ = 0;
  std::int32_t traps_ = 0;
};

TEST(PipelineSimulation, NothingAcknowledgedIsLostAndNothingComesTwice) {
  const Seeds run = seeds(kDefaultSeeds);
  for (std::uint64_t seed = run.first; seed <= run.last; ++seed) {
    const std::string wrong = World(seed).run();
    ASSERT_EQ(wrong, "") << "TRAPLINE_SEED=" << seed;
  }
}

}  // namespace
}  // namespace trapline::simulation
