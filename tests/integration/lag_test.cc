// Who lags behind the journal costs disk and no memory: the line itself, in this process, with a
// router that stands still and a sink whose destination is away.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "gateway/journal/posix_fs.h"
#include "gateway/pipeline.h"
#include "tests/integration/datagram_sender.h"
#include "tests/support/process.h"
#include "tests/support/wire.h"

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using namespace gateway;
using test_support::wait_until;

constexpr std::uint64_t kEvents = 6'000;
constexpr std::size_t kTextBytes = 10'000;
constexpr std::uint64_t kAppendedBytes = kEvents * kTextBytes;
constexpr std::uint64_t kRingBytes = 4 * kMebibyte;
// The ring, the pool of batches behind it, a segment's informs, what readers and the sink gather.
constexpr std::uint64_t kMemoryBytes = 24 * kMebibyte;
static_assert(2 * kMemoryBytes < kAppendedBytes);
constexpr std::uint64_t kBurst = 12;  // fits the smallest receive buffer

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

class Lag : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.data_dir = scratch_ / "data";
    config_.communities.push_back({"default", base::Secret("public"), {}});
    config_.file_sinks.emplace_back();
    config_.file_sinks[0].name = "events";
    config_.file_sinks[0].path = scratch_ / "out/events.jsonl";
    config_.sink_names = {"events"};
    journal::JournalOptions options;
    options.directory = scratch_ / "data/journal";
    options.default_node = "n1";
    options.max_bytes = kGibibyte;
    options.ring_bytes = kRingBytes;
    options.sinks = {{"events"}};
    std::string message;
    auto opened = journal::Journal::open(options, fs_, clock_, random_, log_, message);
    ASSERT_TRUE(opened) << message;
    journal_ = std::move(*opened);
    ListenerConfig listener;
    listener.udp = *base::Endpoint::parse("127.0.0.1:0");
    auto sockets = UdpListener::open(listener);
    ASSERT_TRUE(sockets);
    port_ = sockets->front()->local().port;
    dead_letters_ = std::make_unique<DeadLetterLog>(fs_, scratch_ / "data/deadletters", log_);
    pipeline_ = std::make_unique<Pipeline>(
        PipelineParts{config_, *journal_, clock_, random_, log_, 1, *dead_letters_},
        std::move(*sockets));
  }
  void TearDown() override { open_gate(); }

  void make_destination() const { std::filesystem::create_directory(scratch_ / "out"); }
  void open_gate() {
    gate_open_ = true;
    gate_open_.notify_all();
  }
  // Sends everything and sees it stored; the most memory that was in use meanwhile, beyond what was
  // in use before.
  std::uint64_t fill() {
    const DatagramSender sender(port_);
    const auto trap = test_support::v2c_trap({test_support::varbind(
        "1.3.6.1.4.1.9.1", test_support::octet_string(std::string(kTextBytes, 'x')))});
    const std::uint64_t before = resident_bytes();
    std::uint64_t most = before;
    for (std::uint64_t sent = 0; sent < kEvents;) {
      for (std::uint64_t i = 0; i < kBurst; ++i) EXPECT_TRUE(sender.send(trap));
      sent += kBurst;
      const bool stored = wait_until([&] { return journal_->standing().events >= sent; });
      EXPECT_TRUE(stored) << pipeline_->books().kernel_drops;
      if (!stored) break;
      most = std::max(most, resident_bytes());
    }
    return most - before;
  }
  void expect_everything_delivered() {
    const bool delivered = wait_until([this] {
      const Books books = pipeline_->books();
      return books.sinks[0].report.delivered == kEvents && books.balance();
    });
    EXPECT_TRUE(delivered);
    EXPECT_TRUE(pipeline_->drain(30s));
    const Books books = pipeline_->books();
    EXPECT_EQ(books.reception.accepted, kEvents);
    EXPECT_EQ(books.decided, kEvents);
    EXPECT_EQ(books.lost, 0U);
    EXPECT_EQ(books.sinks[0].report.skipped, 0U);
    EXPECT_TRUE(books.balance());
    std::ifstream file(config_.file_sinks[0].path);
    std::uint64_t lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    EXPECT_EQ(lines, kEvents);
  }

  test_support::ScratchDirectory scratch_;
  journal::PosixFs fs_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::Log log_{base::LogFormat::logfmt, base::LogLevel::error, clock_, [](std::string_view) {}};
  Config config_;
  std::uint16_t port_ = 0;
  std::atomic<bool> gate_open_{false};
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<DeadLetterLog> dead_letters_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(Lag, ARouterThatStandsStillCostsNoMemoryAndLosesNothing) {
  make_destination();
  pipeline_->slow_router([this] { gate_open_.wait(false); });
  pipeline_->start();
  EXPECT_LT(fill(), kMemoryBytes);
  EXPECT_LE(journal_->stats().ring_bytes, kRingBytes + kMebibyte);
  EXPECT_GT(journal_->stats().committed_bytes, kAppendedBytes);
  EXPECT_EQ(journal_->standing().decided, 0U);
  EXPECT_EQ(pipeline_->books().awaiting, kEvents);
  open_gate();
  expect_everything_delivered();
}

TEST_F(Lag, ASinkWhoseDestinationIsAwayCostsNoMemoryAndLosesNothing) {
  pipeline_->start();
  EXPECT_LT(fill(), kMemoryBytes);
  EXPECT_TRUE(wait_until([this] { return journal_->standing().decided == kEvents; }));
  EXPECT_LE(journal_->stats().ring_bytes, kRingBytes + kMebibyte);
  EXPECT_EQ(pipeline_->books().sinks[0].pending, kEvents);
  EXPECT_EQ(pipeline_->books().sinks[0].report.delivered, 0U);
  make_destination();
  expect_everything_delivered();
}

}  // namespace
}  // namespace trapline::integration
