#include "gateway/journal/append_queue.h"

#include <algorithm>

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kMaxBatchesPerCommit = 1'000;  // one write takes them all
constexpr std::chrono::nanoseconds kLongestSleep = std::chrono::hours(1);

}  // namespace

AppendQueue::AppendQueue(const JournalOptions& options, const base::Clock& clock)
    : clock_(clock),
      trap_commit_(options.trap_commit),
      commit_bytes_(options.commit_bytes),
      full_enough_bytes_(options.commit_bytes / 4) {
  of(Lane::reception).capacity_bytes = options.queue_bytes;
  of(Lane::reserved).capacity_bytes = options.reserved_bytes;
}

// No batch waits. The lock is held.
bool AppendQueue::idle() const { return lanes_[0].batches.empty() && lanes_[1].batches.empty(); }

bool AppendQueue::wait_for_room(Lane which, std::size_t bytes, base::BootTime deadline) {
  std::unique_lock lock(mutex_);
  const LaneQueue& lane = of(which);
  const auto has_room = [&] {
    return lane.held_bytes == 0 || lane.held_bytes + bytes <= lane.capacity_bytes;
  };
  while (!has_room()) {
    const auto left = deadline - clock_.boot();
    if (!writable_ || left <= std::chrono::nanoseconds::zero()) return false;
    ++room_waiters_;
    room_.wait_for(lock, std::min<std::chrono::nanoseconds>(left, kLongestSleep));
    --room_waiters_;
  }
  return true;
}

void AppendQueue::append(Lane which, std::unique_ptr<AppendBatch> batch) {
  const std::size_t size = batch->bytes().size();
  bool notify = false;
  {
    const std::lock_guard lock(mutex_);
    LaneQueue& lane = of(which);
    bool reason = batch->urgent;
    if (lane.batches.empty()) {
      lane.oldest = clock_.boot();
      reason |= idle() || (reserved_only_ && which == Lane::reserved);
    }
    const std::uint64_t before = lane.waiting_bytes;
    lane.waiting_bytes += size;
    lane.held_bytes += size;
    reason |= before < full_enough_bytes_ && lane.waiting_bytes >= full_enough_bytes_;
    if (batch->urgent) ++lane.urgent;
    events_ += batch->event_count();
    lane.batches.push(std::move(batch));
    wake_ |= reason;
    notify = reason && sleeping_;
    if (notify) sleeping_ = false;
  }
  if (notify) work_.notify_one();
}

base::BootTime AppendQueue::due_in(const LaneQueue& lane) const {
  if (lane.batches.empty()) return base::BootTime::max();
  const bool now = draining_ || lane.urgent != 0 || lane.waiting_bytes >= full_enough_bytes_ ||
                   lane.batches.size() >= kMaxBatchesPerCommit;
  return now ? base::BootTime{} : lane.oldest + trap_commit_;
}

base::BootTime AppendQueue::due(bool reserved_only) {
  const std::lock_guard lock(mutex_);
  reserved_only_ = reserved_only;
  const base::BootTime reserved = due_in(lanes_[static_cast<std::size_t>(Lane::reserved)]);
  if (reserved_only) return reserved;
  return std::min(reserved, due_in(lanes_[static_cast<std::size_t>(Lane::reception)]));
}

void AppendQueue::take_from(LaneQueue& lane, std::size_t up_to, std::size_t up_to_batches,
                            std::size_t& taken, std::vector<std::unique_ptr<AppendBatch>>& out) {
  const std::size_t before = out.size();
  while (!lane.batches.empty() && out.size() < up_to_batches) {
    const AppendBatch& next = *lane.batches.front();
    const std::size_t size = next.bytes().size();
    if (!out.empty() && taken + size > up_to) break;
    taken += size;
    lane.waiting_bytes -= size;
    if (next.urgent) --lane.urgent;
    events_taken_ += next.event_count();
    out.push_back(lane.batches.pop());
  }
  if (out.size() != before && !lane.batches.empty()) lane.oldest = clock_.boot();
}

void AppendQueue::take(bool reserved_only, std::vector<std::unique_ptr<AppendBatch>>& out) {
  const std::lock_guard lock(mutex_);
  wake_ = false;
  std::size_t taken = 0;
  LaneQueue& reception = of(Lane::reception);
  if (!reserved_only) {
    take_from(reception, commit_bytes_ / 2, kMaxBatchesPerCommit / 2, taken, out);
  }
  take_from(of(Lane::reserved), commit_bytes_, kMaxBatchesPerCommit, taken, out);
  if (!reserved_only) take_from(reception, commit_bytes_, kMaxBatchesPerCommit, taken, out);
}

void AppendQueue::done() {
  bool notify = false;
  {
    const std::lock_guard lock(mutex_);
    for (LaneQueue& lane : lanes_) lane.held_bytes = lane.waiting_bytes;
    events_ -= events_taken_;
    events_taken_ = 0;
    notify = room_waiters_ != 0;
  }
  if (notify) room_.notify_all();
}

void AppendQueue::set_writable(bool writable) {
  {
    const std::lock_guard lock(mutex_);
    writable_ = writable;
  }
  room_.notify_all();
}

void AppendQueue::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

void AppendQueue::wait_for_work(base::BootTime until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_ && !stop.stop_requested()) {
    const auto left = until - clock_.boot();
    if (left <= std::chrono::nanoseconds::zero()) break;
    sleeping_ = true;
    work_.wait_for(lock, stop, std::min<std::chrono::nanoseconds>(left, kLongestSleep),
                   [this] { return wake_; });
    sleeping_ = false;
  }
  wake_ = false;
}

void AppendQueue::poke() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  work_.notify_one();
}

QueueFigures AppendQueue::figures() const {
  const std::lock_guard lock(mutex_);
  return {lanes_[0].held_bytes + lanes_[1].held_bytes, events_};
}

bool AppendQueue::empty() const {
  const std::lock_guard lock(mutex_);
  return idle();
}

}  // namespace trapline::gateway::journal
