#include "gateway/journal/append_batch.h"

#include <algorithm>
#include <cassert>

#include "gateway/journal/record_wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kFirstCapacityBytes = 1024;

}  // namespace

AppendBatch::AppendBatch() = default;
AppendBatch::~AppendBatch() = default;

base::MutableBytes AppendBatch::add(RecordType type, std::size_t payload_bytes,
                                    base::WallTime received) {
  assert(payload_bytes <= kMaxPayloadBytes);
  const std::size_t whole = record_bytes(payload_bytes);
  if (size_bytes_ + whole > capacity_bytes_) grow(size_bytes_ + whole);
  std::byte* const record = data_.get() + size_bytes_;
  // The padding is within the last eight octets; the caller fills the rest of them.
  if (payload_bytes != 0) store(record + whole - 8, std::uint64_t{0});
  write_header(record, type, static_cast<std::uint32_t>(payload_bytes), received);
  size_bytes_ += whole;
  ++record_count_;
  if (type == RecordType::event) ++event_count_;
  return {record + kRecordHeaderBytes, payload_bytes};
}

void AppendBatch::clear() {
  size_bytes_ = 0;
  record_count_ = 0;
  event_count_ = 0;
  urgent = false;
  action.reset();
}

void AppendBatch::grow(std::size_t needed_bytes) {
  const std::size_t capacity = std::max({needed_bytes, 2 * capacity_bytes_, kFirstCapacityBytes});
  auto data = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (size_bytes_ != 0) std::memcpy(data.get(), data_.get(), size_bytes_);
  data_ = std::move(data);
  capacity_bytes_ = capacity;
}

}  // namespace trapline::gateway::journal
