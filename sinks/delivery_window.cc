#include "sinks/delivery_window.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace trapline::sinks {
namespace {

constexpr std::size_t kFirstSize = 1'024;

}  // namespace

DeliveryWindow::DeliveryWindow(std::size_t capacity)
    : capacity_(std::bit_ceil(std::max<std::size_t>(capacity, 1))),
      lsns_(std::min(capacity_, kFirstSize)) {}

Sequence DeliveryWindow::add(std::uint64_t lsn) {
  assert(!full());
  if (size() == lsns_.size()) [[unlikely]]
    grow();
  lsn_of(next_) = lsn;
  return next_++;
}

DeliveryWindow::Answered DeliveryWindow::answer_through(Sequence last) {
  last = std::min(last, last_sequence());
  if (last < first_) return {};
  const Answered answered{last - first_ + 1, lsn_of(last)};
  first_ = last + 1;
  return answered;
}

void DeliveryWindow::grow() {
  std::vector<std::uint64_t> larger(lsns_.size() * 2);
  for (Sequence sequence = first_; sequence < next_; ++sequence) {
    larger[sequence & (larger.size() - 1)] = lsn_of(sequence);
  }
  lsns_.swap(larger);
}

}  // namespace trapline::sinks
