#include "gateway/journal/segment_preparer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/journal/crash_point.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;
constexpr std::uint64_t kSyncEveryBytes = 8U << 20;
constexpr std::string_view kPreparedName = "prepared.seg";

base::Bytes zeros() {
  static const std::vector<std::byte> kZeros(kPieceBytes);
  return kZeros;
}

}  // namespace

SegmentPreparer::SegmentPreparer(Fs& fs, std::string directory, std::uint64_t segment_bytes)
    : fs_(fs),
      directory_(std::move(directory)),
      path_(directory_ + "/" + std::string(kPreparedName)),
      segment_bytes_(segment_bytes) {
  auto left_over = fs_.open(path_, OpenMode::read_write);
  if (!left_over) return;
  const auto size = (*left_over)->size_bytes();
  // What it holds does not matter: stale octets validate under no epoch. Space is what it is kept
  // for.
  if (size && *size == segment_bytes_ && (*left_over)->sync()) {
    file_ = std::move(*left_over);
    filled_bytes_ = segment_bytes_;
    ready_ = true;
  } else {
    static_cast<void>(fs_.unlink(path_));
  }
}

std::optional<FsError> SegmentPreparer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

FsResult<bool> SegmentPreparer::step() {
  const std::lock_guard lock(mutex_);
  return fill_piece();
}

FsResult<void> SegmentPreparer::finish() {
  const std::lock_guard lock(mutex_);
  return fill();
}

FsResult<void> SegmentPreparer::fill() {
  while (!ready_) {
    const auto filled = fill_piece();
    if (!filled) return filled.error();
  }
  return {};
}

FsResult<std::unique_ptr<File>> SegmentPreparer::take(const SegmentHeader& header) {
  const std::lock_guard lock(mutex_);
  if (!ready_) ++late_;
  if (const auto filled = fill(); !filled) return filled.error();
  TRAPLINE_CRASH_POINT("segment-preallocated");
  if (const auto turned = turn_into(header); !turned) {
    fail(turned.error());
    return turned.error();
  }
  ready_ = false;
  filled_bytes_ = 0;
  return std::move(file_);
}

FsResult<void> SegmentPreparer::turn_into(const SegmentHeader& header) {
  std::array<std::byte, kHeaderBytes> octets;
  encode_header(header, octets);
  const std::array<base::Bytes, 1> piece{octets};
  for (const std::uint64_t at : {std::uint64_t{0}, kSecondHeaderAt}) {
    if (const auto wrote = file_->write_at(at, piece); !wrote) return wrote;
  }
  if (const auto synced = file_->sync(); !synced) return synced;
  TRAPLINE_CRASH_POINT("segment-header-written");
  const std::string path = directory_ + "/" + segment_file_name(header.number);
  if (const auto renamed = fs_.rename(path_, path); !renamed) return renamed;
  TRAPLINE_CRASH_POINT("segment-dir-unsynced");
  if (const auto synced = fs_.sync_directory(directory_); !synced) {
    static_cast<void>(fs_.unlink(path));
    return synced;
  }
  return {};
}

FsResult<bool> SegmentPreparer::fill_piece() {
  if (ready_) return true;
  if (!file_) {
    if (const auto begun = begin(); !begun) return begun.error();
  }
  const std::uint64_t at = filled_bytes_;
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, segment_bytes_ - at));
  const std::array<base::Bytes, 1> piece{zeros().first(size)};
  FsResult<void> done = file_->write_at(at, piece);
  const std::uint64_t filled = at + size;
  if (done && (filled == segment_bytes_ || filled % kSyncEveryBytes == 0)) done = file_->sync();
  if (!done) {
    fail(done.error());
    return done.error();
  }
  filled_bytes_ = filled;
  if (filled < segment_bytes_) return false;
  trouble_.reset();
  ready_ = true;
  return true;
}

FsResult<void> SegmentPreparer::begin() {
  auto made = fs_.open(path_, OpenMode::create_exclusive);
  if (!made && made.error() == FsError::exists) {
    static_cast<void>(fs_.unlink(path_));
    made = fs_.open(path_, OpenMode::create_exclusive);
  }
  if (!made) {
    fail(made.error());
    return made.error();
  }
  file_ = std::move(*made);
  filled_bytes_ = 0;
  return {};
}

// A file that failed once is not trusted again.
void SegmentPreparer::fail(FsError error) {
  trouble_ = error;
  file_.reset();
  static_cast<void>(fs_.unlink(path_));
  filled_bytes_ = 0;
  ready_ = false;
}

}  // namespace trapline::gateway::journal
