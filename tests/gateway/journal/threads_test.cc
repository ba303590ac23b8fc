// All threads at once, on a real disk: what the thread sanitizer looks at.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/posix_fs.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;

constexpr int kListeners = 3;
constexpr std::uint64_t kBatchesEach = 300;
constexpr std::uint64_t kEventsPerBatch = 7;
constexpr std::uint64_t kEvents = kListeners * kBatchesEach * kEventsPerBatch;

class CountDurable final : public DurableAction {
 public:
  explicit CountDurable(std::atomic<std::uint64_t>& count) : count_(count) {}
  void durable(Lsn) override { count_ += kEventsPerBatch; }

 private:
  std::atomic<std::uint64_t>& count_;
};

class JournalThreads : public testing::Test {
 protected:
  JournalThreads() {
    options_.directory = directory_ / "journal";
    options_.default_node = "n1";
    options_.segment_bytes = 256 << 10;
    options_.max_bytes = 64 << 20;
    options_.ring_bytes = 128 << 10;
    options_.queue_bytes = 64 << 10;
    options_.sinks = {{"file"}};
    std::string message;
    auto opened = Journal::open(options_, fs_, clock_, random_, log_, message);
    if (!opened) throw std::runtime_error(message);
    journal_ = std::move(*opened);
  }

  void listen(std::uint8_t listener) {
    for (std::uint64_t i = 0; i < kBatchesEach; ++i) {
      auto batch = journal_->new_batch();
      for (std::uint64_t n = 0; n < kEventsPerBatch; ++n) {
        const auto payload = batch->add(RecordType::event, 150, clock_.wall());
        std::fill(payload.begin(), payload.end(), static_cast<std::byte>(listener));
      }
      batch->urgent = i % 2 == 0;
      batch->action = std::make_unique<CountDurable>(durable_);
      while (!journal_->wait_for_room(Lane::reception, batch->bytes().size(), clock_.boot() + 1s)) {
      }
      journal_->append(Lane::reception, std::move(batch));
    }
  }

  void route() {
    static constexpr std::array<std::string_view, 1> kSinks{"file"};
    const auto reader = journal_->reader(mask_of(RecordType::event), Lsn{});
    for (std::uint64_t decided = 0; decided < kEvents;) {
      auto batch = journal_->new_batch();
      for (const RecordView& event : reader->next(32 << 10)) {
        Outcome outcome;
        outcome.event = event.ref;
        outcome.sinks = kSinks;
        encode_outcome(outcome, batch->add(RecordType::outcome, outcome_bytes(outcome), {}));
      }
      decided += batch->record_count();
      if (batch->empty()) {
        reader->wait(clock_.boot() + 1s);
      } else {
        journal_->append(Lane::reserved, std::move(batch));
      }
    }
  }

  void deliver() {
    const auto reader = journal_->reader(mask_of(RecordType::outcome), Lsn{});
    while (delivered_ < kEvents) {
      const auto records = reader->next(32 << 10);
      if (records.empty()) reader->wait(clock_.boot() + 1s);
      for (const RecordView& record : records) {
        if (reader->fetch(outcome_event(record.payload))) ++delivered_;
      }
    }
  }

  test_support::ScratchDirectory directory_;
  PosixFs fs_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, base::Log::to_stderr()};
  JournalOptions options_;
  std::unique_ptr<Journal> journal_;
  std::atomic<std::uint64_t> durable_{0};
  std::atomic<std::uint64_t> delivered_{0};
};

TEST_F(JournalThreads, EverybodyAtOnce) {
  {
    std::jthread committer([this](std::stop_token stop) { journal_->run_committer(stop, 5s); });
    std::jthread housekeeper([this](std::stop_token stop) { journal_->run_housekeeper(stop); });
    std::jthread status([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        static_cast<void>(journal_->stats());
        static_cast<void>(journal_->standing());
        std::this_thread::yield();
      }
    });
    std::jthread router([this] { route(); });
    std::jthread sink([this] { deliver(); });
    std::vector<std::jthread> listeners;
    for (int i = 0; i < kListeners; ++i) {
      listeners.emplace_back([this, i] { listen(static_cast<std::uint8_t>(i)); });
    }
  }
  EXPECT_EQ(durable_, kEvents);
  EXPECT_EQ(delivered_, kEvents);
  EXPECT_EQ(journal_->standing().events, kEvents);
  EXPECT_EQ(journal_->standing().decided, kEvents);
  EXPECT_EQ(journal_->stats().queued_bytes, 0U);
}

TEST_F(JournalThreads, StoppingCommitsWhatWasAppended) {
  std::jthread committer([this](std::stop_token stop) { journal_->run_committer(stop, 30s); });
  for (std::uint8_t i = 0; i < 3; ++i) listen(i);
  committer.request_stop();
  const base::BootTime asked = clock_.boot();
  committer.join();
  EXPECT_EQ(durable_, kEvents);
  EXPECT_LT(clock_.boot() - asked, 4s) << "it waited for a drain that was over";
}

TEST_F(JournalThreads, InterruptsEndEveryWait) {
  std::vector<std::jthread> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([this] {
      const auto reader = journal_->reader(mask_of(RecordType::event), journal_->durable());
      reader->wait(clock_.boot() + 1h);
    });
  }
  journal_->interrupt_readers();
}

}  // namespace
}  // namespace trapline::gateway::journal
