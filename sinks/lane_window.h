// The events of one sink from its low-water mark on: what became of each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/sink.h"

namespace trapline::sinks {

// What became of an event that was read.
enum class EntryState : std::uint8_t {
  waiting,   // to be handed over, for the first time or again
  in_hand,   // at the sink
  rejected,  // to be put among the dead letters
  settled,   // delivered or put there
};

// One event; the worker keeps nothing else of it. `lane` and `attempts` are the worker's.
struct LaneEntry {
  std::uint64_t lsn = 0;
  Sequence sequence = 0;  // while in hand
  std::uint32_t lane = 0;
  std::uint32_t attempts = 0;
  EntryState state = EntryState::waiting;
  std::string reason = {};  // while rejected
};

// In the order of their LSNs. Bounded by its user. Not
// synchronised; references are good until the next call that is not const.
class LaneWindow {
 public:
  // Goes on where a cursor stands: LSNs in `answered_beyond` are settled already.
  explicit LaneWindow(const std::vector<std::uint64_t>& answered_beyond);

  // The entry of an event, made if there is none.
  LaneEntry& at(std::uint64_t lsn, std::uint32_t lane);
  // The entry that was handed over under this number; null when it is not in hand (any more).
  LaneEntry* in_hand(Sequence sequence);

  // Moves an entry on, keeping the counts.
  void hand_over(LaneEntry& entry, Sequence sequence);
  void take_back(LaneEntry& entry);
  void reject(LaneEntry& entry, std::string_view reason);
  void settle(std::uint64_t lsn);
  // Takes back everything in hand: of one lane from `first` on, or all of it.
  void take_back_lane(std::uint32_t lane, Sequence first);
  void take_back_all();

  // What retention took away up to `lsn`: entries in there are forgotten. Nothing may be in hand.
  // Returns how many of them were settled.
  std::uint64_t forget_through(std::uint64_t lsn);

  // Sequences in hand up to `last`, in order.
  [[nodiscard]] std::vector<Sequence> in_hand_through(Sequence last) const;
  // Lets go of what is settled at the front. `position` is how far has been read, ever.
  void advance(std::uint64_t position);
  // Everything up to here is settled, as of `advance` with the same position.
  [[nodiscard]] std::uint64_t low_water(std::uint64_t position) const {
    return entries_.empty() ? position : std::min(entries_.front().lsn - 1, position);
  }
  // Those settled above the low-water mark, sorted.
  [[nodiscard]] std::vector<std::uint64_t> settled_beyond() const;
  [[nodiscard]] std::size_t settled_beyond_count() const { return settled_; }
  [[nodiscard]] std::size_t unsettled() const { return entries_.size() - settled_; }
  [[nodiscard]] std::size_t in_hand_count() const { return in_hand_.size(); }
  [[nodiscard]] std::size_t rejected_count() const { return rejected_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // The first event; after `advance` the first that is not settled. 0 when there is none.
  [[nodiscard]] std::uint64_t first_lsn() const {
    return entries_.empty() ? 0 : entries_.front().lsn;
  }

 private:
  [[nodiscard]] std::deque<LaneEntry>::iterator find(std::uint64_t lsn);

  std::deque<LaneEntry> entries_;
  std::map<Sequence, std::uint64_t> in_hand_;  // to the LSN
  std::size_t settled_ = 0;
  std::size_t rejected_ = 0;
};

}  // namespace trapline::sinks
