#include "gateway/journal/recovery.h"

#include <algorithm>
#include <array>
#include <memory>

#include "gateway/journal/record_walk.h"
#include "gateway/journal/segment_recovery.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kWalkPieceBytes = 1U << 20;
constexpr std::size_t kCheckpointPieceBytes = 64U << 10;
constexpr int kReadTries = 10;
constexpr std::size_t kMaxInforms = 1'000'000;
constexpr Lsn kNoLimit{~std::uint64_t{0}};

// A file whose reads are tried again: what is taken for damage now would be given up for good.
class PatientFile final : public File {
 public:
  explicit PatientFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  FsResult<std::size_t> read_at(std::uint64_t offset, base::MutableBytes out) override {
    auto got = file_->read_at(offset, out);
    for (int i = 1; i < kReadTries && !got; ++i) got = file_->read_at(offset, out);
    return got;
  }
  FsResult<void> write_at(std::uint64_t offset, std::span<const base::Bytes> pieces) override {
    return file_->write_at(offset, pieces);
  }
  FsResult<void> sync() override { return file_->sync(); }
  FsResult<void> truncate(std::uint64_t size_bytes) override { return file_->truncate(size_bytes); }
  FsResult<std::uint64_t> size_bytes() override { return file_->size_bytes(); }

 private:
  const std::unique_ptr<File> file_;
};

// One recovery under way. One thread, used once.
class RecoveryRun {
 public:
  RecoveryRun(const JournalOptions& options, Fs& fs, const base::Clock& clock, base::Log& log)
      : options_(options), fs_(fs), clock_(clock), log_(log) {}

  FsResult<Recovery> run() {
    const auto names = fs_.list(options_.directory);
    if (!names) return names.error();
    if (const auto found = find_segments(*names); !found) return found.error();
    if (const auto read = read_segments(); !read) return read.error();
    rebuild_standing();
    forget_unwanted();
    fit_sinks();
    say_where_to_start();
    return std::move(result_);
  }

 private:
  // A file and what it turned out to be.
  struct Entry {
    std::unique_ptr<File> file;
    FoundSegment found;
  };

  FsResult<void> find_segments(const std::vector<std::string>& names);
  FsResult<void> read_segments();
  FsResult<void> read_unsealed(Entry& entry, Lsn limit, bool successor);
  bool read_informs(const Entry& entry);
  void keep_informs(std::vector<RecoveredInform>&& informs);
  void rebuild_standing();
  bool read_checkpoint(const SegmentInfo& info, Standing& standing);
  void balance(Standing& standing);
  bool apply_segment(const SegmentInfo& info, Standing& standing);
  void restore_engines(const RecordView& record);
  template <class Visit>
  void walk_segment(const SegmentInfo& info, Visit&& visit);
  void forget_unwanted();
  void fit_sinks();
  void say_where_to_start();
  void set_aside(const std::string& name);
  void quarantine(Entry& entry, const ByteRange& range);

  FsResult<std::unique_ptr<File>> open_patiently(const std::string& path, OpenMode mode) {
    auto file = fs_.open(path, mode);
    if (file) *file = std::make_unique<PatientFile>(std::move(*file));
    return file;
  }

  [[nodiscard]] std::string path_of(SegmentNumber number) const {
    return options_.directory + "/" + segment_file_name(number);
  }

  const JournalOptions& options_;
  Fs& fs_;
  const base::Clock& clock_;
  base::Log& log_;
  std::vector<Entry> entries_;
  Recovery result_;
};

