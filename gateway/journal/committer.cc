#include "gateway/journal/committer.h"

#include <algorithm>

#include "gateway/journal/crash_point.h"
#include "gateway/journal/record_wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::chrono::milliseconds kRetryEvery{500};
// The last part of a segment is kept for router and sinks while no successor can be had: what they
// write is what sets space free.
constexpr std::uint64_t kReservedShare = 8;
// What remote engines may take of a new segment.
constexpr std::uint64_t kEnginesShare = 4;
// A retry that only waits for the housekeeper to unlink what a CHECKPOINT has just let go.
constexpr std::chrono::milliseconds kRetrySoon{50};

std::uint64_t checkpoint_reserve(const JournalOptions& options) {
  return std::min<std::uint64_t>(kFrameHeaderBytes + record_bytes(kMaxPayloadBytes),
                                 options.segment_bytes / kCheckpointShare);
}

Epoch new_epoch(base::Random& random) {
  std::uint32_t value = 0;
  while (value == 0) value = static_cast<std::uint32_t>(random.next() >> 32);
  return Epoch{value};
}

}  // namespace

Committer::Committer(Core& core, const CommitStart& start)
    : core_(core),
      anchor_boot_(core.clock.boot()),
      anchor_rule_(std::max(RuleTime{std::int64_t{core.clock.wall().time_since_epoch().count()}},
                            start.not_before)),
      down_(start.not_before.since_epoch_ns == 0
                ? 0
                : anchor_rule_.since_epoch_ns - start.not_before.since_epoch_ns),
      last_rule_time_(anchor_rule_),
      next_lsn_(start.next),
      next_segment_(start.next_segment) {}

FsResult<void> Committer::start() {
  const auto done = make_durable();
  if (done) finish();
  if (done) down_ = {};
  return done;
}

base::BootTime Committer::step() {
  const base::BootTime now = core_.clock.boot();
  if (refused_ && now < retry_at_) return retry_at_;
  if (pending_.empty()) {
    const bool has_room = reception_has_room(now);
    judge_reception(has_room, now);
    const base::BootTime due = core_.queue.due(!has_room);
    if (due > now && !checkpoint_wanted()) return has_room ? due : std::min(due, retry_at_);
    if (due <= now) core_.queue.take(!has_room, pending_);
    TRAPLINE_CRASH_POINT("batch-filled");
  }
  const auto done = make_durable();
  refused_ = !done;
  if (!done) {
    // When segments can go now, whether that helps is seen at the next attempt.
    const bool freed = commit_checkpoint_alone();
    if (!freed) report(done.error());
    retry_at_ = now + (freed ? kRetrySoon : kRetryEvery);
    return retry_at_;
  }
  finish();
  const bool blocked = blocked_since_ != base::BootTime{};
  const base::BootTime due = core_.queue.due(blocked);
  return blocked ? std::min(due, retry_at_) : due;
}

void Committer::run(const std::stop_token& stop, std::chrono::milliseconds drain) {
  while (!stop.stop_requested()) core_.queue.wait_for_work(step(), stop);
  core_.queue.drain();
  const base::BootTime deadline = core_.clock.boot() + drain;
  while (!core_.queue.empty() || !pending_.empty()) {
    const base::BootTime next = step();
    const base::BootTime now = core_.clock.boot();
    const bool left = !core_.queue.empty() || !pending_.empty();
    if (!left) break;
    if (now >= deadline) return;  // the disk refuses, or is too slow
    if (next <= now) continue;
    core_.queue.wait_for_work(std::min(next, deadline), {});
  }
}

