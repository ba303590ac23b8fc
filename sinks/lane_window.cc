#include "sinks/lane_window.h"

#include <algorithm>
#include <cassert>

namespace trapline::sinks {

LaneWindow::LaneWindow(const std::vector<std::uint64_t>& answered_beyond) {
  // Those between are not known yet: `at` puts them in.
  for (const std::uint64_t lsn : answered_beyond) {
    entries_.push_back({lsn, 0, 0, 0, EntryState::settled});
  }
  settled_ = entries_.size();
}

std::deque<LaneEntry>::iterator LaneWindow::find(std::uint64_t lsn) {
  return std::ranges::lower_bound(entries_, lsn, {}, &LaneEntry::lsn);
}

LaneEntry& LaneWindow::at(std::uint64_t lsn, std::uint32_t lane) {
  const auto entry = find(lsn);
  if (entry != entries_.end() && entry->lsn == lsn) {
    entry->lane = lane;
    return *entry;
  }
  return *entries_.insert(entry, {lsn, 0, lane, 0, EntryState::waiting});
}

LaneEntry* LaneWindow::in_hand(Sequence sequence) {
  const auto found = in_hand_.find(sequence);
  return found == in_hand_.end() ? nullptr : &*find(found->second);
}

void LaneWindow::hand_over(LaneEntry& entry, Sequence sequence) {
  entry.state = EntryState::in_hand;
  entry.sequence = sequence;
  ++entry.attempts;
  in_hand_.emplace(sequence, entry.lsn);
}

void LaneWindow::take_back(LaneEntry& entry) {
  in_hand_.erase(entry.sequence);
  entry.state = EntryState::waiting;
}

void LaneWindow::reject(LaneEntry& entry, std::string_view reason) {
  in_hand_.erase(entry.sequence);
  entry.state = EntryState::rejected;
  entry.reason = reason;
  ++rejected_;
}

void LaneWindow::settle(std::uint64_t lsn) {
  const auto entry = find(lsn);
  assert(entry != entries_.end() && entry->lsn == lsn && entry->state != EntryState::settled);
  if (entry->state == EntryState::in_hand) in_hand_.erase(entry->sequence);
  if (entry->state == EntryState::rejected) --rejected_;
  entry->state = EntryState::settled;
  entry->reason = {};
  ++settled_;
}

void LaneWindow::take_back_lane(std::uint32_t lane, Sequence first) {
  for (auto held = in_hand_.lower_bound(first); held != in_hand_.end();) {
    LaneEntry& entry = *find((held++)->second);
    if (entry.lane == lane) take_back(entry);
  }
}

void LaneWindow::take_back_all() {
  while (!in_hand_.empty()) take_back(*find(in_hand_.begin()->second));
}

std::uint64_t LaneWindow::forget_through(std::uint64_t lsn) {
  assert(in_hand_.empty());
  std::uint64_t settled = 0;
  for (; !entries_.empty() && entries_.front().lsn <= lsn; entries_.pop_front()) {
    if (entries_.front().state == EntryState::settled) ++settled;
    if (entries_.front().state == EntryState::rejected) --rejected_;
  }
  settled_ -= settled;
  return settled;
}

void LaneWindow::advance(std::uint64_t position) {
  while (!entries_.empty() && entries_.front().state == EntryState::settled &&
         entries_.front().lsn <= position) {
    --settled_;
    entries_.pop_front();
  }
}

std::vector<Sequence> LaneWindow::in_hand_through(Sequence last) const {
  std::vector<Sequence> sequences;
  for (const auto& [sequence, lsn] : in_hand_) {
    if (sequence > last) break;
    sequences.push_back(sequence);
  }
  return sequences;
}

std::vector<std::uint64_t> LaneWindow::settled_beyond() const {
  std::vector<std::uint64_t> lsns;
  for (const LaneEntry& entry : entries_) {
    if (entry.state == EntryState::settled) lsns.push_back(entry.lsn);
  }
  return lsns;
}

}  // namespace trapline::sinks
