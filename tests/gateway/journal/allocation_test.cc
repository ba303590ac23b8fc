// Appending, committing and following allocate nothing per record once warm. This file replaces the
// program's operator new by one that counts.
#include <cstdlib>
#include <new>

#include "tests/gateway/journal/sim_journal.h"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
// Elsewhere `operator delete` frees what malloc gave; sanitizers want both replaced together.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace trapline::gateway::journal {
namespace {

// Stores nothing, so that what is counted is the journal's own.
class VoidFile final : public File {
 public:
  FsResult<std::size_t> read_at(std::uint64_t, base::MutableBytes) override {
    return std::size_t{0};
  }
  FsResult<void> write_at(std::uint64_t, std::span<const base::Bytes>) override { return {}; }
  FsResult<void> sync() override { return {}; }
  FsResult<void> truncate(std::uint64_t) override { return {}; }
  FsResult<std::uint64_t> size_bytes() override { return std::uint64_t{0}; }
};

class VoidFs final : public Fs {
 public:
  FsResult<std::unique_ptr<File>> open(const std::string&, OpenMode mode) override {
    if (mode != OpenMode::create_exclusive) return FsError::not_found;
    return std::unique_ptr<File>(std::make_unique<VoidFile>());
  }
  FsResult<void> make_directory(const std::string&) override { return {}; }
  FsResult<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>{};
  }
  FsResult<void> rename(const std::string&, const std::string&) override { return {}; }
  FsResult<void> unlink(const std::string&) override { return {}; }
  FsResult<void> sync_directory(const std::string&) override { return {}; }
  FsResult<FsSpace> space(const std::string&) override {
    return FsSpace{std::uint64_t{1} << 40, std::uint64_t{1} << 40};
  }
  FsResult<std::unique_ptr<File>> lock(const std::string&) override {
    return std::unique_ptr<File>(std::make_unique<VoidFile>());
  }
};

// One round of the gateway's work: EVENTs in, read by the router, an OUTCOME for each, read by a
// sink that looks the EVENT up. Returns the EVENTs.
std::size_t round_of_work(Journal& journal, Reader& router, Reader& sink) {
  static constexpr std::array<std::string_view, 2> kSinks{"file", "kafka"};
  std::size_t events = 0;
  for (int batches = 0; batches < 8; ++batches) {
    auto batch = journal.new_batch();
    for (int i = 0; i < 32; ++i, ++events) {
      const auto payload = batch->add(RecordType::event, 260, {});
      std::fill(payload.begin(), payload.end(), std::byte{0x30});
    }
    batch->urgent = true;
    journal.append(Lane::reception, std::move(batch));
  }
  journal.commit_step();
  auto decided = journal.new_batch();
  while (true) {
    const auto records = router.next(1 << 16);
    if (records.empty()) break;
    for (const RecordView& event : records) {
      Outcome outcome;
      outcome.event = event.ref;
      outcome.sinks = kSinks;
      encode_outcome(outcome, decided->add(RecordType::outcome, outcome_bytes(outcome), {}));
    }
  }
  decided->urgent = true;
  journal.append(Lane::reserved, std::move(decided));
  journal.commit_step();
  while (true) {
    const auto records = sink.next(1 << 16);
    if (records.empty()) break;
    for (const RecordView& outcome : records) {
      EXPECT_TRUE(sink.fetch(outcome_event(outcome.payload)));
    }
  }
  return events;
}

TEST(JournalAllocations, NoneInSteadyState) {
  VoidFs fs;
  test_support::FakeClock clock;
  test_support::SeededRandom random(1);
  base::Log log(base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {});
  JournalOptions options;
  options.directory = "/void";
  options.default_node = "n1";
  options.ring_bytes = 4 << 20;
  std::string message;
  auto opened = Journal::open(options, fs, clock, random, log, message);
  ASSERT_TRUE(opened) << message;
  Journal& journal = **opened;
  const auto router = journal.reader(mask_of(RecordType::event), Lsn{});
  const auto sink = journal.reader(mask_of(RecordType::outcome), Lsn{});
  // Warm: the ring has filled up, and what leaves it comes back.
  for (int i = 0; i < 200; ++i) round_of_work(journal, *router, *sink);

  const std::size_t before = allocations;
  std::size_t events = 0;
  for (int i = 0; i < 200; ++i) events += round_of_work(journal, *router, *sink);
  EXPECT_EQ(events, 200U * 256U);
  EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace trapline::gateway::journal
