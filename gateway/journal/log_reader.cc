#include "gateway/journal/log_reader.h"

#include <algorithm>
#include <thread>

#include "gateway/journal/record_wire.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kReadPieceBytes = 1U << 20;
constexpr std::size_t kFetchPieceBytes = 256U << 10;
constexpr std::uint64_t kMarkEveryBytes = 1U << 20;
constexpr std::chrono::milliseconds kRefusedWait{20};
constexpr std::chrono::seconds kReadPatience{1};
constexpr int kReadAttempts = 5;

std::string path_of(const Core& core, SegmentNumber number) {
  return core.options.directory + "/" + segment_file_name(number);
}

void tell_unreadable(Core& core, base::LogSite& site, SegmentNumber segment, std::uint64_t offset) {
  core.log.write_limited(site, base::LogLevel::error, "journal.unreadable",
                         "part of a segment cannot be read: its records are passed over",
                         {{"file", path_of(core, segment)}, {"offset", offset}});
}

}  // namespace

bool ReadPatience::spent(base::BootTime now) {
  if (attempts_ == 0) since_ = now;
  attempts_ = std::min(attempts_ + 1, kReadAttempts);
  return attempts_ == kReadAttempts && now - since_ >= kReadPatience;
}

RecordFetcher::RecordFetcher(Core& core)
    : core_(core), window_(kFetchPieceBytes, &core.counters.file_reads) {}

std::optional<RecordView> RecordFetcher::fetch(const RecordRef& ref) {
  refused_ = false;
  if (ref.lsn.value == 0 || ref.lsn > core_.hub.durable()) return std::nullopt;
  if (!pinned_ || !pinned_->holds(ref.lsn)) pinned_ = core_.ring.pin(ref.lsn);
  if (!pinned_) return fetch_from_file(ref);
  const Commit::Slot& slot = pinned_->slots[ref.lsn.value - pinned_->first.value];
  if (slot.offset != ref.offset || pinned_->segment != ref.segment) return std::nullopt;
  return view_record(slot.record, pinned_->segment, slot.offset, pinned_->epoch);
}

std::optional<RecordView> RecordFetcher::fetch_from_file(const RecordRef& ref) {
  const auto info = core_.table.find(ref.segment);
  if (!info || !info->holds(ref.lsn)) return std::nullopt;
  if (!file_ || segment_.number != info->number || segment_.epoch != info->epoch) {
    auto file = core_.fs.open(path_of(core_, ref.segment), OpenMode::read);
    if (!file) {
      refused_ = file.error() != FsError::not_found;
      return std::nullopt;
    }
    file_ = std::move(*file);
    window_.attach(*file_, info->data_end);
    patience_.renew();
  }
  segment_ = *info;
  window_.set_end(info->data_end);
  window_.forget_failure();
  const auto record = read_record(ref);
  if (!window_.failed()) {
    patience_.renew();
  } else if (!record) {
    refused_ = !patience_.spent(core_.clock.boot());
    if (!refused_) tell_unreadable(core_, unreadable_site_, ref.segment, ref.offset);
  }
  return record;
}

std::optional<RecordView> RecordFetcher::read_record(const RecordRef& ref) {
  const base::Bytes head = window_.at(ref.offset, kRecordHeaderBytes);
  if (head.size() < kRecordHeaderBytes) return std::nullopt;
  const auto header = read_header(head);
  if (!header || header->lsn != ref.lsn) return std::nullopt;
  const std::size_t size = kRecordHeaderBytes + header->payload_bytes;
  const base::Bytes record = window_.at(ref.offset, size);
  if (record.size() < size) return std::nullopt;
  if (!record_intact(record.data(), header->payload_bytes, segment_.epoch)) return std::nullopt;
  return view_record(record.data(), ref.segment, ref.offset, segment_.epoch);
}

LogReader::LogReader(Core& core, RecordMask mask, Lsn after)
    : core_(core),
      position_(after),
      window_(kReadPieceBytes, &core.counters.file_reads),
      fetcher_(core) {
  seat_.mask = mask;
}

std::span<const RecordView> LogReader::next(std::size_t max_bytes) {
  batch_.clear();
  batch_bytes_ = 0;
  gap_.reset();
  refused_ = false;
  while (batch_.empty() && !gap_ && !refused_) {
    const Lsn durable = core_.hub.durable();
    if (position_ >= durable || core_.hub.interrupted()) break;
    if (core_.hub.nothing_behind(position_, seat_.mask)) {
      position_ = durable;
      break;
    }
    if (!pinned_ || !pinned_->holds(position_.next())) pinned_ = core_.ring.pin(position_.next());
    if (pinned_) {
      read_ring(durable, max_bytes);
    } else {
      read_file(durable, max_bytes);
    }
  }
  return batch_;
}

void LogReader::wait(base::BootTime deadline) {
  // What could not be read lies behind the position: waiting for more would not wait at all.
  if (refused_ || fetcher_.refused()) {
    std::this_thread::sleep_for(kRefusedWait);
  } else {
    core_.hub.wait(seat_, position_, deadline);
  }
}

void LogReader::read_ring(Lsn durable, std::size_t max_bytes) {
  const Commit& commit = *pinned_;
  if ((commit.types & seat_.mask) == 0) {
    position_ = std::min(durable, Lsn{commit.first.value + commit.slots.size() - 1});
    return;
  }
  for (std::size_t i = position_.next().value - commit.first.value; i < commit.slots.size(); ++i) {
    if (batch_bytes_ >= max_bytes && !batch_.empty()) return;
    const Commit::Slot& slot = commit.slots[i];
    position_ = position_.next();
    if (!wanted(slot.type)) continue;
    batch_.push_back(view_record(slot.record, commit.segment, slot.offset, commit.epoch));
    batch_bytes_ += kRecordHeaderBytes + batch_.back().payload.size();
  }
}

