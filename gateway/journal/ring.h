// The last commits in memory, for readers that keep up.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/journal/append_batch.h"
#include "gateway/journal/batch_pool.h"
#include "gateway/journal/fifo.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

// One durable group commit: the batches it was made of, and where each of its records lies.
// Immutable while it is in the ring or pinned.
struct Commit {
  // One record, by its number within the commit.
  struct Slot {
    const std::byte* record = nullptr;  // header first
    std::uint32_t offset = 0;           // in the segment
    RecordType type = RecordType::event;
  };

  Lsn first;
  SegmentNumber segment;
  Epoch epoch;
  RecordMask types = 0;  // of the records in it
  std::vector<Slot> slots;
  std::vector<std::unique_ptr<AppendBatch>> batches;
  std::size_t memory_bytes = 0;
  std::atomic<std::uint32_t> pins{0};  // readers that hold views of it

  // True when record `lsn` is in it.
  [[nodiscard]] bool holds(Lsn lsn) const {
    return lsn >= first && lsn.value - first.value < slots.size();
  }
};

// A reader's hold on a commit; move-only. While it lives, views of the commit's records are valid.
class PinnedCommit {
 public:
  PinnedCommit() = default;
  // Takes over one pin that has been counted already.
  explicit PinnedCommit(Commit* commit) : commit_(commit) {}
  PinnedCommit(PinnedCommit&& other) noexcept : commit_(std::exchange(other.commit_, nullptr)) {}
  PinnedCommit& operator=(PinnedCommit&& other) noexcept {
    if (this != &other) release();
    commit_ = std::exchange(other.commit_, nullptr);
    return *this;
  }
  ~PinnedCommit() { release(); }

  [[nodiscard]] const Commit* get() const { return commit_; }
  [[nodiscard]] const Commit& operator*() const { return *commit_; }
  [[nodiscard]] const Commit* operator->() const { return commit_; }
  [[nodiscard]] explicit operator bool() const { return commit_ != nullptr; }
  // Lets go; the views die.
  void release();

 private:
  Commit* commit_ = nullptr;
};

// Bounded in octets of memory: the oldest commits leave, and their batches go back to the pool once
// no reader holds them. Any thread may pin; one thread (the committer) publishes.
class Ring {
 public:
  // `pool` must outlive the ring.
  Ring(std::uint64_t max_bytes, BatchPool& pool) : max_bytes_(max_bytes), pool_(pool) {}

  // An empty commit to be filled, a used one if there is one. Committer only.
  [[nodiscard]] std::unique_ptr<Commit> blank();
  // Makes a commit visible. Its first LSN follows the last published one's. Committer only.
  void publish(std::unique_ptr<Commit> commit);
  // The commit that holds `lsn`, or none when it has left the ring (or is not in it yet).
  [[nodiscard]] PinnedCommit pin(Lsn lsn);
  [[nodiscard]] std::uint64_t memory_bytes() const {
    return memory_bytes_.load(std::memory_order_relaxed);
  }

 private:
  void evict();
  void recycle();

  const std::uint64_t max_bytes_;
  BatchPool& pool_;

  std::mutex mutex_;
  Fifo<std::unique_ptr<Commit>> commits_;  // guarded by mutex_
  std::atomic<std::uint64_t> memory_bytes_{0};

  // Committer only.
  std::vector<std::unique_ptr<Commit>> leaving_;  // evicted, perhaps still pinned
  std::vector<std::unique_ptr<Commit>> blank_;
};

}  // namespace trapline::gateway::journal
