// The books: three sums that must come out even, computed from counters that are kept apart.
//
//   received = malformed + refused + limited + shed + protocol + duplicate + accepted + in flight
//   accepted + synthetic + recovered at start = decided + awaiting a decision + lost
//   per sink: routed = delivered + dead-lettered + skipped + pending
//
// The left sides come from the journal's standing, the right sides from the router and the sink
// workers. While a reader is behind, what it has not read yet can only be counted by the journal;
// as soon as it has read everything, nothing is taken on trust and any difference shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/journal/standing.h"
#include "gateway/ledger.h"
#include "gateway/router.h"

namespace trapline::gateway {

// What a sink worker says of itself. Totals count from the sink's first day.
struct SinkReport {
  std::string name;
  std::string state;
  std::uint64_t position_lsn = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t skipped = 0;
  std::uint64_t in_hand = 0;  // taken from the journal and not answered yet
  std::uint64_t retries = 0;
  std::string last_error;
  base::WallTime last_error_at{};
  bool on_record = true;  // false for the terminal, which the journal does not know
};

// One sink's account: routed = delivered + dead-lettered + skipped + pending, or a difference.
struct SinkBooks {
  SinkReport report;
  std::uint64_t routed = 0;
  std::uint64_t pending = 0;
  std::int64_t difference = 0;
};

// All accounts at one moment. Plain value.
struct Books {
  ReceptionCounts reception;
  std::uint64_t kernel_drops = 0;
  std::uint64_t recovered = 0;
  std::uint64_t synthetic = 0;
  std::uint64_t decided = 0;
  std::uint64_t awaiting = 0;
  std::uint64_t lost = 0;
  std::int64_t decision_difference = 0;
  std::vector<SinkBooks> sinks;

  // True when every difference is zero.
  [[nodiscard]] bool balance() const;
};

// What the books are made of. `now` must have been taken after `router` and `sinks`, and when
// `reception` says as many were accepted as `now` holds.
struct BookSources {
  ReceptionCounts reception;
  std::uint64_t kernel_drops = 0;
  RouterFigures router;
  std::vector<SinkReport> sinks;
};

// `start` is the standing recovered at start. Pure.
[[nodiscard]] Books make_books(const BookSources& sources, const journal::Standing& start,
                               const journal::Standing& now);

}  // namespace trapline::gateway