// May events be taken, or is what is left of the disk kept for router and sinks?
bool Committer::reception_has_room(base::BootTime now) {
  const std::uint64_t needed = core_.options.commit_bytes +
                               core_.options.segment_bytes / kReservedShare +
                               checkpoint_reserve(core_.options);
  if (segment_ && !segment_->broken() && segment_->room_bytes() >= needed) return true;
  if (!segment_fits(core_, reception_limit_bytes(core_.options))) {
    if (blocked_since_ == base::BootTime{}) core_.housekeeping.poke();
    return false;
  }
  // Whether there will be a successor is found out while there is still room for router and sinks.
  if (core_.preparer.ready()) return true;
  if (core_.preparer.trouble() && now < retry_at_) return false;
  if (core_.preparer.finish()) return true;
  retry_at_ = now + kRetryEvery;
  return false;
}

// A moment without room is for the housekeeper to end; a longer one is trouble.
void Committer::judge_reception(bool has_room, base::BootTime now) {
  if (has_room) {
    if (std::exchange(blocked_since_, {}) != base::BootTime{} && core_.health.recover()) {
      core_.queue.set_writable(true);
    }
    return;
  }
  if (blocked_since_ == base::BootTime{}) blocked_since_ = now;
  if (retry_at_ <= now) retry_at_ = now + kRetryEvery;
  if (now - blocked_since_ < kRetryEvery) return;
  if (const auto trouble = core_.preparer.trouble()) {
    report(*trouble);
  } else {
    core_.health.fail(
        "the journal has reached max_bytes and all of it is still needed by the router or by sinks "
        "with required: true; nothing is acknowledged until they catch up or journal.max_bytes is "
        "raised");
    core_.queue.set_writable(false);
  }
}

bool Committer::checkpoint_wanted() const {
  const std::uint64_t wanted = core_.wanted_first.load();
  return wanted > core_.standing.with([](const Standing& s) { return s.first_wanted.value; });
}

// A failed write is tried once more at once, in a new segment: never again in the same file, whose
// pages the system may have dropped.
FsResult<void> Committer::make_durable() {
  const auto first = attempt();
  if (first || !segment_ || !segment_->broken()) return first;
  return attempt();
}

FsResult<void> Committer::attempt() {
  checkpoint_.reset();
  if (checkpoint_wanted()) build_checkpoint();
  if (needs_rotation()) {
    if (const auto rotated = rotate(); !rotated) return rotated;
    build_checkpoint();
    if (core_.options.engines != nullptr) {
      core_.options.engines->record(*checkpoint_, core_.options.segment_bytes / kEnginesShare);
    }
  }
  return write();
}

// No room for what is pending and no new segment to be had: a CHECKPOINT that lets older segments
// go must not wait for the very space it sets free. What is pending stays so. True when it is
// durable.
bool Committer::commit_checkpoint_alone() {
  if (!segment_ || segment_->broken() || !checkpoint_wanted()) return false;
  std::vector<std::unique_ptr<AppendBatch>> waiting;
  waiting.swap(pending_);
  build_checkpoint();
  const std::size_t needed = kFrameHeaderBytes + checkpoint_->bytes().size();
  const bool done = needed <= segment_->room_bytes() && write();
  if (done) {
    core_.hub.notify(published_->types);
    published_ = nullptr;
    core_.housekeeping.poke();
  }
  pending_ = std::move(waiting);
  return done;
}

// Writes checkpoint and pending batches as one frame, and publishes it once it is durable.
FsResult<void> Committer::write() {
  const std::size_t frame_bytes = stamp();
  if (commit_->slots.empty()) return {};
  if (const auto done = segment_->append(pieces_); !done) {
    ++core_.counters.failed_syncs;
    return done;
  }
  TRAPLINE_CRASH_POINT("sync-done-before-lsn");
  publish(frame_bytes);
  return {};
}

bool Committer::needs_rotation() const {
  if (!segment_ || segment_->broken()) return true;
  if (segment_->empty()) return false;
  std::size_t needed = kFrameHeaderBytes + (checkpoint_ ? checkpoint_->bytes().size() : 0);
  for (const auto& batch : pending_) needed += batch->bytes().size();
  if (!pending_.empty()) needed += checkpoint_reserve(core_.options);
  return needed > segment_->room_bytes();
}

