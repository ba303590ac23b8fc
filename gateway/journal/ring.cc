#include "gateway/journal/ring.h"

#include <algorithm>

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kMaxBlank = 64;

std::size_t memory_of(const Commit& commit) {
  std::size_t total = sizeof(Commit) + commit.slots.capacity() * sizeof(Commit::Slot);
  for (const auto& batch : commit.batches) total += sizeof(AppendBatch) + batch->capacity_bytes();
  return total;
}

}  // namespace

void PinnedCommit::release() {
  // Pairs with the acquire in Ring::recycle: our reads of the commit are over.
  if (commit_ != nullptr) commit_->pins.fetch_sub(1, std::memory_order_release);
  commit_ = nullptr;
}

std::unique_ptr<Commit> Ring::blank() {
  recycle();
  if (blank_.empty()) return std::make_unique<Commit>();
  std::unique_ptr<Commit> commit = std::move(blank_.back());
  blank_.pop_back();
  return commit;
}

void Ring::publish(std::unique_ptr<Commit> commit) {
  commit->memory_bytes = memory_of(*commit);
  const std::lock_guard lock(mutex_);
  memory_bytes_.fetch_add(commit->memory_bytes, std::memory_order_relaxed);
  commits_.push(std::move(commit));
  evict();
}

PinnedCommit Ring::pin(Lsn lsn) {
  const std::lock_guard lock(mutex_);
  if (commits_.empty() || lsn < commits_.front()->first) return {};
  // The last commit whose first LSN is not above `lsn`.
  std::size_t low = 0;
  for (std::size_t high = commits_.size(); high - low > 1;) {
    const std::size_t middle = low + (high - low) / 2;
    (commits_[middle]->first <= lsn ? low : high) = middle;
  }
  Commit& commit = *commits_[low];
  if (!commit.holds(lsn)) return {};
  commit.pins.fetch_add(1, std::memory_order_relaxed);
  return PinnedCommit(&commit);
}

// The newest commit always stays.
void Ring::evict() {
  while (memory_bytes() > max_bytes_ && commits_.size() > 1) {
    memory_bytes_.fetch_sub(commits_.front()->memory_bytes, std::memory_order_relaxed);
    leaving_.push_back(commits_.pop());
  }
}

// Nobody can pin a commit that has left the ring, so one without pins is ours alone.
void Ring::recycle() {
  for (std::size_t i = 0; i < leaving_.size();) {
    if (leaving_[i]->pins.load(std::memory_order_acquire) != 0) {
      ++i;
      continue;
    }
    std::unique_ptr<Commit> commit = std::move(leaving_[i]);
    leaving_[i] = std::move(leaving_.back());
    leaving_.pop_back();
    pool_.give_back(commit->batches);
    commit->slots.clear();
    commit->types = 0;
    if (blank_.size() < kMaxBlank) blank_.push_back(std::move(commit));
  }
}

}  // namespace trapline::gateway::journal