void LogReader::read_file(Lsn durable, std::size_t max_bytes) {
  const auto info = core_.table.at_or_behind(position_.next());
  if (!info) {
    // Nothing that is durable lies in any segment from here on: it is gone.
    lose(position_.next(), durable);
    return;
  }
  const bool entered = enter(*info, durable);
  if (refused_) return;
  if (info->first > position_.next()) {
    auto behind = entered ? standing_at_start(*info) : std::nullopt;
    if (refused_) return;
    const Lsn first_there = std::min(info->first, durable.next());
    lose(position_.next(), Lsn{first_there.value - 1});
    gap_->behind = std::move(behind);
    if (!entered) return;
  } else if (!entered) {
    lose_rest_of_segment(*info, durable);
    return;
  }
  place_walk(position_.next());
  if (!refused_) take_records(max_bytes);
  if (refused_) return;
  if (batch_.empty() && !gap_ && position_.next() < walk_.bounds().limit) {
    lose_rest_of_segment(*info, durable);
  }
}

// Opens the segment unless it is open, and lets the walk see what is durable of it.
bool LogReader::enter(const SegmentInfo& info, Lsn durable) {
  const Lsn limit = std::min(info.end, durable.next());
  if (open_segment_ == info.number && walk_.bounds().epoch == info.epoch) {
    walk_.extend(limit, info.data_end);
    return true;
  }
  open_segment_ = {};
  marks_.clear();
  auto file = core_.fs.open(path_of(core_, info.number), OpenMode::read);
  if (!file) {
    // Out of descriptors or memory is no loss: the records are there, and are read later.
    refused_ = file.error() != FsError::not_found;
    return false;
  }
  file_ = std::move(*file);
  window_.attach(*file_, info.data_end);
  walk_ = RecordWalk(window_, {info.number, info.epoch, info.first, limit, info.data_end});
  open_segment_ = info.number;
  patience_.renew();
  return true;
}

// A step of the walk. What cannot be read is tried again later, and only passed over when that has
// not helped.
RecordWalk::Step LogReader::walk_on(bool may_load, RecordView& record) {
  window_.forget_failure();
  const auto step = walk_.next(may_load, record, true);
  if (step == RecordWalk::Step::record) patience_.renew();
  if (step != RecordWalk::Step::unreadable) return step;
  if (!patience_.spent(core_.clock.boot())) {
    refused_ = true;
    return step;
  }
  tell_unreadable(core_, unreadable_site_, open_segment_, walk_.offset());
  return walk_.next(may_load, record);
}

// What a CHECKPOINT at the segment's start says: how records lost before it are counted.
std::optional<Standing> LogReader::standing_at_start(const SegmentInfo& info) {
  RecordView record;
  place_walk(info.first);
  const auto step = walk_on(true, record);
  walk_.go_to(kDataOffset, info.first);
  Standing standing;
  const bool found = step == RecordWalk::Step::record && record.type == RecordType::checkpoint &&
                     record.ref.lsn == info.first && Standing::decode(record.payload, standing);
  return found ? std::optional(std::move(standing)) : std::nullopt;
}

// Puts the walk before record `next`, from the nearest place that is known.
void LogReader::place_walk(Lsn next) {
  if (walk_.expected() == next) return;
  if (walk_.expected() > next) {
    const auto behind = std::partition_point(marks_.begin(), marks_.end(),
                                             [next](const Mark& mark) { return mark.lsn <= next; });
    if (behind == marks_.begin()) {
      walk_.go_to(kDataOffset, walk_.bounds().first);
    } else {
      walk_.go_to(std::prev(behind)->offset, std::prev(behind)->lsn);
    }
  }
  RecordView record;
  while (walk_.expected() < next) {
    if (walk_on(true, record) != RecordWalk::Step::record) return;
    if (record.ref.lsn < next) continue;
    walk_.go_to(record.ref.offset, record.ref.lsn);
    return;
  }
}

// Collects records until the batch is full, the window is at its end or something is missing.
void LogReader::take_records(std::size_t max_bytes) {
  RecordView record;
  while (batch_.empty() || batch_bytes_ < max_bytes) {
    const Lsn expected = position_.next();
    const auto step = walk_on(batch_.empty(), record);
    if (step != RecordWalk::Step::record) return;
    if (record.ref.lsn > expected) {
      walk_.go_to(record.ref.offset, record.ref.lsn);
      if (!batch_.empty() || gap_) return;
      lose(expected, Lsn{record.ref.lsn.value - 1});
      core_.counters.damaged_records += record.ref.lsn.value - expected.value;
      continue;
    }
    if (marks_.empty() ? record.ref.offset >= kMarkEveryBytes
                       : record.ref.offset >= marks_.back().offset + kMarkEveryBytes) {
      marks_.push_back({record.ref.lsn, record.ref.offset});
    }
    position_ = record.ref.lsn;
    if (!wanted(record.type)) continue;
    batch_.push_back(record);
    batch_bytes_ += kRecordHeaderBytes + record.payload.size();
  }
}

void LogReader::lose(Lsn first, Lsn last) {
  gap_ = Gap{first, last, std::nullopt};
  position_ = last;
}

// The segment says that it has more, but nothing more can be read.
void LogReader::lose_rest_of_segment(const SegmentInfo& info, Lsn durable) {
  const Lsn last = std::min(Lsn{info.end.value - 1}, durable);
  const Lsn first = position_.next();
  core_.counters.damaged_records += last.value - position_.value;
  lose(first, last);
}

}  // namespace trapline::gateway::journal
