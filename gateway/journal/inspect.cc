#include "gateway/journal/inspect.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "gateway/journal/frame_scan.h"
#include "gateway/journal/record_walk.h"
#include "gateway/journal/segment_recovery.h"

namespace trapline::gateway::journal {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;
constexpr Lsn kNoLimit{~std::uint64_t{0}};

// A summary with what it takes to read the segment.
struct Opened {
  SegmentSummary summary;
  std::optional<FoundSegment> found;
  Lsn limit = kNoLimit;  // where a later segment takes over
};

Opened look_at(Fs& fs, const std::string& directory, SegmentNumber number) {
  Opened opened;
  opened.summary.number = number;
  opened.summary.file = segment_file_name(number);
  opened.summary.readable = false;
  const auto file = fs.open(directory + "/" + opened.summary.file, OpenMode::read);
  if (!file) return opened;
  opened.found = identify_segment(**file, number);
  if (const auto size = (*file)->size_bytes()) opened.summary.file_bytes = *size;
  if (!opened.found) return opened;
  const SegmentHeader& header = opened.found->header;
  opened.summary.readable = true;
  opened.summary.node = header.node;
  opened.summary.epoch = header.epoch;
  opened.summary.first = header.first;
  opened.summary.sealed = opened.found->footer.has_value();
  return opened;
}

void describe(Fs& fs, const std::string& directory, Opened& opened) {
  SegmentSummary& summary = opened.summary;
  if (!opened.found) return;
  SegmentInfo info;
  if (opened.found->footer) {
    info = sealed_info(*opened.found, opened.limit);
  } else {
    const auto file = fs.open(directory + "/" + summary.file, OpenMode::read);
    if (!file) return;
    info = scan_segment(**file, *opened.found, opened.limit, opened.limit != kNoLimit).info;
  }
  summary.last = Lsn{info.end.value - 1};
  summary.data_end = info.data_end;
  summary.totals = info.totals;
}

FsResult<std::vector<Opened>> open_all(Fs& fs, const std::string& directory) {
  const auto names = fs.list(directory);
  if (!names) return names.error();
  std::vector<SegmentNumber> numbers;
  for (const std::string& name : *names) {
    if (const auto number = parse_segment_file_name(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<Opened> all;
  all.reserve(numbers.size());
  for (const SegmentNumber number : numbers) all.push_back(look_at(fs, directory, number));
  Lsn limit = kNoLimit;
  for (auto opened = all.rbegin(); opened != all.rend(); ++opened) {
    opened->limit = limit;
    if (opened->found) limit = std::min(limit, opened->summary.first);
  }
  for (Opened& opened : all) describe(fs, directory, opened);
  return all;
}

WalkBounds bounds_of(const Opened& opened) {
  const SegmentSummary& summary = opened.summary;
  return {summary.number, summary.epoch, summary.first, summary.last.next(), summary.data_end};
}

// Checks one readable segment and adds what is found.
class SegmentCheck {
 public:
  SegmentCheck(const Opened& opened, File& file, Verification& result)
      : opened_(opened), file_(file), window_(kPieceBytes), result_(result) {}

  void run() {
    check_frames();
    check_records();
    result_.bytes += opened_.summary.data_end;
  }

 private:
  void check_frames() {
    window_.attach(file_, opened_.summary.file_bytes);
    WalkBounds bounds = bounds_of(opened_);
    bounds.end = opened_.summary.file_bytes;
    bounds.limit = opened_.limit;
    const FrameScan scan = scan_frames(window_, bounds);
    for (const ByteRange& range : scan.damaged) {
      add(range.begin, range.end - range.begin, "a damaged frame");
    }
    result_.torn_bytes += opened_.summary.sealed ? 0 : scan.torn_bytes;
    if (opened_.summary.sealed && scan.data_end < opened_.summary.data_end) {
      add(scan.data_end, opened_.summary.data_end - scan.data_end, "a damaged frame at the end");
    }
  }

  void check_records() {
    window_.attach(file_, opened_.summary.data_end);
    RecordWalk walk(window_, bounds_of(opened_));
    RecordView record;
    Lsn expected = opened_.summary.first;
    SegmentTotals totals;
    while (walk.next(true, record) == RecordWalk::Step::record) {
      if (record.ref.lsn > expected) miss(record.ref.offset, expected, record.ref.lsn);
      expected = record.ref.lsn.next();
      totals.add(record);
      ++result_.records;
    }
    const Lsn end = opened_.summary.last.next();
    if (expected < end) miss(opened_.summary.data_end, expected, end);
    const SegmentTotals& said = opened_.summary.totals;
    if (expected == end && result_.findings.empty() &&
        (totals.records != said.records || totals.events != said.events)) {
      add(opened_.summary.data_end, 0, "the footer's totals are not those of the records");
    }
  }

  void miss(std::uint64_t offset, Lsn first, Lsn end) {
    result_.missing_records += end.value - first.value;
    add(offset, 0,
        "records " + std::to_string(first.value) + " to " + std::to_string(end.value - 1) +
            " are missing before this place");
  }

  void add(std::uint64_t offset, std::uint64_t bytes, std::string what) {
    result_.findings.push_back({opened_.summary.file, offset, bytes, std::move(what)});
  }

  const Opened& opened_;
  File& file_;
  FileWindow window_;
  Verification& result_;
};

}  // namespace

FsResult<std::vector<SegmentSummary>> list_segments(Fs& fs, const std::string& directory) {
  auto all = open_all(fs, directory);
  if (!all) return all.error();
  std::vector<SegmentSummary> summaries;
  for (Opened& opened : *all) summaries.push_back(std::move(opened.summary));
  return summaries;
}

FsResult<void> visit_records(Fs& fs, const std::string& directory, Lsn after,
                             const RecordVisitor& visit) {
  const auto all = open_all(fs, directory);
  if (!all) return all.error();
  FileWindow window(kPieceBytes);
  for (const Opened& opened : *all) {
    if (!opened.found || opened.summary.last <= after) continue;
    const auto file = fs.open(directory + "/" + opened.summary.file, OpenMode::read);
    if (!file) continue;
    window.attach(**file, opened.summary.data_end);
    RecordWalk walk(window, bounds_of(opened));
    RecordView record;
    while (walk.next(true, record) == RecordWalk::Step::record) {
      if (record.ref.lsn > after && !visit(opened.summary, record)) return {};
    }
  }
  return {};
}

FsResult<Verification> verify_journal(Fs& fs, const std::string& directory) {
  const auto all = open_all(fs, directory);
  if (!all) return all.error();
  Verification result;
  Lsn expected;
  for (const Opened& opened : *all) {
    ++result.segments;
    const SegmentSummary& summary = opened.summary;
    if (!opened.found) {
      result.findings.push_back({summary.file, 0, summary.file_bytes, "no intact header"});
      continue;
    }
    if (expected.value != 0 && summary.first > expected) {
      result.missing_records += summary.first.value - expected.value;
      result.findings.push_back({summary.file, 0, 0, "records before this segment are missing"});
    }
    expected = summary.last.next();
    const auto file = fs.open(directory + "/" + summary.file, OpenMode::read);
    if (!file) {
      result.findings.push_back({summary.file, 0, 0, std::string(name_of(file.error()))});
      continue;
    }
    SegmentCheck(opened, **file, result).run();
  }
  return result;
}

}  // namespace trapline::gateway::journal
