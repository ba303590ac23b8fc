// RaisedAlerts: what an Alertmanager has to be told again and again, lest it think it over.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "sinks/problem_board.h"

namespace trapline::sinks {

// Goes through the problems that one sink was told of, a request's worth at a time, once in a
// while. One thread.
class RaisedAlerts {
 public:
  // `board` outlives it. A round of `sink`'s problems is due `every` so often.
  RaisedAlerts(ProblemBoard& board, std::string sink, std::chrono::seconds every);

  // Begins a round at once: the destination was away, or we were.
  void begin_anew();
  // A clear is on its way: the problem that this event raised is not told again.
  void ended(std::string_view raise_id);
  // When there may be something to send.
  [[nodiscard]] base::BootTime due_at() const;
  // The body of the next request; empty when there is nothing to send now.
  [[nodiscard]] std::string next_body(base::BootTime now);

  static constexpr std::size_t kMostAlerts = 256;  // in one request
  static constexpr std::size_t kMostBytes = 512UL * 1024;

 private:
  enum class Phase : std::uint8_t { resting, asked, telling };

  [[nodiscard]] bool concerns(const rules::Problem& problem) const;
  [[nodiscard]] std::string body();

  ProblemBoard& board_;
  const std::string sink_;
  const std::chrono::seconds every_;

  Phase phase_ = Phase::resting;
  base::BootTime due_{};
  std::uint64_t number_ = 0;  // of the list that was asked for
  std::shared_ptr<const ProblemList> list_;
  std::size_t told_ = 0;                   // of the list
  std::unordered_set<std::string> ended_;  // since the list was asked for, by the id of the raise
};

}  // namespace trapline::sinks