// From here on the old segment must not grow: should the new one turn up after a crash, it
// supersedes what comes behind its first LSN.
FsResult<void> Committer::rotate() {
  if (segment_ && segment_->broken()) discard_segment();
  const bool first_ever = core_.counters.commits == 0;
  if (!first_ever && !segment_fits(core_, core_.options.max_bytes)) return FsError::no_space;
  if (const auto prepared = core_.preparer.finish(); !prepared) return prepared;
  if (segment_) retire_segment();
  const SegmentHeader header{new_epoch(core_.random), next_segment_, next_lsn_, core_.clock.wall(),
                             core_.node};
  auto file = core_.preparer.take(header);
  if (!file) return file.error();
  segment_ = std::make_unique<Segment>(std::move(*file), header, core_.options.segment_bytes);
  next_segment_ = SegmentNumber{next_segment_.value + 1};
  core_.table.add(segment_->info());
  core_.housekeeping.poke();
  return {};
}

// A full segment goes to the housekeeper; when that one does not keep up, it is sealed here.
void Committer::retire_segment() {
  const bool handed_over = core_.to_seal.with([&](auto& waiting) {
    if (waiting.size() >= kMaxToSeal) return false;
    waiting.push_back(std::move(segment_));
    return true;
  });
  if (!handed_over) seal_segment(core_, *segment_);
  segment_.reset();
}

// After a failed write. What is durable in the segment stays; one that holds nothing goes, and its
// number is used again, so that a disk that refuses for hours does not collect files.
void Committer::discard_segment() {
  if (segment_->empty()) {
    const SegmentNumber number = segment_->header().number;
    core_.table.remove(number);
    next_segment_ = number;
    static_cast<void>(core_.fs.unlink(core_.options.directory + "/" + segment_file_name(number)));
  }
  segment_.reset();
}

void Committer::build_checkpoint() {
  checkpoint_ = core_.pool.take();
  checkpoint_payload_.clear();
  const std::size_t most_bytes = checkpoint_limit_bytes(core_.options);
  const std::uint64_t left_out = core_.standing.with([&](const Standing& standing) {
    Standing said = standing;
    said.first_wanted.value = std::max(said.first_wanted.value, core_.wanted_first.load());
    return said.encode(checkpoint_payload_, down_, most_bytes);
  });
  if (left_out != 0) {
    core_.log.write(
        base::LogLevel::warning, "journal.cursor_shortened",
        "sinks are so far out of order that a checkpoint cannot hold it: if the process "
        "died now, these events would be delivered again, with the ids they have",
        {{"events", left_out}});
  }
  const base::MutableBytes payload =
      checkpoint_->add(RecordType::checkpoint, checkpoint_payload_.size(), core_.clock.wall());
  std::copy(checkpoint_payload_.begin(), checkpoint_payload_.end(), payload.begin());
}

// Gives every record its LSN, rule time and CRC and lays out the frame. Returns its octets.
std::size_t Committer::stamp() {
  if (!commit_) commit_ = core_.ring.blank();
  commit_->first = next_lsn_;
  commit_->segment = segment_->header().number;
  commit_->epoch = segment_->header().epoch;
  commit_->types = 0;
  commit_->slots.clear();
  crcs_.clear();
  pieces_.assign(1, frame_header_);
  const RuleTime rule_time = rule_now();
  Lsn lsn = next_lsn_;
  const auto begin = static_cast<std::uint32_t>(segment_->end_bytes() + kFrameHeaderBytes);
  std::uint32_t offset = begin;
  if (checkpoint_) stamp_batch(*checkpoint_, rule_time, lsn, offset);
  for (const auto& batch : pending_) stamp_batch(*batch, rule_time, lsn, offset);
  const FrameHeader frame{0, offset - begin, static_cast<std::uint32_t>(crcs_.size()), next_lsn_};
  encode_frame_header(frame, frame_header_);
  store(frame_header_.data() + 4, frame_crc(frame_header_, crcs_, commit_->epoch));
  return kFrameHeaderBytes + frame.body_bytes;
}

