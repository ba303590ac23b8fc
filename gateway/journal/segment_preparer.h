// Makes segment files before they are needed: zero-filled, so that writing into them neither
// allocates nor fails for want of space.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/journal/fs.h"
#include "gateway/journal/segment_format.h"

namespace trapline::gateway::journal {

// One file ahead, named `prepared.seg` until it is taken. The housekeeper fills it piece by piece;
// the committer takes it, finishing the work itself when it must. Any thread.
class SegmentPreparer {
 public:
  // `fs` must outlive it. A file left by an earlier run is taken over when it has the right size.
  SegmentPreparer(Fs& fs, std::string directory, std::uint64_t segment_bytes);

  // Does one piece of the work. True when the file is ready.
  [[nodiscard]] FsResult<bool> step();
  // Does all that is left of it.
  [[nodiscard]] FsResult<void> finish();
  // Turns the prepared file (finishing it first) into a segment: headers written and synced, named
  // by its number, the directory synced. After a failure nothing of it is kept, but a file of that
  // name may be there.
  [[nodiscard]] FsResult<std::unique_ptr<File>> take(const SegmentHeader& header);

  // True while a file stands ready.
  [[nodiscard]] bool ready() const { return ready_.load(std::memory_order_relaxed); }
  // What the last attempt died of; nothing when it went well.
  [[nodiscard]] std::optional<FsError> trouble() const;
  // Octets it has on disk.
  [[nodiscard]] std::uint64_t file_bytes() const {
    return filled_bytes_.load(std::memory_order_relaxed);
  }
  // Files that `take` had to finish itself.
  [[nodiscard]] std::uint64_t late() const { return late_.load(std::memory_order_relaxed); }

 private:
  FsResult<bool> fill_piece();
  FsResult<void> begin();
  FsResult<void> fill();
  FsResult<void> turn_into(const SegmentHeader& header);
  void fail(FsError error);

  Fs& fs_;
  const std::string directory_;
  const std::string path_;
  const std::uint64_t segment_bytes_;

  mutable std::mutex mutex_;
  std::unique_ptr<File> file_;      // guarded by mutex_
  std::optional<FsError> trouble_;  // guarded by mutex_
  std::atomic<std::uint64_t> filled_bytes_{0};
  std::atomic<bool> ready_{false};
  std::atomic<std::uint64_t> late_{0};
};

}  // namespace trapline::gateway::journal
