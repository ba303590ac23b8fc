// A worker and its file sink, killed and cut off from power at random moments, on a disk that fails
// at random: in the end every event must be in the files, in order, and none twice.

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sinks/file_sink.h"
#include "sinks/ordered_worker.h"
#include "tests/sinks/listed_source.h"
#include "tests/sinks/memory_files.h"
#include "tests/sinks/test_event.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace trapline::sinks {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPath = "/log/events";
constexpr int kSeeds = 100;
constexpr int kRounds = 120;

// Which troubles a run has.
struct Troubles {
  bool power_loss = false;
  double fault = 0;  // probability per operation
  bool failing_sync = false;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, EventFormat format, const Troubles& troubles)
      : engine_(seed), random_(seed), troubles_(troubles), format_(format) {
    files_.set_now(clock_.wall());
    start();
  }

  void run() {
    running_ = true;
    set_faults(true);
    for (int round = 0; round < kRounds; ++round) {
      source_.add(static_cast<int>(engine_() % 30));
      for (std::uint64_t i = engine_() % 4; i > 0; --i) step();
      clock_.advance(std::chrono::milliseconds(engine_() % 900));
      files_.set_now(clock_.wall());
      trouble();
    }
    running_ = false;
    set_faults(false);
    if (troubles_.power_loss) kill();
    for (int i = 0; i < 50; ++i) {
      clock_.advance(300s);  // past any retry
      step();
    }
    worker_->drain(clock_.boot() + 1h);
  }

  // The numbers of all events in all files, oldest file first.
  std::vector<int> numbers() {
    std::string all;
    for (const std::string& path : files_.names()) {
      if (path.ends_with(kUnsyncedSuffix)) all += files_.content(path);
    }
    for (const std::string& path : *RolledFiles(files_, kPath).list()) all += files_.content(path);
    all += files_.content(kPath);
    std::vector<int> numbers;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
      const auto id = id_in_line(format_, line);
      EXPECT_TRUE(id || troubles_.failing_sync) << line.substr(0, 200);
      if (id) numbers.push_back(std::stoi(id->substr(5)));
    }
    return numbers;
  }
  [[nodiscard]] int added() const { return source_.added(); }
  [[nodiscard]] SinkFigures figures() const { return worker_->figures(); }

 private:
  bool happens(double probability) {
    return std::uniform_real_distribution<>(0, 1)(engine_) < probability;
  }

  void set_faults(bool on) {
    files_.set_fault(
        [this, on](FileOperation operation, const std::string&) -> std::optional<std::errc> {
          if (!on || !happens(troubles_.fault)) return std::nullopt;
          // With syncs that fail, only they do: nobody can know what a process left behind that
          // could neither sync nor cut nor rename, and died.
          if ((operation == FileOperation::sync) != troubles_.failing_sync) return std::nullopt;
          return std::errc::io_error;
        });
  }

  void start() {
    FileSinkOptions options{.path = kPath, .format = format_, .rotate = {}};
    options.rotate.bytes = 9'000;
    options.rotate.keep = 0;
    options.fsync = 500ms;
    sink_ =
        std::make_unique<FileSink>(options, files_, clock_, protocol::mib::MibIndex::built_in());
    worker_ = std::make_unique<OrderedWorker>(SinkWorkerOptions{.batch_events = 7}, *sink_, source_,
                                              clock_, random_);
  }

  void step() { worker_->step(clock_.boot()); }

  // Ends the process without a word, perhaps in the middle of a write.
  void kill() {
    if (happens(0.5)) {
      source_.add(5);
      files_.fail_next(FileOperation::append, std::errc::interrupted);
      files_.set_fault([](FileOperation operation, const std::string&) -> std::optional<std::errc> {
        // The half that was written stays, for a killed process cuts nothing off.
        if (operation == FileOperation::truncate) return std::errc::io_error;
        return std::nullopt;
      });
      step();
    }
    if (troubles_.power_loss && happens(0.5)) files_.lose_power();
    set_faults(running_);
    worker_.reset();
    sink_.reset();
    source_.restart();
    start();
  }

  void trouble() {
    if (happens(0.15)) return kill();
    if (happens(0.1)) worker_->request_reopen();
  }

  std::mt19937_64 engine_;
  test_support::SeededRandom random_;
  const Troubles troubles_;
  const EventFormat format_;
  bool running_ = false;
  test_support::FakeClock clock_;
  MemoryFiles files_;
  TestEvent template_{test_support::v2c_trap({}), ""};
  ListedSource source_{template_.event};
  std::unique_ptr<FileSink> sink_;
  std::unique_ptr<OrderedWorker> worker_;
};

std::vector<int> one_to(int last) {
  std::vector<int> numbers;
  for (int number = 1; number <= last; ++number) numbers.push_back(number);
  return numbers;
}

void expect_each_once(EventFormat format, const Troubles& troubles) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation(seed, format, troubles);
    simulation.run();
    ASSERT_EQ(simulation.numbers(), one_to(simulation.added())) << "seed " << seed;
    ASSERT_EQ(simulation.figures().delivered, static_cast<std::uint64_t>(simulation.added()))
        << "seed " << seed;
  }
}

TEST(FileSinkCrash, KilledAnywhereEachEventIsThereOnce) {
  expect_each_once(EventFormat::json, {});
  expect_each_once(EventFormat::text, {});
}

TEST(FileSinkCrash, WithoutPowerEachEventIsThereOnce) {
  expect_each_once(EventFormat::json, {.power_loss = true});
}

TEST(FileSinkCrash, OnAFailingDiskEachEventIsThereOnce) {
  expect_each_once(EventFormat::json, {.power_loss = true, .fault = 0.02});
}

// A sync that fails while a new process opens the file leaves lines that may or may not be on the
// disk. Then an event may stand twice, but none may be missing.
TEST(FileSinkCrash, WithFailingSyncsNoneIsMissing) {
  int repeated = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation(seed, EventFormat::json,
                          {.power_loss = true, .fault = 0.1, .failing_sync = true});
    simulation.run();
    std::vector<int> numbers = simulation.numbers();
    const auto written = numbers.size();
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    ASSERT_EQ(numbers, one_to(simulation.added())) << "seed " << seed;
    repeated += written != numbers.size() ? 1 : 0;
  }
  EXPECT_LT(repeated, kSeeds / 2);
}

}  // namespace
}  // namespace trapline::sinks
