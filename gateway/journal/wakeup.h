// A place for one thread to sleep until it is poked.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace trapline::gateway::journal {

// A poke is kept until the next wait, so none is missed. One thread waits, any thread pokes.
class Wakeup {
 public:
  // Ends the wait, or the next one.
  void poke() {
    {
      const std::lock_guard lock(mutex_);
      poked_ = true;
    }
    woken_.notify_one();
  }
  // Sleeps until poked, `until`, or `stop`.
  void wait(base::BootTime until, const base::Clock& clock, const std::stop_token& stop) {
    constexpr std::chrono::nanoseconds kLongestSleep = std::chrono::hours(1);
    std::unique_lock lock(mutex_);
    const auto left = std::min<std::chrono::nanoseconds>(until - clock.boot(), kLongestSleep);
    if (left > std::chrono::nanoseconds::zero()) {
      woken_.wait_for(lock, stop, left, [this] { return poked_; });
    }
    poked_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool poked_ = false;  // guarded by mutex_
};

}  // namespace trapline::gateway::journal
