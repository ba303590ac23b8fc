#include "gateway/journal/journal.h"

#include <algorithm>

#include "gateway/journal/committer.h"
#include "gateway/journal/core.h"
#include "gateway/journal/housekeeper.h"
#include "gateway/journal/log_reader.h"
#include "gateway/journal/recovery.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::uint64_t kLeastSegmentBytes = 64U << 10;

// The one implementation: every member is a line that says whose business it is.
class OpenJournal final : public Journal {
 public:
  OpenJournal(std::unique_ptr<File> lock, JournalOptions options, std::string node,
              Recovery recovery, Fs& fs, const base::Clock& clock, base::Random& random,
              base::Log& log)
      : lock_(std::move(lock)),
        core_(std::move(options), std::move(node), fs, clock, random, log),
        recovered_(std::move(recovery.recovered)),
        nodes_(std::move(recovery.nodes)),
        first_own_(recovery.start.next_segment),
        committer_(core_, recovery.start),
        housekeeper_(core_, committer_.rule_start()) {
    for (const SegmentInfo& info : recovery.segments) core_.table.add(info);
    core_.standing.with([this](Standing& standing) { standing = recovered_.standing; });
    core_.wanted_first = recovered_.standing.first_wanted.value;
    core_.hub.start(Lsn{recovery.start.next.value - 1});
  }

  // Commits the first CHECKPOINT.
  [[nodiscard]] FsResult<void> start() { return committer_.start(); }

  [[nodiscard]] const Recovered& recovered() const override { return recovered_; }

  [[nodiscard]] std::unique_ptr<AppendBatch> new_batch() override { return core_.pool.take(); }
  [[nodiscard]] bool wait_for_room(Lane lane, std::size_t bytes, base::BootTime deadline) override {
    return core_.queue.wait_for_room(lane, bytes, deadline);
  }
  void append(Lane lane, std::unique_ptr<AppendBatch> batch) override {
    core_.queue.append(lane, std::move(batch));
  }

  base::BootTime commit_step() override { return committer_.step(); }
  void run_committer(std::stop_token stop, std::chrono::milliseconds drain) override {
    committer_.run(stop, drain);
  }
  base::BootTime housekeeping_step() override { return housekeeper_.step(); }
  void run_housekeeper(std::stop_token stop) override { housekeeper_.run(stop); }

  [[nodiscard]] std::unique_ptr<Reader> reader(RecordMask mask, Lsn after) override {
    return std::make_unique<LogReader>(core_, mask, after);
  }
  [[nodiscard]] Lsn durable() const override { return core_.hub.durable(); }
  void interrupt_readers() override { core_.hub.interrupt_all(); }

  [[nodiscard]] Standing standing() const override {
    return core_.standing.with([](const Standing& standing) { return standing; });
  }
  [[nodiscard]] JournalStats stats() const override;
  [[nodiscard]] bool writable() const override { return core_.health.writable(); }
  [[nodiscard]] RuleTime rule_time() const override { return committer_.rule_time(); }
  [[nodiscard]] std::size_t most_waiting() const override {
    return journal::most_waiting(checkpoint_limit_bytes(core_.options));
  }
  [[nodiscard]] const std::string& node() const override { return core_.node; }
  [[nodiscard]] const std::string& node_of(SegmentNumber segment) const override {
    const auto behind = nodes_.upper_bound(segment);
    return segment >= first_own_ || behind == nodes_.begin() ? core_.node
                                                             : std::prev(behind)->second;
  }

 private:
  const std::unique_ptr<File> lock_;
  Core core_;
  const Recovered recovered_;
  const std::map<SegmentNumber, std::string> nodes_;  // of the segments before `first_own_`
  const SegmentNumber first_own_;
  Committer committer_;
  Housekeeper housekeeper_;
};

JournalStats OpenJournal::stats() const {
  const QueueFigures queued = core_.queue.figures();
  JournalStats stats;
  stats.node = core_.node;
  stats.durable = core_.hub.durable();
  stats.segments = core_.table.size();
  stats.bytes = core_.table.total_bytes();
  stats.pinned_bytes = core_.counters.pinned_bytes;
  stats.max_bytes = core_.options.max_bytes;
  stats.commits = core_.counters.commits;
  stats.committed_bytes = core_.counters.committed_bytes;
  stats.failed_syncs = core_.counters.failed_syncs;
  stats.ring_bytes = core_.ring.memory_bytes();
  stats.queued_bytes = queued.bytes;
  stats.queued_events = queued.events;
  stats.damaged_records = core_.counters.damaged_records;
  stats.file_reads = core_.counters.file_reads;
  stats.writable = core_.health.writable();
  stats.trouble = core_.health.trouble();
  return stats;
}

// What the options say, within what the disk allows. Several segments have to fit into the whole.
JournalOptions fit_to_disk(const JournalOptions& options, Fs& fs) {
  JournalOptions fitted = options;
  if (const auto space = fs.space(options.directory)) {
    fitted.max_bytes = std::min(fitted.max_bytes, space->total_bytes / 2);
  }
  fitted.max_bytes = std::max(fitted.max_bytes, 4 * kLeastSegmentBytes);
  fitted.segment_bytes = std::clamp(fitted.segment_bytes, kLeastSegmentBytes,
                                    std::max(kLeastSegmentBytes, fitted.max_bytes / 4));
  fitted.commit_bytes =
      std::min(fitted.commit_bytes, static_cast<std::size_t>(fitted.segment_bytes / 4));
  return fitted;
}

OpenError refusal(FsError error, const std::string& directory, std::string& message) {
  message = "cannot write the journal in " + directory + ": " + std::string(name_of(error)) + "; ";
  switch (error) {
    case FsError::locked:
      message = "another gateway is using " + directory +
                ": stop it, or give this one a data_dir of its own";
      return OpenError::locked;
    case FsError::no_space:
      message += "free space on its file system, or move data_dir";
      return OpenError::no_space;
    case FsError::denied:
      message += "make the directory writable for this user, or set another data_dir";
      return OpenError::not_writable;
    default: message += "check the disk, or set another data_dir"; return OpenError::not_writable;
  }
}

}  // namespace

base::Result<std::unique_ptr<Journal>, OpenError> Journal::open(const JournalOptions& options,
                                                                Fs& fs, const base::Clock& clock,
                                                                base::Random& random,
                                                                base::Log& log,
                                                                std::string& message) {
  const auto refuse = [&](FsError error) { return refusal(error, options.directory, message); };
  if (const auto made = fs.make_directory(options.directory); !made) return refuse(made.error());
  auto lock = fs.lock(options.directory + "/lock");
  if (!lock) return refuse(lock.error());
  const JournalOptions fitted = fit_to_disk(options, fs);
  auto recovery = recover(fitted, fs, clock, log);
  if (!recovery) return refuse(recovery.error());
  std::string node = options.node;
  if (node.empty()) node = recovery->node;
  if (node.empty()) node = options.default_node;
  if (!is_node_id(node)) {
    message = "node id \"" + node + "\": use 1 to 32 characters of A-Z a-z 0-9 _ -";
    return OpenError::bad_node;
  }
  auto journal = std::make_unique<OpenJournal>(std::move(*lock), fitted, std::move(node),
                                               std::move(*recovery), fs, clock, random, log);
  if (const auto started = journal->start(); !started) return refuse(started.error());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace trapline::gateway::journal
