// Which segments may go: a decision, without doing anything.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/journal/journal.h"
#include "gateway/journal/segment_table.h"
#include "gateway/journal/standing.h"

namespace trapline::gateway::journal {

// What retention has to go by.
struct RetentionInput {
  std::span<const SegmentInfo> segments;  // the last one is being written and stays
  const Standing& standing;
  std::span<const SinkWish> sinks;
  RuleTime now;
  std::chrono::seconds keep{};
  std::uint64_t limit_bytes = 0;  // what the journal may take
  std::uint64_t extra_bytes = 0;  // what it takes besides these segments: the one that comes next
  bool disk_full = false;         // there is no room for that one
};

// The verdict. Plain value.
struct Retention {
  SegmentNumber first_wanted;        // everything below may go
  std::uint64_t pinned_bytes = 0;    // of segments that somebody still needs
  std::vector<std::string> skipped;  // sinks that lose events they have not seen
};

// The oldest segment that a sink at `low_water` still needs: for the OUTCOMEs behind it and for the
// EVENTs those are about. Nothing when it needs none.
[[nodiscard]] std::optional<SegmentNumber> needed_by_sink(std::span<const SegmentInfo> segments,
                                                          Lsn low_water);
// The oldest segment that the router needs: the one with the next EVENT to be decided.
[[nodiscard]] std::optional<SegmentNumber> needed_by_router(std::span<const SegmentInfo> segments,
                                                            Lsn router);
// Oldest first: a segment goes when it is older than `keep` and nobody needs it, or when nobody
// needs it and the disk is full, until there is room again; beyond the limit also when it is
// younger, and then even when only sinks need it that are not required. Never what the router or a
// required sink needs. Pure.
[[nodiscard]] Retention decide_retention(const RetentionInput& input);

}  // namespace trapline::gateway::journal
