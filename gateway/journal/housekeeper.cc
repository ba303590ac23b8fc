#include "gateway/journal/housekeeper.h"

#include <algorithm>

#include "gateway/journal/crash_point.h"
#include "gateway/journal/retention.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::chrono::seconds kIdle{1};
constexpr std::chrono::milliseconds kWhileDeleting{20};
constexpr std::chrono::milliseconds kBetweenPieces{1};
constexpr std::chrono::milliseconds kAfterTrouble{500};
constexpr std::uint64_t kPinnedWarningPercent = 70;

}  // namespace

Housekeeper::Housekeeper(Core& core, RuleTime begun)
    : core_(core), begun_boot_(core.clock.boot()), begun_rule_(begun) {}

base::BootTime Housekeeper::step() {
  const base::BootTime now = core_.clock.boot();
  seal_waiting();
  unlink_unwanted();
  decide();
  base::BootTime again = now + kIdle;
  if (prepare(now, again)) core_.queue.poke();
  const std::uint64_t first_wanted =
      core_.standing.with([](const Standing& standing) { return standing.first_wanted.value; });
  if (core_.wanted_first.load() > first_wanted) again = std::min(again, now + kWhileDeleting);
  return again;
}

void Housekeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) core_.housekeeping.wait(step(), core_.clock, stop);
}

void Housekeeper::seal_waiting() {
  while (true) {
    std::unique_ptr<Segment> segment = core_.to_seal.with([](auto& waiting) {
      std::unique_ptr<Segment> first;
      if (waiting.empty()) return first;
      first = std::move(waiting.front());
      waiting.erase(waiting.begin());
      return first;
    });
    if (!segment) return;
    seal_segment(core_, *segment);
  }
}

void Housekeeper::unlink_unwanted() {
  const SegmentNumber first_wanted =
      core_.standing.with([](const Standing& standing) { return standing.first_wanted; });
  bool unlinked = false;
  for (const SegmentInfo& segment : core_.table.all()) {
    if (segment.number >= first_wanted) break;
    TRAPLINE_CRASH_POINT("first-wanted-before-unlink");
    core_.table.remove(segment.number);
    static_cast<void>(
        core_.fs.unlink(core_.options.directory + "/" + segment_file_name(segment.number)));
    unlinked = true;
  }
  if (!unlinked) return;
  TRAPLINE_CRASH_POINT("unlink-before-dir-sync");
  static_cast<void>(core_.fs.sync_directory(core_.options.directory));
  core_.queue.poke();
}

void Housekeeper::decide() {
  const std::vector<SegmentInfo> segments = core_.table.all();
  const Standing standing = core_.standing.with([](const Standing& now) { return now; });
  const auto since = core_.clock.boot() - begun_boot_;
  // Room for the segment that comes next belongs to what the journal takes.
  const Retention verdict =
      decide_retention({segments, standing, core_.options.sinks,
                        RuleTime{begun_rule_.since_epoch_ns + since.count()}, core_.options.keep,
                        reception_limit_bytes(core_.options), core_.options.segment_bytes,
                        core_.preparer.trouble() == FsError::no_space});
  core_.counters.pinned_bytes = verdict.pinned_bytes;
  warn_of_pins(verdict.pinned_bytes);
  if (verdict.first_wanted <= standing.first_wanted ||
      verdict.first_wanted.value <= core_.wanted_first.load()) {
    return;
  }
  if (segments.empty() || segments.front().number >= verdict.first_wanted) return;
  for (const std::string& sink : verdict.skipped) {
    core_.log.write(base::LogLevel::warning, "journal.sink_skips",
                    "a sink is so far behind that its oldest events had to go: max_bytes",
                    {{"sink", sink}, {"first_segment", verdict.first_wanted.value}});
  }
  core_.wanted_first = verdict.first_wanted.value;
  core_.queue.poke();
}

// Does a piece of preparing the next segment. True when that ended a shortage.
bool Housekeeper::prepare(base::BootTime now, base::BootTime& again) {
  if (core_.preparer.ready()) return false;
  if (!segment_fits(core_, core_.options.max_bytes)) return false;
  if (now < prepare_after_) {
    again = std::min(again, prepare_after_);
    return false;
  }
  const bool was_short = core_.preparer.trouble().has_value();
  const auto filled = core_.preparer.step();
  if (!filled) {
    prepare_after_ = now + kAfterTrouble;
    again = std::min(again, prepare_after_);
    return false;
  }
  if (!*filled) again = std::min(again, now + kBetweenPieces);
  return *filled && was_short;
}

void Housekeeper::warn_of_pins(std::uint64_t pinned_bytes) {
  const std::uint64_t percent =
      pinned_bytes * 100 / std::max<std::uint64_t>(core_.options.max_bytes, 1);
  if (percent >= kPinnedWarningPercent && !warned_of_pins_) {
    core_.log.write(base::LogLevel::warning, "journal.pinned",
                    "much of the journal is still needed by sinks that lag or by the router",
                    {{"pinned_percent", percent}, {"max_bytes", core_.options.max_bytes}});
  }
  warned_of_pins_ = percent >= kPinnedWarningPercent;
}

}  // namespace trapline::gateway::journal
