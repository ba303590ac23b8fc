#include "gateway/inform_duplicates.h"

#include <algorithm>
#include <utility>

#include "gateway/journal/digest.h"

namespace trapline::gateway {
namespace {

constexpr std::size_t kFirstCapacity = 1'024;

}  // namespace

InformDuplicates::InformDuplicates(std::chrono::seconds window, std::uint32_t max_entries)
    : window_(window) {
  const auto share = std::max(std::uint32_t{1}, max_entries / static_cast<std::uint32_t>(kParts));
  for (auto& part : parts_) part.with([&](Part& p) { p.configure(share); });
}

InformDuplicates::Seen InformDuplicates::look_up(const journal::InformDigest& digest,
                                                 base::BootTime now) {
  return part_of(digest).with([&](Part& p) {
    p.expire(now - window_);
    if (const Entry* entry = p.find(digest)) return entry->durable ? Seen::durable : Seen::pending;
    return p.insert({digest, now, false}) ? Seen::never : Seen::full;
  });
}

void InformDuplicates::mark_durable(const journal::InformDigest& digest, base::BootTime now) {
  part_of(digest).with([&](Part& p) {
    Entry* entry = p.find(digest);
    if (entry == nullptr) return;
    entry->durable = true;
    entry->seen_at = now;
  });
}

bool InformDuplicates::is_durable(const journal::InformDigest& digest) const {
  return parts_[journal::source_share(digest) % kParts].with([&](const Part& p) {
    const Entry* entry = p.find(digest);
    return entry != nullptr && entry->durable;
  });
}

void InformDuplicates::restore(const journal::InformDigest& digest, base::BootTime received) {
  part_of(digest).with([&](Part& p) { static_cast<void>(p.insert({digest, received, true})); });
}

base::Guarded<InformDuplicates::Part>& InformDuplicates::part_of(
    const journal::InformDigest& digest) {
  return parts_[journal::source_share(digest) % kParts];
}

std::size_t InformDuplicates::size() const {
  std::size_t total = 0;
  for (const auto& part : parts_) total += part.with([](const Part& p) { return p.size(); });
  return total;
}

void InformDuplicates::Part::configure(std::uint32_t max_entries) { max_entries_ = max_entries; }

InformDuplicates::Entry* InformDuplicates::Part::find(const journal::InformDigest& digest) {
  return const_cast<Entry*>(std::as_const(*this).find(digest));
}

const InformDuplicates::Entry* InformDuplicates::Part::find(
    const journal::InformDigest& digest) const {
  if (slots_.empty()) return nullptr;
  for (std::size_t slot = home(digest); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    const Entry& entry = circle_[slots_[slot] - 1];
    if (entry.digest == digest) return &entry;
  }
  return nullptr;
}

bool InformDuplicates::Part::insert(const Entry& entry) {
  if (find(entry.digest) != nullptr) return true;
  if (size_ == max_entries_) {
    if (!circle_[oldest_].durable) return false;
    drop_oldest();
  }
  if (size_ == circle_.size()) grow();
  const std::size_t at = (oldest_ + size_) % circle_.size();
  circle_[at] = entry;
  ++size_;
  index(static_cast<std::uint32_t>(at));
  return true;
}

void InformDuplicates::Part::expire(base::BootTime before) {
  while (size_ != 0 && circle_[oldest_].durable && circle_[oldest_].seen_at < before) {
    drop_oldest();
  }
}

void InformDuplicates::Part::drop_oldest() {
  unindex(static_cast<std::uint32_t>(oldest_));
  oldest_ = (oldest_ + 1) % circle_.size();
  --size_;
}

void InformDuplicates::Part::grow() {
  std::vector<Entry> larger(
      std::min<std::size_t>(max_entries_, circle_.empty() ? kFirstCapacity : circle_.size() * 2));
  for (std::size_t i = 0; i < size_; ++i) larger[i] = circle_[(oldest_ + i) % circle_.size()];
  circle_ = std::move(larger);
  oldest_ = 0;
  std::size_t slots = 2;
  while (slots < circle_.size() * 2) slots *= 2;
  slots_.assign(slots, 0);
  for (std::size_t i = 0; i < size_; ++i) index(static_cast<std::uint32_t>(i));
}

void InformDuplicates::Part::index(std::uint32_t at) {
  std::size_t slot = home(circle_[at].digest);
  while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = at + 1;
}

// Removes from a linear-probing table without tombstones: whoever was pushed past the hole moves
// back.
void InformDuplicates::Part::unindex(std::uint32_t at) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = home(circle_[at].digest);
  while (slots_[hole] != at + 1) hole = (hole + 1) & mask;
  for (std::size_t next = (hole + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
    const std::size_t wanted = home(circle_[slots_[next] - 1].digest);
    if (((next - wanted) & mask) < ((next - hole) & mask)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = 0;
}

}  // namespace trapline::gateway
