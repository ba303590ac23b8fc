// Records on their way into the log, and what is to happen once they are durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "gateway/journal/lsn.h"
#include "gateway/journal/record.h"

namespace trapline::gateway::journal {

// Runs when a batch is durable: Responses go out here. Owned by its batch.
class DurableAction {
 public:
  virtual ~DurableAction() = default;
  // Called once by the committer's thread, right after the fdatasync, in log order. `first` is the
  // LSN of the batch's first record. Must not block and must not append.
  virtual void durable(Lsn first) = 0;
};

// A growable run of records in wire form, with room for LSN, rule time and CRC to be stamped by the
// committer. One thread fills it, then hands it to the journal, which keeps its memory as the ring
// entry and later reuses it: steady state allocates nothing. Not synchronised.
class AppendBatch {
 public:
  AppendBatch();
  AppendBatch(const AppendBatch&) = delete;
  AppendBatch& operator=(const AppendBatch&) = delete;
  ~AppendBatch();

  // Adds a record and returns its payload to be filled, all `payload_bytes` of it (at most
  // kMaxPayloadBytes). The view is valid until the next `add`.
  base::MutableBytes add(RecordType type, std::size_t payload_bytes, base::WallTime received);
  // Empties it and forgets the action; keeps the memory.
  void clear();

  // Everything added so far, headers and padding included.
  [[nodiscard]] base::MutableBytes bytes() { return {data_.get(), size_bytes_}; }
  [[nodiscard]] base::Bytes bytes() const { return {data_.get(), size_bytes_}; }
  [[nodiscard]] std::size_t record_count() const { return record_count_; }
  [[nodiscard]] std::size_t event_count() const { return event_count_; }
  // Octets of memory it owns, used or not.
  [[nodiscard]] std::size_t capacity_bytes() const { return capacity_bytes_; }
  [[nodiscard]] bool empty() const { return record_count_ == 0 && action == nullptr; }

  // True when somebody waits for the commit (an inform): it is then not held back for company.
  bool urgent = false;
  // May be null. A batch without records but with an action is legal: it runs with the commit of
  // what was appended before it.
  std::unique_ptr<DurableAction> action;

 private:
  void grow(std::size_t needed_bytes);

  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_bytes_ = 0;
  std::size_t size_bytes_ = 0;
  std::size_t record_count_ = 0;
  std::size_t event_count_ = 0;
};

}  // namespace trapline::gateway::journal