void Committer::stamp_batch(AppendBatch& batch, RuleTime rule_time, Lsn& lsn,
                            std::uint32_t& offset) {
  const base::MutableBytes bytes = batch.bytes();
  if (bytes.empty()) return;
  pieces_.push_back(bytes);
  for (std::size_t at = 0; at < bytes.size();) {
    std::byte* const record = bytes.data() + at;
    crcs_.push_back(stamp_record(record, lsn, rule_time, commit_->epoch));
    const auto type = static_cast<RecordType>(load<std::uint8_t>(record + 4));
    commit_->slots.push_back({record, offset, type});
    commit_->types |= mask_of(type);
    const std::size_t size = record_bytes(load<std::uint32_t>(record));
    at += size;
    offset += static_cast<std::uint32_t>(size);
    lsn = lsn.next();
  }
}

// Everything is durable: the books first, then the readers' view of it.
void Committer::publish(std::size_t frame_bytes) {
  LsnByType last_of_type{};
  apply(*commit_, last_of_type);
  segment_->advance(frame_bytes);
  core_.table.update(segment_->info());
  ++core_.counters.commits;
  core_.counters.committed_bytes += frame_bytes;
  next_lsn_.value += commit_->slots.size();
  if (checkpoint_) commit_->batches.push_back(std::move(checkpoint_));
  for (auto& batch : pending_) commit_->batches.push_back(std::move(batch));
  pending_.clear();
  published_ = commit_.get();
  core_.ring.publish(std::move(commit_));
  core_.hub.advance(Lsn{next_lsn_.value - 1}, last_of_type);
}

void Committer::apply(const Commit& commit, LsnByType& last_of_type) {
  core_.standing.with([&](Standing& standing) {
    for (const Commit::Slot& slot : commit.slots) {
      const RecordView view = view_record(slot.record, commit.segment, slot.offset, commit.epoch);
      standing.apply(view);
      segment_->count(view);
      last_of_type[static_cast<std::size_t>(slot.type)] = view.ref.lsn;
    }
  });
}

// Runs the actions, wakes the readers, frees the room. A commit without records was durable
// already.
void Committer::finish() {
  auto& batches = published_ != nullptr ? published_->batches : pending_;
  Lsn first = published_ != nullptr ? published_->first : next_lsn_;
  TRAPLINE_CRASH_POINT("lsn-before-response");
  for (const auto& batch : batches) {
    if (batch->action) batch->action->durable(first);
    batch->action.reset();
    first.value += batch->record_count();
  }
  TRAPLINE_CRASH_POINT("response-sent");
  if (published_ != nullptr) core_.hub.notify(published_->types);
  core_.pool.give_back(pending_);
  published_ = nullptr;
  core_.queue.done();
  if (blocked_since_ == base::BootTime{} && core_.health.recover()) core_.queue.set_writable(true);
}

void Committer::report(FsError error) {
  const std::string where = core_.options.directory;
  std::string trouble = "writing to " + where + " failed (" + std::string(name_of(error)) + "); ";
  trouble += error == FsError::no_space
                 ? "nothing is acknowledged until there is room: free space on its file system"
                 : "nothing is acknowledged until it works again: check the disk";
  core_.health.fail(trouble);
  core_.queue.set_writable(false);
}

RuleTime Committer::rule_time() const {
  const auto since_start = core_.clock.boot() - anchor_boot_;
  return RuleTime{anchor_rule_.since_epoch_ns + since_start.count()};
}

RuleTime Committer::rule_now() {
  last_rule_time_ = std::max(last_rule_time_, rule_time());
  return last_rule_time_;
}

}  // namespace trapline::gateway::journal
