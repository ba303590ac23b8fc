// Which stored records a verb is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gateway/journal/fs.h"
#include "gateway/journal/inspect.h"

namespace trapline::gateway {

// A place in the log: an LSN, or a moment by the time of reception. Neither: no bound.
struct StoredBound {
  std::optional<std::uint64_t> lsn;
  std::optional<base::WallTime> time;
};

// "12345" (an LSN), "2026-11-21T09:00:00Z", or how long ago: "90s" "15m" "1h" "2d". Nothing when it
// is none of them. `now` is what "ago" counts from.
[[nodiscard]] std::optional<StoredBound> parse_bound(std::string_view text, base::WallTime now);

// From `from` on, up to and including `to`.
struct StoredRange {
  StoredBound from;
  StoredBound to;
};

// Visits every intact record of the range, in order of LSN, and tells on a terminal how far it has
// got. Records without a time of reception belong to the range when those around them do. False
// from `visit` ends it.
[[nodiscard]] journal::FsResult<void> visit_range(journal::Fs& fs, const std::string& directory,
                                                  const StoredRange& range,
                                                  const journal::RecordVisitor& visit);

}  // namespace trapline::gateway
