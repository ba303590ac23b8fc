// A first-in, first-out queue whose memory is reused: once it has grown, it allocates nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace trapline::gateway::journal {

// Ring of T, default-constructible and movable. Grows when full; whoever pushes bounds it. Not
// synchronised.
template <class T>
class Fifo {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // The nth from the front; n < size().
  [[nodiscard]] T& operator[](std::size_t n) { return slots_[(head_ + n) & (slots_.size() - 1)]; }
  [[nodiscard]] const T& operator[](std::size_t n) const {
    return slots_[(head_ + n) & (slots_.size() - 1)];
  }
  // The oldest and the newest; not for an empty queue.
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  [[nodiscard]] T& back() { return (*this)[size_ - 1]; }

  // Appends one.
  void push(T value) {
    if (size_ == slots_.size()) grow();
    slots_[(head_ + size_) & (slots_.size() - 1)] = std::move(value);
    ++size_;
  }
  // Takes the oldest out; not for an empty queue.
  T pop() {
    T value = std::move(front());
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
    return value;
  }

 private:
  void grow() {
    std::vector<T> bigger(slots_.empty() ? 16 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) bigger[i] = std::move((*this)[i]);
    slots_ = std::move(bigger);
    head_ = 0;
  }

  std::vector<T> slots_;  // a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace trapline::gateway::journal
