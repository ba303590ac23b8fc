// The committer: the only writer of the log. One group commit is one write and one fdatasync.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "gateway/journal/core.h"

namespace trapline::gateway::journal {

// Where the log goes on after recovery.
struct CommitStart {
  Lsn next;
  SegmentNumber next_segment;
  RuleTime not_before;  // rule time never goes below this
};

// One thread. Takes batches from the queue, stamps them, makes them durable, publishes them to
// standing, ring and readers, and runs their actions, in this order.
//
// When the disk refuses, the same records are written to a new segment; when that fails too,
// nothing is acknowledged and the commit is tried again every half a second. The end of a segment
// is kept for a CHECKPOINT, which can thus always be written when no further segment is allowed.
class Committer {
 public:
  Committer(Core& core, const CommitStart& start);

  // Starts the first segment: commits a CHECKPOINT of the standing. To be called once, before
  // anything else.
  [[nodiscard]] FsResult<void> start();
  // The rule time at which this run began.
  [[nodiscard]] RuleTime rule_start() const { return anchor_rule_; }
  // The rule time that a record stamped now would get, or one just before. Any thread.
  [[nodiscard]] RuleTime rule_time() const;
  // See Journal::commit_step and Journal::run_committer.
  [[nodiscard]] base::BootTime step();
  void run(const std::stop_token& stop, std::chrono::milliseconds drain);

 private:
  [[nodiscard]] bool reception_has_room(base::BootTime now);
  void judge_reception(bool has_room, base::BootTime now);
  [[nodiscard]] bool checkpoint_wanted() const;
  [[nodiscard]] FsResult<void> make_durable();
  [[nodiscard]] FsResult<void> attempt();
  [[nodiscard]] bool commit_checkpoint_alone();
  [[nodiscard]] FsResult<void> write();
  [[nodiscard]] bool needs_rotation() const;
  [[nodiscard]] FsResult<void> rotate();
  void retire_segment();
  void discard_segment();
  void build_checkpoint();
  [[nodiscard]] std::size_t stamp();
  void stamp_batch(AppendBatch& batch, RuleTime rule_time, Lsn& lsn, std::uint32_t& offset);
  void publish(std::size_t frame_bytes);
  void apply(const Commit& commit, LsnByType& last_of_type);
  void finish();
  void report(FsError error);
  [[nodiscard]] RuleTime rule_now();

  Core& core_;
  const base::BootTime anchor_boot_;
  const RuleTime anchor_rule_;
  // How long nobody wrote before this run; zero once that is on record.
  std::chrono::nanoseconds down_;
  RuleTime last_rule_time_;
  Lsn next_lsn_;
  SegmentNumber next_segment_;
  std::unique_ptr<Segment> segment_;
  bool refused_ = false;            // the last attempt failed
  base::BootTime retry_at_{};       // not before this
  base::BootTime blocked_since_{};  // when reception ran out of room; zero while it has some

  // The commit under way. When it fails, it stays here for the next attempt.
  std::vector<std::unique_ptr<AppendBatch>> pending_;
  std::unique_ptr<Commit> commit_;
  Commit* published_ = nullptr;  // durable and in the ring; its actions are still to run
  std::unique_ptr<AppendBatch> checkpoint_;  // first in the commit, when there is one
  std::vector<std::byte> checkpoint_payload_;
  std::vector<std::uint32_t> crcs_;
  std::vector<base::Bytes> pieces_;
  std::array<std::byte, kFrameHeaderBytes> frame_header_{};
};

}  // namespace trapline::gateway::journal
