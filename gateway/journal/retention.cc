#include "gateway/journal/retention.h"

#include <algorithm>

namespace trapline::gateway::journal {
namespace {

constexpr SegmentNumber kNone{~std::uint64_t{0}};

// Where the needs begin.
struct Needs {
  SegmentNumber anybody = kNone;
  SegmentNumber unskippable = kNone;  // the router's and the required sinks'
};

bool is_required(std::span<const SinkWish> sinks, std::string_view name) {
  return std::any_of(sinks.begin(), sinks.end(),
                     [&](const SinkWish& sink) { return sink.name == name && sink.required; });
}

Needs needs_of(const RetentionInput& input) {
  Needs needs;
  const auto router = needed_by_router(input.segments, input.standing.all_decided());
  needs.unskippable = router.value_or(kNone);
  needs.anybody = needs.unskippable;
  for (const auto& [name, sink] : input.standing.sinks) {
    const auto needed = needed_by_sink(input.segments, sink.low_water).value_or(kNone);
    needs.anybody = std::min(needs.anybody, needed);
    if (is_required(input.sinks, name)) needs.unskippable = std::min(needs.unskippable, needed);
  }
  return needs;
}

}  // namespace

std::optional<SegmentNumber> needed_by_sink(std::span<const SegmentInfo> segments, Lsn low_water) {
  std::optional<SegmentNumber> needed;
  for (const SegmentInfo& segment : segments) {
    if (segment.totals.last_outcome <= low_water) continue;
    const SegmentNumber event = segment.totals.earliest_event;
    const SegmentNumber own = event.value == 0 ? segment.number : std::min(event, segment.number);
    needed = needed ? std::min(*needed, own) : own;
  }
  return needed;
}

std::optional<SegmentNumber> needed_by_router(std::span<const SegmentInfo> segments, Lsn router) {
  for (const SegmentInfo& segment : segments) {
    if (segment.totals.last_event > router) return segment.number;
  }
  return std::nullopt;
}

Retention decide_retention(const RetentionInput& input) {
  const Needs needs = needs_of(input);
  std::uint64_t total = input.extra_bytes;
  for (const SegmentInfo& segment : input.segments) total += segment.file_bytes;
  // What a segment says of its time may be anything; ours is not.
  const std::int64_t oldest_kept_ns =
      input.now.since_epoch_ns - std::chrono::nanoseconds(input.keep).count();

  Retention verdict;
  std::size_t kept = 0;
  std::uint64_t freed = 0;
  for (; kept + 1 < input.segments.size(); ++kept) {
    const SegmentInfo& segment = input.segments[kept];
    const bool old = segment.totals.last_rule_time.since_epoch_ns < oldest_kept_ns;
    const bool over = total > input.limit_bytes;
    const bool short_of_room = input.disk_full && freed < input.extra_bytes;
    const bool needed = segment.number >= needs.anybody;
    if (segment.number >= needs.unskippable) break;
    if (!over && (needed || !(old || short_of_room))) break;
    total -= segment.file_bytes;
    freed += segment.file_bytes;
  }
  if (!input.segments.empty()) verdict.first_wanted = input.segments[kept].number;
  for (const SegmentInfo& segment : input.segments) {
    if (segment.number >= needs.anybody) verdict.pinned_bytes += segment.file_bytes;
  }
  for (const auto& [name, sink] : input.standing.sinks) {
    const auto needed = needed_by_sink(input.segments, sink.low_water);
    if (needed && *needed < verdict.first_wanted) verdict.skipped.push_back(name);
  }
  return verdict;
}

}  // namespace trapline::gateway::journal
