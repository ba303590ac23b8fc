#include "gateway/journal/segment_table.h"

#include <algorithm>

namespace trapline::gateway::journal {

// Index of the first segment not below `number`. The lock is held.
std::size_t SegmentTable::position(SegmentNumber number) const {
  const auto found = std::lower_bound(
      segments_.begin(), segments_.end(), number,
      [](const SegmentInfo& info, SegmentNumber wanted) { return info.number < wanted; });
  return static_cast<std::size_t>(found - segments_.begin());
}

void SegmentTable::add(const SegmentInfo& info) {
  const std::lock_guard lock(mutex_);
  segments_.push_back(info);
}

void SegmentTable::update(const SegmentInfo& info) {
  const std::lock_guard lock(mutex_);
  const std::size_t at = position(info.number);
  if (at < segments_.size() && segments_[at].number == info.number) segments_[at] = info;
}

void SegmentTable::remove(SegmentNumber number) {
  const std::lock_guard lock(mutex_);
  const std::size_t at = position(number);
  if (at < segments_.size() && segments_[at].number == number) {
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

std::optional<SegmentInfo> SegmentTable::at_or_behind(Lsn lsn) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::partition_point(segments_.begin(), segments_.end(),
                           [lsn](const SegmentInfo& info) { return info.end <= lsn; });
  if (found == segments_.end()) return std::nullopt;
  return *found;
}

std::optional<SegmentInfo> SegmentTable::find(SegmentNumber number) const {
  const std::lock_guard lock(mutex_);
  const std::size_t at = position(number);
  if (at == segments_.size() || segments_[at].number != number) return std::nullopt;
  return segments_[at];
}

std::vector<SegmentInfo> SegmentTable::all() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

std::uint64_t SegmentTable::total_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t total = 0;
  for (const SegmentInfo& info : segments_) total += info.file_bytes;
  return total;
}

std::size_t SegmentTable::size() const {
  const std::lock_guard lock(mutex_);
  return segments_.size();
}

}  // namespace trapline::gateway::journal
