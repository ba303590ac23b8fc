#include "gateway/journal/segment.h"

#include <algorithm>
#include <array>

#include "gateway/journal/crash_point.h"

namespace trapline::gateway::journal {
namespace {

// Digests that a full segment of informs would have; reserved at once, touched as needed.
constexpr std::uint64_t kBytesPerInform = 256;
constexpr std::size_t kMaxInforms = 1'000'000;

}  // namespace

Segment::Segment(std::unique_ptr<File> file, SegmentHeader header, std::uint64_t segment_bytes)
    : file_(std::move(file)),
      header_(std::move(header)),
      segment_bytes_(segment_bytes),
      end_bytes_(kDataOffset) {
  totals_.last = Lsn{header_.first.value - 1};
  informs_.reserve(static_cast<std::size_t>(segment_bytes / kBytesPerInform));
}

FsResult<void> Segment::append(std::span<const base::Bytes> pieces) {
  if (TRAPLINE_CRASH_IS_NEAR("write-short")) {
    static_cast<void>(file_->write_at(end_bytes_, pieces.first(1 + pieces.size() / 2)));
  }
  TRAPLINE_CRASH_POINT("write-short");
  FsResult<void> done = file_->write_at(end_bytes_, pieces);
  if (done) {
    TRAPLINE_CRASH_POINT("write-done-before-sync");
    done = file_->sync();
  }
  if (!done) broken_ = true;
  return done;
}

void Segment::count(const RecordView& record) {
  totals_.add(record);
  if (record.type != RecordType::event || informs_.size() >= kMaxInforms) return;
  const InformDigest digest = event_digest(record.payload);
  if (digest != InformDigest{}) informs_.push_back({digest, record.received});
}

void Segment::advance(std::size_t frame_bytes) { end_bytes_ += frame_bytes; }

SegmentInfo Segment::info() const {
  SegmentInfo info;
  info.number = header_.number;
  info.epoch = header_.epoch;
  info.first = header_.first;
  info.end = totals_.last.next();
  info.data_end = end_bytes_;
  info.file_bytes = std::max(segment_bytes_, end_bytes_);
  info.totals = totals_;
  return info;
}

FsResult<SegmentInfo> Segment::seal(base::WallTime oldest) {
  std::erase_if(informs_,
                [oldest](const RecoveredInform& inform) { return inform.received < oldest; });
  const SegmentFooter footer{header_, totals_, end_bytes_, 0, 0};
  const auto size = write_footer(*file_, footer, informs_);
  if (!size) return size.error();
  SegmentInfo sealed = info();
  sealed.sealed = true;
  sealed.file_bytes = *size;
  return sealed;
}

FsResult<std::uint64_t> write_footer(File& file, const SegmentFooter& footer,
                                     std::span<const RecoveredInform> informs) {
  std::vector<std::byte> octets;
  encode_footer(footer, informs, octets);
  const std::array<base::Bytes, 1> piece{octets};
  if (const auto wrote = file.write_at(footer.offset, piece); !wrote) return wrote.error();
  TRAPLINE_CRASH_POINT("seal-half");
  const std::uint64_t size = footer.offset + octets.size();
  if (const auto cut = file.truncate(size); !cut) return cut.error();
  if (const auto synced = file.sync(); !synced) return synced.error();
  return size;
}

}  // namespace trapline::gateway::journal
