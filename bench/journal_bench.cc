// What the journal costs: appending in full batches next to a bare write and fdatasync of the same
// bytes into a pre-zeroed file, in the same run. Prints the median of five interleaved pairs, and
// the CPU per record.
//
//   journal_bench [--directory DIR] [--megabytes N] [--json]
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/journal/journal.h"
#include "gateway/journal/outcome_record.h"
#include "gateway/journal/posix_fs.h"

namespace {

using namespace trapline;
using namespace trapline::gateway::journal;

constexpr std::size_t kEventBytes = 260;  // a linkDown of six varbinds as an EVENT
constexpr std::size_t kBatchBytes = 128U << 10;
constexpr std::size_t kCommitBytes = 1U << 20;
constexpr int kPairs = 5;

struct Arguments {
  std::string directory = ".";
  std::size_t megabytes = 256;
  bool json = false;
};

// Stores nothing: what remains is the journal's own work.
class NullFile final : public File {
 public:
  FsResult<std::size_t> read_at(std::uint64_t, base::MutableBytes) override { return 0U; }
  FsResult<void> write_at(std::uint64_t, std::span<const base::Bytes>) override { return {}; }
  FsResult<void> sync() override { return {}; }
  FsResult<void> truncate(std::uint64_t) override { return {}; }
  FsResult<std::uint64_t> size_bytes() override { return 0U; }
};

class NullFs final : public Fs {
 public:
  FsResult<std::unique_ptr<File>> open(const std::string&, OpenMode mode) override {
    if (mode != OpenMode::create_exclusive) return FsError::not_found;
    return std::unique_ptr<File>(std::make_unique<NullFile>());
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
    return std::unique_ptr<File>(std::make_unique<NullFile>());
  }
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// CPU this process has used.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "journal_bench: %s\n", why.c_str());
  std::exit(1);
}

// One journal that takes full batches of one kind of record.
class JournalRun {
 public:
  JournalRun(Fs& fs, const std::string& directory, RecordType type)
      : type_(type),
        log_(base::LogFormat::logfmt, base::LogLevel::error, clock_, base::Log::to_stderr()) {
    JournalOptions options;
    options.directory = directory;
    options.default_node = "bench";
    options.commit_bytes = kCommitBytes;
    options.sinks = {{"file"}};
    std::string message;
    auto opened = Journal::open(options, fs, clock_, random_, log_, message);
    if (!opened) give_up(message);
    journal_ = std::move(*opened);
    payload_ = type == RecordType::outcome ? outcome() : std::vector<std::byte>(kEventBytes);
  }

  // Appends and commits about one megabyte. Returns the records.
  std::size_t commit() {
    std::size_t records = 0;
    for (std::size_t done = 0; done < kCommitBytes - kBatchBytes; done += kBatchBytes) {
      auto batch = journal_->new_batch();
      while (batch->bytes().size() + payload_.size() + 64 < kBatchBytes) {
        const auto payload = batch->add(type_, payload_.size(), {});
        std::copy(payload_.begin(), payload_.end(), payload.begin());
      }
      records += batch->record_count();
      batch->urgent = true;
      journal_->append(Lane::reception, std::move(batch));
    }
    journal_->commit_step();
    return records;
  }
  // Prepares the next segment, as the housekeeper does beside the committer.
  void prepare() {
    for (int i = 0; i < 80; ++i) journal_->housekeeping_step();
  }
  [[nodiscard]] std::uint64_t bytes() const { return journal_->stats().committed_bytes; }