FsResult<void> RecoveryRun::find_segments(const std::vector<std::string>& names) {
  std::vector<SegmentNumber> numbers;
  for (const std::string& name : names) {
    if (const auto number = parse_segment_file_name(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  if (!numbers.empty()) result_.start.next_segment = numbers.back();
  for (const SegmentNumber number : numbers) {
    auto file = open_patiently(path_of(number), OpenMode::read_write);
    // Going on without a file that is there would give its LSNs out again.
    if (!file) return file.error();
    auto found = identify_segment(**file, number);
    if (!found) {
      set_aside(segment_file_name(number));
      continue;
    }
    result_.recovered.scanned_bytes += found->read_bytes;
    if (found->footer) file->reset();  // hundreds of them need not stay open
    entries_.push_back({std::move(*file), std::move(*found)});
  }
  for (const auto& entry : entries_) {
    if (entry.found.header.node == result_.node) continue;
    result_.node = entry.found.header.node;
    result_.nodes.emplace(entry.found.header.number, result_.node);
  }
  return {};
}

// A later segment's first LSN is where the ones before it end.
FsResult<void> RecoveryRun::read_segments() {
  std::vector<Lsn> limits(entries_.size(), kNoLimit);
  for (std::size_t i = entries_.size(); i-- > 1;) {
    limits[i - 1] = std::min(limits[i], entries_[i].found.header.first);
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.found.footer && read_informs(entry)) {
      result_.segments.push_back(sealed_info(entry.found, limits[i]));
      continue;
    }
    const bool successor = i + 1 < entries_.size() && entries_[i + 1].found.header.number.value ==
                                                          entry.found.header.number.value + 1;
    if (const auto read = read_unsealed(entry, limits[i], successor); !read) return read;
  }
  return {};
}

// What is about to be shown to readers must be as durable as what was acknowledged: a disk that
// does not even take the last frame again is a reason not to start.
FsResult<void> RecoveryRun::read_unsealed(Entry& entry, Lsn limit, bool successor) {
  if (!entry.file) {
    auto file = open_patiently(path_of(entry.found.header.number), OpenMode::read_write);
    if (!file) return file.error();
    entry.file = std::move(*file);
  }
  ScannedSegment scanned = scan_segment(*entry.file, entry.found, limit, successor);
  for (const ByteRange& range : scanned.scan.damaged) quarantine(entry, range);
  result_.recovered.scanned_bytes += scanned.read_bytes;
  result_.recovered.truncated_bytes += scanned.scan.torn_bytes;
  if (!settle_last_frame(*entry.file, scanned)) {
    auto copy = copy_segment(fs_, options_.directory, *entry.file, scanned);
    if (!copy) return copy.error();
    entry.file = std::move(*copy);
  }
  if (scanned.unreadable) {
    // Not sealed, which would cut off what another disk or another day may still read.
    log_.write(base::LogLevel::error, "journal.unreadable",
               "the disk cannot read part of a segment; the file is left as it is",
               {{"segment", scanned.info.number.value}});
  } else if (const auto sealed = seal_scanned(*entry.file, entry.found, scanned); !sealed) {
    log_.write(base::LogLevel::warning, "journal.seal_failed",
               "a segment could not be sealed; it will be read through at the next start",
               {{"segment", scanned.info.number.value}, {"error", name_of(sealed.error())}});
  }
  entry.file.reset();
  result_.segments.push_back(scanned.info);
  keep_informs(std::move(scanned.informs));
  return {};
}

// False when the digests are damaged: sealing was interrupted, and only reading the segment tells.
bool RecoveryRun::read_informs(const Entry& entry) {
  const SegmentFooter& footer = *entry.found.footer;
  if (footer.inform_count == 0) return true;
  if (footer.totals.latest_received < clock_.wall() - options_.duplicate_window) return true;
  const auto file = open_patiently(path_of(footer.header.number), OpenMode::read);
  if (!file) return false;
  std::vector<std::byte> octets(footer.inform_count * kInformBytes);
  const auto got = (*file)->read_at(footer.offset + kFooterBytes, octets);
  if (!got || *got < octets.size()) return false;
  result_.recovered.scanned_bytes += octets.size();
  std::vector<RecoveredInform> informs;
  if (!decode_informs(footer, octets, informs)) return false;
  keep_informs(std::move(informs));
  return true;
}

void RecoveryRun::keep_informs(std::vector<RecoveredInform>&& informs) {
  const base::WallTime oldest = clock_.wall() - options_.duplicate_window;
  std::vector<RecoveredInform>& kept = result_.recovered.informs;
  for (const RecoveredInform& inform : informs) {
    if (inform.received >= oldest) kept.push_back(inform);
  }
  if (kept.size() > kMaxInforms) {
    kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(kMaxInforms));
  }
}

// The newest segment that begins with a readable CHECKPOINT, and every record from there on.
void RecoveryRun::rebuild_standing() {
  const std::vector<SegmentInfo>& segments = result_.segments;
  Standing standing;
  std::size_t from = 0;
  for (std::size_t i = segments.size(); i-- > 0;) {
    if (segments[i].first == segments[i].end) continue;
    if (!read_checkpoint(segments[i], standing)) continue;
    from = i;
    break;
  }
  bool complete = true;
  for (std::size_t i = from; i < segments.size(); ++i) {
    complete &= apply_segment(segments[i], standing);
  }
  if (!complete) balance(standing);
  result_.recovered.standing = std::move(standing);
}

// Records were missing among those applied. An OUTCOME that was found speaks for its EVENT that was
// not; an EVENT behind the router's position is still to be decided. So many EVENTs there were at
// least.
void RecoveryRun::balance(Standing& standing) {
  std::uint64_t awaiting = 0;
  for (const SegmentInfo& info : result_.segments) {
    if (info.totals.last_event <= standing.router) continue;
    walk_segment(info, [&](const RecordView& record) {
      if (record.type == RecordType::event && record.ref.lsn > standing.router) ++awaiting;
    });
  }
  const std::uint64_t settled = standing.decided - standing.synthetic + standing.lost;
  standing.events = std::max(standing.events, settled + awaiting + standing.waiting.size());
}

bool RecoveryRun::read_checkpoint(const SegmentInfo& info, Standing& standing) {
  const auto file = open_patiently(path_of(info.number), OpenMode::read);
  if (!file) return false;
  FileWindow window(kCheckpointPieceBytes);
  window.attach(**file, info.data_end);
  RecordWalk walk(window, {info.number, info.epoch, info.first, info.end, info.data_end});
  RecordView record;
  if (walk.next(true, record) != RecordWalk::Step::record || record.ref.lsn != info.first) {
    return false;
  }
  if (record.type != RecordType::checkpoint || !Standing::decode(record.payload, standing)) {
    standing = {};
    return false;
  }
  return true;
}

// False when records are missing.
bool RecoveryRun::apply_segment(const SegmentInfo& info, Standing& standing) {
  std::uint64_t applied = 0;
  walk_segment(info, [&](const RecordView& record) {
    standing.apply(record);
    restore_engines(record);
    ++applied;
  });
  return applied == info.end.value - info.first.value;
}

// Hands over what the log says of remote engines.
void RecoveryRun::restore_engines(const RecordView& record) {
  EngineKeeper* const engines = options_.engines;
  if (engines == nullptr) return;
  if (record.type == RecordType::event) {
    if (const auto engine = event_engine(record)) engines->restore(*engine);
  } else if (record.type == RecordType::engines) {
    for_each_engine(record.payload, [&](const RecordedEngine& engine, bool forget) {
      forget ? engines->forget(engine.id) : engines->restore(engine);
    });
  }
}

template <class Visit>
void RecoveryRun::walk_segment(const SegmentInfo& info, Visit&& visit) {
  const auto file = open_patiently(path_of(info.number), OpenMode::read);
  if (!file) return;
  FileWindow window(kWalkPieceBytes);
  window.attach(**file, info.data_end);
  RecordWalk walk(window, {info.number, info.epoch, info.first, info.end, info.data_end});
  RecordView record;
  while (walk.next(true, record) == RecordWalk::Step::record) visit(record);
}

// Segments that were given up before the end came, and gaps where some ought to be.
void RecoveryRun::forget_unwanted() {
  const SegmentNumber first_wanted = result_.recovered.standing.first_wanted;
  std::vector<SegmentInfo>& segments = result_.segments;
  const auto wanted =
      std::partition_point(segments.begin(), segments.end(),
                           [&](const SegmentInfo& info) { return info.number < first_wanted; });
  for (auto info = segments.begin(); info != wanted; ++info) {
    static_cast<void>(fs_.unlink(path_of(info->number)));
  }
  if (wanted != segments.begin()) static_cast<void>(fs_.sync_directory(options_.directory));
  segments.erase(segments.begin(), wanted);
  SegmentNumber expected =
      first_wanted.value != 0 || segments.empty() ? first_wanted : segments.front().number;
  for (const SegmentInfo& info : segments) {
    result_.recovered.missing_segments += info.number.value - expected.value;
    expected = SegmentNumber{info.number.value + 1};
  }
  if (result_.recovered.missing_segments != 0) {
    log_.write(base::LogLevel::warning, "journal.segments_missing",
               "segments of the journal are missing; what they held is lost",
               {{"missing", result_.recovered.missing_segments}});
  }
}

// The books know exactly the sinks that are wished for. The copy forgets what the old one
// remembered of them.
void RecoveryRun::fit_sinks() {
  Standing standing = result_.recovered.standing;
  const Lsn oldest = result_.segments.empty() ? Lsn{1} : result_.segments.front().first;
  std::map<std::string, SinkStanding, std::less<>> sinks;
  for (const SinkWish& wish : options_.sinks) {
    const auto known = standing.sinks.find(wish.name);
    SinkStanding& sink = sinks[wish.name];
    if (known != standing.sinks.end()) {
      sink = known->second;
      sink.low_water = std::min(sink.low_water, standing.last);
    } else {
      sink.low_water = wish.start_oldest ? Lsn{oldest.value - 1} : standing.last;
    }
  }
  standing.sinks = std::move(sinks);
  result_.recovered.standing = std::move(standing);
}

void RecoveryRun::say_where_to_start() {
  Lsn last = result_.recovered.standing.last;
  for (const SegmentInfo& info : result_.segments) {
    last = std::max(last, Lsn{info.end.value - 1});
    result_.start.not_before = std::max(result_.start.not_before, info.totals.last_rule_time);
  }
  result_.recovered.standing.last = last;
  result_.recovered.segments = result_.segments.size();
  result_.start.next = last.next();
  ++result_.start.next_segment.value;
}

// A file that is no segment any more leaves the way, but is kept.
void RecoveryRun::set_aside(const std::string& name) {
  const std::string directory = options_.directory + "/quarantine";
  log_.write(base::LogLevel::error, "journal.segment_unreadable",
             "a segment has no readable header; it is kept in quarantine/", {{"file", name}});
  if (!fs_.make_directory(directory)) return;
  static_cast<void>(fs_.rename(options_.directory + "/" + name, directory + "/" + name));
}

void RecoveryRun::quarantine(Entry& entry, const ByteRange& range) {
  const SegmentNumber number = entry.found.header.number;
  result_.recovered.damaged_bytes += range.end - range.begin;
  log_.write(
      base::LogLevel::error, "journal.damaged",
      "part of a segment is damaged; intact records were salvaged, a copy is in quarantine/",
      {{"segment", number.value}, {"offset", range.begin}, {"bytes", range.end - range.begin}});
  const std::string directory = options_.directory + "/quarantine";
  if (!fs_.make_directory(directory)) return;
  auto copy =
      fs_.open(directory + "/" + segment_file_name(number) + "." + std::to_string(range.begin),
               OpenMode::create_exclusive);
  if (!copy) return;
  std::vector<std::byte> octets(kWalkPieceBytes);
  for (std::uint64_t at = range.begin; at < range.end;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), range.end - at));
    const auto got = entry.file->read_at(at, {octets.data(), size});
    if (!got || *got == 0) return;
    const std::array<base::Bytes, 1> piece{base::Bytes{octets.data(), *got}};
    if (!(*copy)->write_at(at - range.begin, piece)) return;
    at += *got;
  }
}

}  // namespace

FsResult<Recovery> recover(const JournalOptions& options, Fs& fs, const base::Clock& clock,
                           base::Log& log) {
  return RecoveryRun(options, fs, clock, log).run();
}

}  // namespace trapline::gateway::journal
