#include "gateway/journal/batch_pool.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kMaxIdle = 4'096;

}  // namespace

std::unique_ptr<AppendBatch> BatchPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<AppendBatch> batch = std::move(idle_.back());
      idle_.pop_back();
      idle_bytes_ -= batch->capacity_bytes();
      return batch;
    }
  }
  return std::make_unique<AppendBatch>();
}

void BatchPool::give_back(std::vector<std::unique_ptr<AppendBatch>>& batches) {
  for (const auto& batch : batches) {
    if (batch) batch->clear();
  }
  {
    const std::lock_guard lock(mutex_);
    for (auto& batch : batches) {
      if (!batch || idle_.size() >= kMaxIdle) continue;
      if (idle_bytes_ + batch->capacity_bytes() > max_bytes_) continue;
      idle_bytes_ += batch->capacity_bytes();
      idle_.push_back(std::move(batch));
    }
  }
  batches.clear();
}

}  // namespace trapline::gateway::journal
