#include "gateway/journal/segment_recovery.h"

#include <algorithm>
#include <array>

#include "gateway/journal/segment.h"
#include "gateway/journal/wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kScanPieceBytes = 1U << 20;
constexpr std::string_view kDraftName = "draft.seg";

std::optional<SegmentHeader> read_header_at(File& file, std::uint64_t at, std::uint64_t& read) {
  std::array<std::byte, kHeaderBytes> octets;
  const auto got = file.read_at(at, octets);
  if (!got || *got < octets.size()) return std::nullopt;
  read += octets.size();
  return decode_header(octets);
}

std::optional<SegmentFooter> read_footer(File& file, std::uint64_t file_bytes,
                                         std::uint64_t& read) {
  std::array<std::byte, kTrailerBytes> trailer;
  if (file_bytes < kDataOffset + kFooterBytes + kTrailerBytes) return std::nullopt;
  const auto got = file.read_at(file_bytes - kTrailerBytes, trailer);
  if (!got || *got < trailer.size()) return std::nullopt;
  read += trailer.size();
  const auto at = decode_trailer(trailer, file_bytes);
  if (!at) return std::nullopt;
  std::array<std::byte, kFooterBytes> footer;
  const auto footer_got = file.read_at(*at, footer);
  if (!footer_got || *footer_got < footer.size()) return std::nullopt;
  read += footer.size();
  return decode_footer(footer, *at);
}

// Copies a range to the same place in another file, or rewrites it in the same one.
FsResult<void> copy_octets(File& from, File& to, const ByteRange& range) {
  std::vector<std::byte> octets(kScanPieceBytes);
  for (std::uint64_t at = range.begin; at < range.end;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), range.end - at));
    const auto got = from.read_at(at, {octets.data(), size});
    if (!got || *got < size) return FsError::io;
    const std::array<base::Bytes, 1> piece{base::Bytes{octets.data(), size}};
    if (const auto wrote = to.write_at(at, piece); !wrote) return wrote;
    at += size;
  }
  return {};
}

}  // namespace

std::optional<FoundSegment> identify_segment(File& file, SegmentNumber number) {
  FoundSegment found;
  const auto size = file.size_bytes();
  if (!size) return std::nullopt;
  found.file_bytes = *size;
  auto header = read_header_at(file, 0, found.read_bytes);
  if (!header) header = read_header_at(file, kSecondHeaderAt, found.read_bytes);
  found.footer = read_footer(file, *size, found.read_bytes);
  if (found.footer && header && found.footer->header.epoch != header->epoch) found.footer.reset();
  if (!header && found.footer) header = found.footer->header;
  if (!header || header->number != number) return std::nullopt;
  found.header = *header;
  return found;
}

ScannedSegment scan_segment(File& file, const FoundSegment& found, Lsn limit, bool successor) {
  FileWindow window(kScanPieceBytes);
  window.attach(file, found.file_bytes);
  WalkBounds bounds{found.header.number, found.header.epoch, found.header.first, limit,
                    found.file_bytes};
  ScannedSegment scanned;
  scanned.scan = scan_frames(window, bounds);
  scanned.unreadable = window.failed();
  FrameScan& scan = scanned.scan;
  const bool incomplete = successor && scan.last.next() < limit && !scan.footer;
  if (incomplete && scan.torn_bytes != 0) {
    const std::uint64_t end = std::min(aligned(scan.data_end + scan.torn_bytes), found.file_bytes);
    scan.damaged.push_back({scan.data_end, end});
    scan.data_end = end;
    scan.torn_bytes = 0;
  }
  SegmentInfo& info = scanned.info;
  info.number = found.header.number;
  info.epoch = found.header.epoch;
  info.first = found.header.first;
  info.totals.last = Lsn{info.first.value - 1};
  info.data_end = scan.data_end;
  info.file_bytes = found.file_bytes;

  bounds.end = scan.data_end;
  window.set_end(bounds.end);
  RecordWalk walk(window, bounds);
  RecordView record;
  while (walk.next(true, record) == RecordWalk::Step::record) {
    info.totals.add(record);
    if (record.type != RecordType::event) continue;
    const InformDigest digest = event_digest(record.payload);
    if (digest != InformDigest{}) scanned.informs.push_back({digest, record.received});
  }
  // What is missing before a successor was durable once: a reader is to see the gap.
  info.end = successor ? std::max(limit, info.totals.last.next()) : info.totals.last.next();
  scanned.read_bytes = found.file_bytes;
  return scanned;
}

FsResult<void> settle_last_frame(File& file, const ScannedSegment& scanned) {
  const auto& frame = scanned.scan.last_frame;
  if (!frame) return {};
  if (const auto wrote = copy_octets(file, file, frame->range); !wrote) return wrote;
  return file.sync();
}

FsResult<std::unique_ptr<File>> copy_segment(Fs& fs, const std::string& directory, File& file,
                                             const ScannedSegment& scanned) {
  const std::string draft = directory + "/" + std::string(kDraftName);
  static_cast<void>(fs.unlink(draft));
  auto copy = fs.open(draft, OpenMode::create_exclusive);
  if (!copy) return copy.error();
  FsResult<void> done = copy_octets(file, **copy, {0, scanned.info.data_end});
  if (done) done = (*copy)->sync();
  if (done) done = fs.rename(draft, directory + "/" + segment_file_name(scanned.info.number));
  if (done) done = fs.sync_directory(directory);
  if (!done) return done.error();
  return copy;
}

FsResult<void> seal_scanned(File& file, const FoundSegment& found, ScannedSegment& scanned) {
  SegmentTotals totals = scanned.info.totals;
  totals.last = Lsn{scanned.info.end.value - 1};
  const SegmentFooter footer{found.header, totals, scanned.info.data_end, 0, 0};
  const auto size = write_footer(file, footer, scanned.informs);
  if (!size) return size.error();
  scanned.info.sealed = true;
  scanned.info.file_bytes = *size;
  return {};
}

SegmentInfo sealed_info(const FoundSegment& found, Lsn limit) {
  SegmentInfo info;
  info.number = found.header.number;
  info.epoch = found.header.epoch;
  info.first = found.header.first;
  info.totals = found.footer->totals;
  info.end = std::min(info.totals.last.next(), limit);
  info.data_end = found.footer->offset;
  info.file_bytes = found.file_bytes;
  info.sealed = true;
  return info;
}

}  // namespace trapline::gateway::journal
