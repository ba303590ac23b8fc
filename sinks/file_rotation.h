// Rolled files: what an active file is called once it is full or its day is over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sinks/files.h"

namespace trapline::sinks {

enum class RotateEvery : std::uint8_t { never, hour, day };

// When an active file is rolled and how long rolled ones stay. Hours and days are UTC.
struct RotateOptions {
  std::uint64_t bytes = 0;  // a file is rolled before it would exceed this; 0: never by size
  RotateEvery every = RotateEvery::never;
  std::uint32_t keep = 14;  // rolled files kept; 0: all
  bool compress = false;    // with zstd, once the next file has something in it
};

// True when `now` lies in a later hour or day than `then`. A clock that stepped back rolls nothing.
[[nodiscard]] bool is_later_period(RotateEvery every, base::WallTime then, base::WallTime now);

// The rolled files beside one active file: PATH.YYYYMMDD-HHMMSS (UTC), with .N behind when that
// second has several, and .zst behind that once compressed. Any thread, as the file system is the
// only state.
class RolledFiles {
 public:
  // `files` must outlive this.
  RolledFiles(Files& files, const std::string& active_path);

  // Renames the active file to a name that is free.
  [[nodiscard]] FileResult<void> roll(base::WallTime now) const;
  // Renames the active file, whose lines may not be on the disk, out of the way: as roll() does,
  // with .unsynced behind. It is none of the rolled files: nothing reads or removes it.
  [[nodiscard]] FileResult<void> set_aside(base::WallTime now) const;
  // Paths of the rolled files, oldest first.
  [[nodiscard]] FileResult<std::vector<std::string>> list() const;
  // Removes the oldest until `keep` are left. Best effort: what can't be removed stays.
  void remove_excess(std::uint32_t keep) const;

 private:
  [[nodiscard]] FileResult<void> rename_active(base::WallTime now, std::string_view suffix) const;

  Files& files_;
  const std::string active_path_;
  const std::string directory_;
  const std::string prefix_;  // the active file's name and a dot
};

inline constexpr std::string_view kCompressedSuffix = ".zst";
inline constexpr std::string_view kUnsyncedSuffix = ".unsynced";
// What a compressed file is called until it is whole.
inline constexpr std::string_view kPartSuffix = ".part";

}  // namespace trapline::sinks
