// A sink that is down while the journal may keep only so much.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/simulation/simulated_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::simulation {
namespace {

using namespace std::chrono_literals;

// Down until told otherwise.
class DeadSink final : public sinks::Sink {
 public:
  bool open(std::string& reason) override {
    reason = "down";
    return up;
  }
  void take(const rules::RoutedTrap&, sinks::Sequence sequence, sinks::Answers& answers) override {
    ++taken;
    answers.delivered_through(sequence);
  }
  void tick(base::BootTime, sinks::Answers&) override {}
  [[nodiscard]] base::BootTime next_tick() const override { return base::BootTime::max(); }
  void drain(base::BootTime, sinks::Answers&) override {}

  bool up = false;
  std::uint64_t taken = 0;
};

struct Scene {
  explicit Scene(bool required) {
    config.communities.push_back({"default", base::Secret("public"), {}});
    options.directory = "/data/journal";
    options.default_node = "sim";
    options.segment_bytes = 64 << 10;
    options.max_bytes = 512 << 10;
    options.keep = 0s;
    options.ring_bytes = 32 << 10;
    options.sinks.push_back({"destination", required, false});
    start();
  }
  void start() {
    std::string reason;
    auto opened = journal::Journal::open(options, fs, clock, random, log, reason);
    ASSERT_TRUE(opened) << reason;
    process =
        std::make_unique<Process>(config, std::move(*opened), 1, clock, random, log, senders, sink);
  }
  void step() {
    clock.advance(20ms);
    process->journal->housekeeping_step();
    process->journal->commit_step();
    process->router.step();
    process->worker.step(clock.boot());
    process->journal->commit_step();
  }
  // Offers traps until `count` have been offered; returns how many were accepted.
  std::uint64_t offer(int count) {
    const std::uint64_t before = process->ledger.counts().accepted;
    for (int i = 0; i < count; ++i) {
      const auto payload = message(protocol::PduKind::trap, ++request_id);
      Datagram datagram;
      datagram.payload = payload;
      datagram.peer = {base::IpAddress::v4({10, 0, 0, 1}), 1};
      process->reception.process({&datagram, 1}, !process->journal->writable());
      if (i % 20 == 0) step();
    }
    for (int i = 0; i < 50; ++i) step();
    return process->ledger.counts().accepted - before;
  }
  [[nodiscard]] SinkBooks books() const { return process->books().sinks[0]; }

  Config config;
  journal::JournalOptions options;
  test_support::FakeClock clock;
  test_support::SimFs fs{1};
  test_support::SeededRandom random{1};
  base::Log log{base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {}};
  Senders senders;
  DeadSink sink;
  std::unique_ptr<Process> process;
  std::int32_t request_id = 0;
};

TEST(DeadSink, SkipsItsOldestWithACountAndNeverStopsReception) {
  Scene scene(false);
  EXPECT_EQ(scene.offer(10'000), 10'000U);
  scene.sink.up = true;
  scene.clock.advance(1h);
  for (int i = 0; i < 2'000; ++i) scene.step();
  const SinkBooks books = scene.books();
  EXPECT_GT(books.report.skipped, 1'000U);
  EXPECT_GT(scene.sink.taken, 100U) << "what the journal still held was delivered";
  EXPECT_EQ(books.routed, 10'000U);
  EXPECT_EQ(books.report.delivered + books.report.skipped, 10'000U);
  EXPECT_EQ(books.difference, 0);
  EXPECT_EQ(books.report.delivered, scene.sink.taken);
}

TEST(DeadSink, RemovedFromTheConfigurationItHoldsNothingBack) {
  Scene scene(true);
  EXPECT_GT(scene.offer(500), 0U);
  scene.process.reset();
  scene.fs.process_died();
  scene.options.sinks = {{"another", false, false}};
  scene.start();
  EXPECT_EQ(scene.offer(10'000), 10'000U);
}

TEST(DeadSink, ARequiredOneStopsReceptionAndItResumesWithTheSink) {
  Scene scene(true);
  const std::uint64_t accepted = scene.offer(10'000);
  EXPECT_LT(accepted, 10'000U);
  EXPECT_FALSE(scene.process->journal->writable());
  EXPECT_GT(scene.process->ledger.counts().shed, 0U);
  EXPECT_EQ(scene.process->ledger.counts().difference(), 0);
  scene.sink.up = true;
  scene.clock.advance(1h);
  for (int i = 0; i < 3'000; ++i) scene.step();
  EXPECT_TRUE(scene.process->journal->writable());
  EXPECT_EQ(scene.books().report.skipped, 0U);
  const std::uint64_t taken = scene.sink.taken;
  EXPECT_EQ(scene.offer(100), 100U);
  EXPECT_EQ(scene.sink.taken, taken + 100);
  EXPECT_TRUE(scene.process->books().balance());
}

}  // namespace
}  // namespace trapline::simulation
