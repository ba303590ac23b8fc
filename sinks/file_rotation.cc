#include "sinks/file_rotation.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <compare>
#include <optional>

#include "sinks/text_buffer.h"

namespace trapline::sinks {
namespace {

constexpr std::size_t kStampLength = 15;  // YYYYMMDD-HHMMSS
constexpr std::size_t kDash = 8;

// A rolled file by its name: when, and which of that second.
struct RolledName {
  std::string stamp;
  std::uint32_t number = 0;
  std::string path;

  friend auto operator<=>(const RolledName&, const RolledName&) = default;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_stamp(std::string_view text) {
  if (text.size() != kStampLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == kDash ? text[i] != '-' : !is_digit(text[i])) return false;
  }
  return true;
}

// Reads what stands behind the prefix: "20260101-000000", "20260101-000000.2.zst".
std::optional<RolledName> parse(std::string_view text) {
  if (text.ends_with(kCompressedSuffix)) text.remove_suffix(kCompressedSuffix.size());
  if (!is_stamp(text.substr(0, kStampLength))) return std::nullopt;
  RolledName name;
  name.stamp = text.substr(0, kStampLength);
  text.remove_prefix(kStampLength);
  if (text.empty()) return name;
  const char* const end = text.data() + text.size();
  if (text.front() != '.' || text.size() == 1) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data() + 1, end, name.number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return name;
}

std::string stamp_of(base::WallTime time) {
  using std::chrono::days;
  using std::chrono::floor;
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto in_day = static_cast<unsigned>(floor<std::chrono::seconds>(time - day).count());
  std::string stamp;
  TextBuffer text(stamp);
  text.put_number(static_cast<int>(date.year()));
  text.put_two_digits(static_cast<unsigned>(date.month()));
  text.put_two_digits(static_cast<unsigned>(date.day()));
  text.put('-');
  text.put_two_digits(in_day / 3'600);
  text.put_two_digits(in_day / 60 % 60);
  text.put_two_digits(in_day % 60);
  text.flush();
  return stamp;
}

}  // namespace

bool is_later_period(RotateEvery every, base::WallTime then, base::WallTime now) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::hours;
  switch (every) {
    case RotateEvery::never: return false;
    case RotateEvery::hour: return floor<hours>(now) > floor<hours>(then);
    case RotateEvery::day: return floor<days>(now) > floor<days>(then);
  }
  return false;
}

RolledFiles::RolledFiles(Files& files, const std::string& active_path)
    : files_(files),
      active_path_(active_path),
      directory_(directory_of(active_path)),
      prefix_(name_in_directory(active_path) + ".") {}

FileResult<void> RolledFiles::roll(base::WallTime now) const { return rename_active(now, {}); }

FileResult<void> RolledFiles::set_aside(base::WallTime now) const {
  return rename_active(now, kUnsyncedSuffix);
}

// To a name with a number above all those of the same second.
FileResult<void> RolledFiles::rename_active(base::WallTime now, std::string_view suffix) const {
  const auto present = files_.list(directory_);
  if (!present) return present.error();
  const std::string stamp = stamp_of(now);
  std::optional<std::uint32_t> highest;
  for (std::string_view name : *present) {
    if (!name.starts_with(prefix_)) continue;
    name.remove_prefix(prefix_.size());
    if (name.ends_with(kUnsyncedSuffix)) name.remove_suffix(kUnsyncedSuffix.size());
    const auto rolled = parse(name);
    if (rolled && rolled->stamp == stamp) highest = std::max(highest.value_or(0), rolled->number);
  }
  std::string target = active_path_ + "." + stamp;
  if (highest) target += "." + std::to_string(*highest + 1);
  target += suffix;
  return files_.rename(active_path_, target);
}

FileResult<std::vector<std::string>> RolledFiles::list() const {
  const auto present = files_.list(directory_);
  if (!present) return present.error();
  std::vector<RolledName> rolled;
  for (const std::string& name : *present) {
    if (!name.starts_with(prefix_)) continue;
    auto found = parse(std::string_view(name).substr(prefix_.size()));
    if (!found) continue;
    found->path = active_path_ + name.substr(prefix_.size() - 1);
    rolled.push_back(std::move(*found));
  }
  std::sort(rolled.begin(), rolled.end());
  std::vector<std::string> paths;
  paths.reserve(rolled.size());
  for (RolledName& name : rolled) paths.push_back(std::move(name.path));
  return paths;
}

void RolledFiles::remove_excess(std::uint32_t keep) const {
  if (keep == 0) return;
  const auto paths = list();
  if (!paths || paths->size() <= keep) return;
  for (std::size_t i = 0; i < paths->size() - keep; ++i) {
    if (!files_.remove((*paths)[i])) return;
  }
}

}  // namespace trapline::sinks