 private:
  static std::vector<std::byte> outcome() {
    static constexpr std::array<std::string_view, 1> kSinks{"file"};
    Outcome outcome;
    outcome.event = {Lsn{1}, SegmentNumber{1}, 8'224};
    outcome.sinks = kSinks;
    std::vector<std::byte> payload(outcome_bytes(outcome));
    encode_outcome(outcome, payload);
    return payload;
  }

  const RecordType type_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::Log log_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::byte> payload_;
};

// Seconds to journal `megabytes`; the preparation of segments is the housekeeper's and not counted.
double journal_seconds(const Arguments& arguments, std::uint64_t& bytes) {
  const std::string directory = arguments.directory + "/journal_bench.dir";
  std::filesystem::remove_all(directory);
  PosixFs fs;
  JournalRun run(fs, directory, RecordType::event);
  const std::uint64_t before = run.bytes();
  double total = 0;
  for (std::size_t i = 0; i < arguments.megabytes; ++i) {
    if (i % 32 == 0) run.prepare();
    const double began = wall_seconds();
    run.commit();
    total += wall_seconds() - began;
  }
  bytes = run.bytes() - before;
  std::filesystem::remove_all(directory);
  return total;
}

// Seconds to write the same number of octets, in pieces of the same size, each with its fdatasync.
double bare_seconds(const Arguments& arguments, std::uint64_t bytes) {
  const std::string path = arguments.directory + "/journal_bench.bare";
  std::filesystem::remove(path);
  PosixFs fs;
  auto file = fs.open(path, OpenMode::create_exclusive);
  if (!file) give_up("cannot write " + path);
  std::vector<std::byte> piece(bytes / arguments.megabytes);
  const std::array<base::Bytes, 1> pieces{piece};
  const auto pass = [&](std::byte fill) {
    std::fill(piece.begin(), piece.end(), fill);
    const double began = wall_seconds();
    for (std::size_t i = 0; i < arguments.megabytes; ++i) {
      if (!(*file)->write_at(i * piece.size(), pieces) || !(*file)->sync()) give_up("write failed");
    }
    return wall_seconds() - began;
  };
  pass(std::byte{0});
  const double seconds = pass(std::byte{0x55});
  std::filesystem::remove(path);
  return seconds;
}

// Nanoseconds of CPU per record, storing to nowhere.
double cpu_ns_per_record(RecordType type) {
  NullFs fs;
  JournalRun run(fs, "/null", type);
  for (int i = 0; i < 100; ++i) run.commit();
  const double began = cpu_seconds();
  std::size_t records = 0;
  for (int i = 0; i < 400; ++i) records += run.commit();
  return (cpu_seconds() - began) / static_cast<double>(records) * 1e9;
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--json") {
      arguments.json = true;
    } else if (i + 1 < argc && name == "--directory") {
      arguments.directory = argv[++i];
    } else if (i + 1 < argc && name == "--megabytes") {
      arguments.megabytes = std::strtoull(argv[++i], nullptr, 10);
    } else {
      give_up("usage: journal_bench [--directory DIR] [--megabytes N] [--json]");
    }
  }
  if (arguments.megabytes == 0) give_up("--megabytes must be at least 1");
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  std::vector<double> ratios;
  std::vector<double> journal_rates;
  std::vector<double> bare_rates;
  for (int pair = 0; pair < kPairs; ++pair) {
    std::uint64_t bytes = 0;
    const double journal = journal_seconds(arguments, bytes);
    const double bare = bare_seconds(arguments, bytes);
    const double megabytes = static_cast<double>(bytes) / 1e6;
    ratios.push_back(journal / bare);
    journal_rates.push_back(megabytes / journal);
    bare_rates.push_back(megabytes / bare);
    if (!arguments.json) {
      std::printf("pair %d: journal %.0f MB/s, bare write+fdatasync %.0f MB/s, ratio %.2f\n",
                  pair + 1, journal_rates.back(), bare_rates.back(), ratios.back());
    }
  }
  const double event_ns = cpu_ns_per_record(RecordType::event);
  const double outcome_ns = cpu_ns_per_record(RecordType::outcome);
  std::printf(arguments.json
                  ? "{\"journal_over_bare\":%.3f,\"journal_mb_s\":%.1f,\"bare_mb_s\":%.1f,"
                    "\"event_cpu_ns\":%.1f,\"outcome_cpu_ns\":%.1f}\n"
                  : "median: %.2f x bare (%.0f MB/s against %.0f MB/s); CPU per record, filling "
                    "included: EVENT %.0f ns, OUTCOME %.0f ns\n",
              median(ratios), median(journal_rates), median(bare_rates), event_ns, outcome_ns);
  return 0;
}
