// Where emptied batches wait for their next use.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "gateway/journal/append_batch.h"

namespace trapline::gateway::journal {

// Bounded in octets and number; what does not fit is freed. Any thread.
class BatchPool {
 public:
  explicit BatchPool(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // An empty batch: a used one if there is one.
  [[nodiscard]] std::unique_ptr<AppendBatch> take();
  // Empties the batches, keeps what fits, and leaves `batches` empty. Null pointers are fine.
  void give_back(std::vector<std::unique_ptr<AppendBatch>>& batches);

 private:
  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<AppendBatch>> idle_;  // guarded by mutex_
  std::size_t idle_bytes_ = 0;                      // guarded by mutex_
};

}  // namespace trapline::gateway::journal
