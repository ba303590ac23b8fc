// What committer, housekeeper and readers of one journal share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/random.h"
#include "gateway/journal/append_queue.h"
#include "gateway/journal/batch_pool.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/reader_hub.h"
#include "gateway/journal/ring.h"
#include "gateway/journal/segment.h"
#include "gateway/journal/segment_preparer.h"
#include "gateway/journal/segment_table.h"
#include "gateway/journal/wakeup.h"

namespace trapline::gateway::journal {

// Figures for JournalStats. Written by their owners, read by anyone.
struct Counters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> committed_bytes{0};
  std::atomic<std::uint64_t> failed_syncs{0};
  std::atomic<std::uint64_t> damaged_records{0};
  std::atomic<std::uint64_t> file_reads{0};
  std::atomic<std::uint64_t> pinned_bytes{0};
};

// Whether the disk takes what it is given; logs each change once. Any thread may read, the
// committer writes.
class Health {
 public:
  explicit Health(base::Log& log) : log_(log) {}

  [[nodiscard]] bool writable() const { return writable_.load(std::memory_order_relaxed); }
  // What is wrong and what to do about it; empty when nothing is.
  [[nodiscard]] std::string trouble() const;
  // Says that nothing can be stored now. True when that is news.
  bool fail(const std::string& trouble);
  // Says that storing works. True when that is news.
  bool recover();

 private:
  base::Log& log_;
  std::atomic<bool> writable_{true};
  base::Guarded<std::string> trouble_;
};

// Owns everything that threads share; each member says how it is synchronised.
struct Core {
  // `fs`, `clock`, `random` and `log` must outlive it. `options` are final: clamped to the disk.
  Core(JournalOptions final_options, std::string node_id, Fs& fs_seam,
       const base::Clock& clock_seam, base::Random& random_seam, base::Log& log_lines);

  const JournalOptions options;
  const std::string node;
  Fs& fs;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;

  BatchPool pool;
  Ring ring;
  AppendQueue queue;
  ReaderHub hub;
  SegmentTable table;
  SegmentPreparer preparer;
  Health health;
  Counters counters;
  base::Guarded<Standing> standing;
  // Full segments on their way to be sealed, at most kMaxToSeal.
  base::Guarded<std::vector<std::unique_ptr<Segment>>> to_seal;
  // Segments below this are to be unlinked once a CHECKPOINT has said so. Housekeeper writes,
  // committer reads.
  std::atomic<std::uint64_t> wanted_first{0};
  // Ends the housekeeper's sleep: a segment was begun, or room is wanted.
  Wakeup housekeeping;
};

inline constexpr std::size_t kMaxToSeal = 4;
// The very last part of a segment is for a CHECKPOINT, which is what lets old segments go.
inline constexpr std::uint64_t kCheckpointShare = 16;

// Octets the journal may take before reception stops: 95 % of max_bytes.
[[nodiscard]] std::uint64_t reception_limit_bytes(const JournalOptions& options);
// Octets a CHECKPOINT may take.
[[nodiscard]] std::size_t checkpoint_limit_bytes(const JournalOptions& options);
// True when one more segment keeps the journal below `limit_bytes`.
[[nodiscard]] bool segment_fits(const Core& core, std::uint64_t limit_bytes);
// Seals one segment and tells the table; a failure is logged, and recovery will scan the segment.
void seal_segment(Core& core, Segment& segment);

}  // namespace trapline::gateway::journal
