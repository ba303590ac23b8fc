#include "gateway/journal/record_walk.h"

#include "gateway/journal/record_wire.h"
#include "gateway/journal/segment_format.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::uint64_t kUnreadableBytes = 4'096;  // skipped at once where the disk cannot read

}  // namespace

RecordWalk::RecordWalk(FileWindow& window, const WalkBounds& bounds)
    : window_(&window), bounds_(bounds), offset_(kDataOffset), expected_(bounds.first) {}

void RecordWalk::go_to(std::uint64_t offset, Lsn lsn) {
  offset_ = offset;
  expected_ = lsn;
}

void RecordWalk::extend(Lsn limit, std::uint64_t end) {
  bounds_.limit = limit;
  bounds_.end = end;
  window_->set_end(end);
}

RecordWalk::Step RecordWalk::next(bool may_load, RecordView& record, bool stop_unreadable) {
  if (offset_ + kRecordHeaderBytes > bounds_.end || expected_ >= bounds_.limit) return Step::end;
  if (!may_load && !window_->holds(offset_, kFrameHeaderBytes)) return Step::must_load;
  const std::uint64_t before = offset_;
  if (skip_frame_header() && offset_ + kRecordHeaderBytes > bounds_.end) return Step::end;
  switch (try_record(offset_, expected_, may_load, record)) {
    case Found::yes: return accept(record);
    case Found::beyond_limit: return Step::end;
    case Found::must_load: offset_ = before; return Step::must_load;
    case Found::no: break;
  }
  if (!may_load) {
    offset_ = before;
    return Step::must_load;
  }
  if (stop_unreadable && window_->failed()) {
    offset_ = before;
    return Step::unreadable;
  }
  return resynchronise(record) ? accept(record) : Step::end;
}

bool RecordWalk::skip_frame_header() {
  const base::Bytes at = window_->at(offset_, kFrameHeaderBytes);
  if (at.size() < kFrameHeaderBytes || load<std::uint32_t>(at.data()) != kFrameMagic) return false;
  offset_ += kFrameHeaderBytes;
  return true;
}

// Is there an intact record at `offset`, numbered `expected_` to `highest`?
RecordWalk::Found RecordWalk::try_record(std::uint64_t offset, Lsn highest, bool may_load,
                                         RecordView& record) {
  if (!may_load && !window_->holds(offset, kRecordHeaderBytes)) return Found::must_load;
  const base::Bytes head = window_->at(offset, kRecordHeaderBytes);
  if (head.size() < kRecordHeaderBytes) return Found::no;
  const auto header = read_header(head);
  if (!header || header->lsn < expected_ || header->lsn > highest) return Found::no;
  const std::size_t size = kRecordHeaderBytes + header->payload_bytes;
  if (offset + size > bounds_.end) return Found::no;
  if (!may_load && !window_->holds(offset, size)) return Found::must_load;
  const base::Bytes whole = window_->at(offset, size);
  if (whole.size() < size) return Found::no;
  if (!record_intact(whole.data(), header->payload_bytes, bounds_.epoch)) return Found::no;
  if (header->lsn >= bounds_.limit) return Found::beyond_limit;
  record =
      view_record(whole.data(), bounds_.segment, static_cast<std::uint32_t>(offset), bounds_.epoch);
  return Found::yes;
}

// Finds the next intact record behind damage. When the damaged record's length still leads to the
// one after it, that is the next: octets of a payload are then never taken for a record. Otherwise
// the nearest one is.
bool RecordWalk::resynchronise(RecordView& record) {
  const std::uint64_t start = offset_;
  const Lsn second = expected_.next();
  const base::Bytes head = window_->at(start, kRecordHeaderBytes);
  if (head.size() == kRecordHeaderBytes) {
    const std::uint64_t said = start + record_bytes(load<std::uint32_t>(head.data()));
    for (const std::uint64_t candidate : {said, said + kFrameHeaderBytes}) {
      if (try_record(candidate, second, true, record) == Found::yes && record.ref.lsn == second) {
        damaged_bytes_ += candidate - start;
        return true;
      }
    }
  }
  const auto highest = [&](std::uint64_t offset) {
    return Lsn{expected_.value + (offset - start) / kRecordHeaderBytes + 1};
  };
  for (std::uint64_t at = start; at + kRecordHeaderBytes <= bounds_.end; at += 8) {
    if (window_->at(at, kRecordHeaderBytes).size() < kRecordHeaderBytes) {
      at = (at | (kUnreadableBytes - 1)) + 1 - 8;
      continue;
    }
    const Found found = try_record(at, highest(at), true, record);
    if (found == Found::beyond_limit) break;
    if (found != Found::yes) continue;
    damaged_bytes_ += at - start;
    return true;
  }
  damaged_bytes_ += bounds_.end - start;
  offset_ = bounds_.end;
  return false;
}

RecordWalk::Step RecordWalk::accept(const RecordView& record) {
  offset_ = record.ref.offset + record_bytes(record.payload.size());
  expected_ = record.ref.lsn.next();
  return Step::record;
}

}  // namespace trapline::gateway::journal
