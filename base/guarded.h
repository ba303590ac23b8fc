// Guarded<T>: a value that can only be reached while its lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace trapline::base {

// Owns a T and the mutex that protects it. Any thread may call any member. `with` holds the lock
// for the length of `use`, returns what `use` returns, and must not be nested on one object (it
// would deadlock).
template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  // Runs `use(T&)` under the lock.
  template <class Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  // Runs `use(const T&)` under the lock.
  template <class Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace trapline::base
