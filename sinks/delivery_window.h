// The events a sink has been given and has not answered yet.
#pragma once

#include <cstdint>
#include <vector>

#include "sinks/sink.h"

namespace trapline::sinks {

// A bounded queue of the LSNs behind the sequence numbers handed out, eight octets each: a sink
// that syncs once a second has hundreds of thousands of events in it. Grows to what was needed at
// once, never beyond the capacity, and does not shrink. Not synchronised.
class DeliveryWindow {
 public:
  // What an answer settled.
  struct Answered {
    std::uint64_t events = 0;
    std::uint64_t last_lsn = 0;  // of the last of them; 0 when there was none
  };

  // `capacity` is rounded up to a power of two.
  explicit DeliveryWindow(std::size_t capacity);

  [[nodiscard]] bool full() const { return size() == capacity_; }
  [[nodiscard]] bool empty() const { return first_ == next_; }
  [[nodiscard]] std::size_t size() const { return next_ - first_; }
  // The highest number handed out so far; 0 before the first.
  [[nodiscard]] Sequence last_sequence() const { return next_ - 1; }

  // Notes one more event and returns its number, one above the last. Must not be full.
  [[nodiscard]] Sequence add(std::uint64_t lsn);
  // Takes out everything up to `last`. Numbers that are out already, or were never handed out, add
  // nothing.
  Answered answer_through(Sequence last);
  // Forgets what is in it; numbers go on behind those forgotten.
  void clear() { first_ = next_; }

 private:
  [[nodiscard]] std::uint64_t& lsn_of(Sequence sequence) {
    return lsns_[sequence & (lsns_.size() - 1)];
  }
  void grow();

  const std::size_t capacity_;
  std::vector<std::uint64_t> lsns_;  // a ring; its size is a power of two
  Sequence first_ = 1;
  Sequence next_ = 1;
};

}  // namespace trapline::sinks
