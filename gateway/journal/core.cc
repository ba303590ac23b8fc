#include "gateway/journal/core.h"

#include <algorithm>

namespace trapline::gateway::journal {

std::string Health::trouble() const {
  return trouble_.with([](const std::string& text) { return text; });
}

bool Health::fail(const std::string& trouble) {
  const bool news = trouble_.with([&](std::string& text) {
    if (text == trouble) return false;
    text = trouble;
    return true;
  });
  writable_.store(false, std::memory_order_relaxed);
  if (news) log_.write(base::LogLevel::error, "journal.not_writable", trouble);
  return news;
}

bool Health::recover() {
  if (writable()) return false;
  trouble_.with([](std::string& text) { text.clear(); });
  writable_.store(true, std::memory_order_relaxed);
  log_.write(base::LogLevel::info, "journal.writable", "the journal stores again");
  return true;
}

Core::Core(JournalOptions final_options, std::string node_id, Fs& fs_seam,
           const base::Clock& clock_seam, base::Random& random_seam, base::Log& log_lines)
    : options(std::move(final_options)),
      node(std::move(node_id)),
      fs(fs_seam),
      clock(clock_seam),
      random(random_seam),
      log(log_lines),
      pool(options.ring_bytes / 4),
      ring(options.ring_bytes, pool),
      queue(options, clock),
      hub(clock),
      preparer(fs, options.directory, options.segment_bytes),
      health(log) {}

std::uint64_t reception_limit_bytes(const JournalOptions& options) {
  return options.max_bytes / 100 * 95;
}

std::size_t checkpoint_limit_bytes(const JournalOptions& options) {
  return std::min<std::uint64_t>(kMaxCheckpointBytes, options.segment_bytes / kCheckpointShare);
}

bool segment_fits(const Core& core, std::uint64_t limit_bytes) {
  return core.table.total_bytes() + core.options.segment_bytes <= limit_bytes;
}

void seal_segment(Core& core, Segment& segment) {
  const auto sealed = segment.seal(core.clock.wall() - core.options.duplicate_window);
  if (sealed) {
    core.table.update(*sealed);
    return;
  }
  core.log.write(base::LogLevel::warning, "journal.seal_failed",
                 "a full segment could not be sealed; it will be read through at the next start",
                 {{"segment", segment.header().number.value}, {"error", name_of(sealed.error())}});
}

}  // namespace trapline::gateway::journal
