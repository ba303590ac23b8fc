#include "gateway/commands/stored_range.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include <fmt/core.h>

namespace trapline::gateway {
namespace {

constexpr std::uint64_t kProgressEvery = 250'000;
// The latest moment that nanoseconds since 1970 can say.
constexpr std::int64_t kLastSecond = 9'223'372'036;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::chrono::seconds> duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  const auto number = whole_number(text.substr(0, text.size() - 1));
  if (!number) return std::nullopt;
  switch (text.back()) {
    case 's': return std::chrono::seconds(*number);
    case 'm': return std::chrono::minutes(*number);
    case 'h': return std::chrono::hours(*number);
    case 'd': return std::chrono::days(*number);
    default: return std::nullopt;
  }
}

std::optional<base::WallTime> moment(const std::string& text) {
  std::tm fields{};
  const char* const rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &fields);
  if (rest == nullptr || std::string_view(rest) != "Z") return std::nullopt;
  const std::int64_t seconds = timegm(&fields);
  if (seconds < 0 || seconds > kLastSecond) return std::nullopt;
  return base::WallTime(std::chrono::seconds(seconds));
}

// A line that is written over, on a terminal only.
class Progress {
 public:
  void count(journal::Lsn lsn) {
    if (!shown_ || ++records_ % kProgressEvery != 0) return;
    fmt::print(stderr, "\r{} records, at LSN {} ", records_, lsn.value);
  }
  void end() const {
    if (shown_ && records_ >= kProgressEvery) fmt::print(stderr, "\n");
  }

 private:
  const bool shown_ = isatty(STDERR_FILENO) != 0;
  std::uint64_t records_ = 0;
};

bool is_before(const StoredBound& bound, const journal::RecordView& record) {
  if (bound.lsn) return record.ref.lsn.value < *bound.lsn;
  return bound.time && record.type == journal::RecordType::event && record.received < *bound.time;
}

bool is_behind(const StoredBound& bound, const journal::RecordView& record) {
  if (bound.lsn) return record.ref.lsn.value > *bound.lsn;
  return bound.time && record.type == journal::RecordType::event && record.received > *bound.time;
}

}  // namespace

std::optional<StoredBound> parse_bound(std::string_view text, base::WallTime now) {
  if (const auto lsn = whole_number(text)) return StoredBound{*lsn, std::nullopt};
  if (const auto ago = duration(text)) {
    // Nothing is older than 1970.
    const auto most = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    return StoredBound{std::nullopt, now - std::min(*ago, most)};
  }
  if (const auto time = moment(std::string(text))) return StoredBound{std::nullopt, *time};
  return std::nullopt;
}

journal::FsResult<void> visit_range(journal::Fs& fs, const std::string& directory,
                                    const StoredRange& range, const journal::RecordVisitor& visit) {
  Progress progress;
  bool begun = !range.from.time;
  const journal::Lsn after{range.from.lsn.value_or(1) - (range.from.lsn == 0 ? 0 : 1)};
  const auto done = journal::visit_records(
      fs, directory, after,
      [&](const journal::SegmentSummary& segment, const journal::RecordView& record) {
        progress.count(record.ref.lsn);
        const bool event = record.type == journal::RecordType::event;
        if (!begun && event) begun = !is_before(range.from, record);
        if (!begun) return true;
        if (is_behind(range.to, record)) return false;
        return visit(segment, record);
      });
  progress.end();
  return done;
}

}  // namespace trapline::gateway
