// Informs on their way: what is outstanding, when each is to be sent again, and when to give up.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "gateway/load/notification_template.h"

namespace trapline::gateway::load {

// An inform that has been sent and not answered. Plain value.
struct Outstanding {
  Identity identity;
  base::BootTime began;     // what its latency counts from
  base::BootTime deadline;  // of the current attempt
  unsigned attempts = 1;
};

// A fixed number of places for outstanding informs. A request-id names place and generation, so an
// answer is matched in constant time and a stale one never matches. Pure: time is an argument. Not
// synchronised.
class InformWindow {
 public:
  // `places` from 1 to kMaxWindow.
  InformWindow(unsigned places, std::chrono::nanoseconds timeout);

  [[nodiscard]] bool full() const { return free_.empty(); }
  [[nodiscard]] bool empty() const { return free_.size() == places_.size(); }
  // Takes a place, which there must be, for an inform that leaves at `now`.
  Identity open(std::uint16_t source, std::uint32_t sequence, base::BootTime began,
                base::BootTime now);
  // The inform that a Response with this request-id answers; its place is free again. Nothing when
  // none is outstanding under it.
  std::optional<Outstanding> close(std::int32_t request_id);
  // The inform outstanding under this request-id; nothing when there is none.
  [[nodiscard]] std::optional<Outstanding> find(std::int32_t request_id) const;
  // The inform whose attempt times out first; nothing when none is outstanding.
  [[nodiscard]] std::optional<Outstanding> oldest() const;
  // Counts one more attempt of an outstanding inform, at `now`.
  void attempt_again(std::int32_t request_id, base::BootTime now);

 private:
  static constexpr std::uint32_t kPlaceBits = 14;
  static constexpr std::uint32_t kNone = 1U << kPlaceBits;

  // All attempts have the same timeout, so the order of sending is the order of deadlines: the
  // outstanding form a list in it.
  struct Place {
    Outstanding inform;
    std::uint32_t generation = 0;
    bool used = false;
    std::uint32_t before = kNone;
    std::uint32_t behind = kNone;
  };

  [[nodiscard]] std::uint32_t place_of(std::int32_t request_id) const;
  void link_last(std::uint32_t place);
  void unlink(std::uint32_t place);

  std::chrono::nanoseconds timeout_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
};

}  // namespace trapline::gateway::load
