#include "gateway/journal/reader_hub.h"

#include <algorithm>

namespace trapline::gateway::journal {
namespace {

// No single sleep is longer, so that arithmetic with far deadlines cannot overflow.
constexpr std::chrono::nanoseconds kLongestSleep = std::chrono::hours(1);

}  // namespace

void ReaderHub::start(Lsn last) {
  for (auto& of_type : last_of_type_) of_type.store(last.value);
  durable_.store(last.value);
}

void ReaderHub::advance(Lsn last, const LsnByType& last_of_type) {
  for (std::size_t type = 0; type < last_of_type.size(); ++type) {
    if (last_of_type[type].value != 0) {
      last_of_type_[type].store(last_of_type[type].value, std::memory_order_release);
    }
  }
  // Sequentially consistent, like the count of waiters: one of the two sides sees the other.
  durable_.store(last.value);
}

void ReaderHub::notify(RecordMask types) {
  if (waiting_count_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  for (ReaderSeat* const seat : waiting_) {
    if ((seat->mask & types) != 0) seat->woken.notify_one();
  }
}

bool ReaderHub::nothing_behind(Lsn position, RecordMask mask) const {
  for (std::size_t type = 0; type < last_of_type_.size(); ++type) {
    if ((mask >> type & 1U) == 0) continue;
    if (last_of_type_[type].load(std::memory_order_acquire) > position.value) return false;
  }
  return true;
}

void ReaderHub::wait(ReaderSeat& seat, Lsn position, base::BootTime deadline) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(&seat);
  waiting_count_.fetch_add(1);
  while (!seat.interrupted && !interrupted()) {
    static_cast<void>(durable_.load());
    if (!nothing_behind(position, seat.mask)) break;
    const auto left = deadline - clock_.boot();
    if (left <= std::chrono::nanoseconds::zero()) break;
    seat.woken.wait_for(lock, std::min<std::chrono::nanoseconds>(left, kLongestSleep));
  }
  seat.interrupted = false;
  waiting_count_.fetch_sub(1);
  std::erase(waiting_, &seat);
}

void ReaderHub::interrupt(ReaderSeat& seat) {
  const std::lock_guard lock(mutex_);
  seat.interrupted = true;
  seat.woken.notify_all();
}

void ReaderHub::interrupt_all() {
  all_interrupted_.store(true);
  const std::lock_guard lock(mutex_);
  for (ReaderSeat* const seat : waiting_) seat->woken.notify_all();
}

}  // namespace trapline::gateway::journal
