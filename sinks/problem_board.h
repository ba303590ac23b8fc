// ProblemBoard: where the router puts up what is raised, for sinks that say it again and again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "rules/routed_trap.h"

namespace trapline::sinks {

using ProblemList = std::vector<rules::Problem>;

// Lists are made only when a sink asks for one, and never change once they are up. Any number of
// threads ask; one thread, the router's, publishes, and pays one atomic load while nobody has
// asked.
class ProblemBoard {
 public:
  // Asks for a list of what is raised from now on; its number.
  [[nodiscard]] std::uint64_t ask() { return asked_.fetch_add(1) + 1; }
  // A list that was made after `number` was asked for; null while there is none.
  [[nodiscard]] std::shared_ptr<const ProblemList> published(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    return number_ >= number ? list_ : nullptr;
  }

  // Whether a list is asked for that is not up. The router's thread, as `publish`.
  [[nodiscard]] bool wanted() const { return asked_.load() != up_; }
  // Puts up what `make` returns, which is called now.
  template <class Make>
  void publish(Make&& make) {
    up_ = asked_.load();
    auto list = std::make_shared<const ProblemList>(std::forward<Make>(make)());
    const std::lock_guard lock(mutex_);
    list_ = std::move(list);
    number_ = up_;
  }

 private:
  std::atomic<std::uint64_t> asked_ = 0;
  std::uint64_t up_ = 0;  // the router's thread only

  mutable std::mutex mutex_;
  std::shared_ptr<const ProblemList> list_;  // guarded by mutex_
  std::uint64_t number_ = 0;                 // of list_; guarded by mutex_
};

}  // namespace trapline::sinks
