#include "gateway/journal/frame_scan.h"

#include <array>

#include "gateway/journal/record_wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kBlockBytes = 4'096;

// Continues a frame's CRC record by record, so that a frame of any size needs no memory.
class FrameCheck {
 public:
  FrameCheck(base::Bytes header, Epoch epoch) : crc_(frame_crc(header, {}, epoch)) {}
  void add(std::uint32_t record_crc) {
    std::array<std::byte, 4> octets;
    store(octets.data(), record_crc);
    crc_ = crc32c(octets, crc_);
  }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  std::uint32_t crc_;
};

// What stands behind a bad frame.
struct Behind {
  std::optional<WholeFrame> frame;
  std::optional<SegmentFooter> footer;
  std::uint64_t last_written = 0;  // behind the last octet that is not zero
};

bool is_zero(base::Bytes block) {
  for (std::size_t at = 0; at + 8 <= block.size(); at += 8) {
    if (load<std::uint64_t>(block.data() + at) != 0) return false;
  }
  return true;
}

std::optional<SegmentFooter> read_footer(FileWindow& window, const WalkBounds& bounds,
                                         std::uint64_t offset) {
  auto footer = decode_footer(window.at(offset, kFooterBytes), offset);
  if (footer && footer->header.epoch != bounds.epoch) return std::nullopt;
  return footer;
}

// Searches for the next whole frame or footer, on every eighth octet.
Behind search(FileWindow& window, const WalkBounds& bounds, std::uint64_t from) {
  Behind behind;
  for (std::uint64_t at = from; at + 8 <= bounds.end;) {
    const base::Bytes block = window.at(at, kBlockBytes);
    if (block.size() < 8) {  // unreadable: what lies behind may be whole
      at = (at | (kBlockBytes - 1)) + 1;
      continue;
    }
    if (is_zero(block)) {
      at += block.size() & ~std::size_t{7};
      continue;
    }
    const std::uint64_t block_end = at + (block.size() & ~std::size_t{7});
    for (; at < block_end; at += 8) {
      const base::Bytes word = window.at(at, 8);
      if (word.size() < 8) break;
      if (load<std::uint64_t>(word.data()) != 0) behind.last_written = at + 8;
      const auto magic = load<std::uint32_t>(word.data());
      if (magic == kFrameMagic) behind.frame = read_frame(window, bounds, at);
      if (magic == kFooterMagic) behind.footer = read_footer(window, bounds, at);
      if (behind.frame || behind.footer) return behind;
    }
  }
  return behind;
}

}  // namespace

std::optional<WholeFrame> read_frame(FileWindow& window, const WalkBounds& bounds,
                                     std::uint64_t offset) {
  const base::Bytes head = window.at(offset, kFrameHeaderBytes);
  const auto frame = decode_frame_header(head);
  if (!frame || frame->first < bounds.first) return std::nullopt;
  const std::uint64_t end = offset + kFrameHeaderBytes + frame->body_bytes;
  if (end > bounds.end) return std::nullopt;
  FrameCheck check(head, bounds.epoch);
  Lsn lsn = frame->first;
  std::uint64_t at = offset + kFrameHeaderBytes;
  for (std::uint32_t left = frame->count; left != 0; --left, lsn = lsn.next()) {
    const base::Bytes record_head = window.at(at, kRecordHeaderBytes);
    if (record_head.size() < kRecordHeaderBytes) return std::nullopt;
    const auto header = read_header(record_head);
    if (!header || header->lsn != lsn) return std::nullopt;
    const std::size_t size = record_bytes(header->payload_bytes);
    if (size > end - at) return std::nullopt;
    const base::Bytes record = window.at(at, size);
    if (record.size() < size) return std::nullopt;
    if (!record_intact(record.data(), header->payload_bytes, bounds.epoch)) return std::nullopt;
    check.add(header->crc);
    at += size;
  }
  if (at != end || check.crc() != frame->crc) return std::nullopt;
  return WholeFrame{{offset, end}, frame->first, Lsn{lsn.value - 1}};
}

FrameScan scan_frames(FileWindow& window, const WalkBounds& whole, std::uint64_t from) {
  FrameScan scan;
  scan.data_end = from;
  scan.last = Lsn{whole.first.value - 1};
  WalkBounds bounds = whole;
  while (true) {
    bounds.first = scan.last.next();
    auto frame = read_frame(window, bounds, scan.data_end);
    if (!frame) scan.footer = read_footer(window, bounds, scan.data_end);
    if (!frame && !scan.footer) {
      const Behind behind = search(window, bounds, scan.data_end);
      if (!behind.frame && !behind.footer) {
        const std::uint64_t written = behind.last_written;
        if (written > scan.data_end) scan.torn_bytes = written - scan.data_end;
        return scan;
      }
      frame = behind.frame;
      scan.footer = behind.footer;
      const std::uint64_t end = frame ? frame->range.begin : scan.footer->offset;
      if (frame && frame->first >= bounds.limit) return scan;
      scan.damaged.push_back({scan.data_end, end});
      scan.data_end = end;
    }
    if (scan.footer || frame->first >= bounds.limit) return scan;
    scan.data_end = frame->range.end;
    scan.last = frame->last;
    scan.last_frame = frame;
  }
}

}  // namespace trapline::gateway::journal
