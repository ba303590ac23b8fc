#include "rules/time_text.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace trapline::rules {
namespace {

using std::chrono::days;

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::string_view kConversions = "YmdHMSyjeaAbBFTzZs%";
constexpr std::size_t kShortName = 3;

void append_padded(std::string& out, std::int64_t number, int width, char fill = '0') {
  const std::string digits = std::to_string(number);
  for (auto i = static_cast<int>(digits.size()); i < width; ++i) out += fill;
  out += digits;
}

// A moment, in the fields of the UTC calendar.
struct Calendar {
  explicit Calendar(base::RuleTime time)
      : since_epoch(std::chrono::nanoseconds(time.since_epoch_ns)),
        day(std::chrono::floor<days>(std::chrono::sys_time<std::chrono::nanoseconds>(since_epoch))),
        date(day),
        clock(std::chrono::sys_time<std::chrono::nanoseconds>(since_epoch) - day) {}

  std::chrono::nanoseconds since_epoch;
  std::chrono::sys_days day;
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::nanoseconds> clock;

  // The nanoseconds of 64 bits end in the year 2262.
  [[nodiscard]] std::int64_t year() const { return static_cast<int>(date.year()); }
  [[nodiscard]] unsigned month() const { return static_cast<unsigned>(date.month()); }
  [[nodiscard]] unsigned day_of_month() const { return static_cast<unsigned>(date.day()); }
  [[nodiscard]] std::int64_t day_of_year() const {
    return (day - std::chrono::sys_days(date.year() / 1 / 1)).count() + 1;
  }
  [[nodiscard]] std::string_view weekday() const {
    return kDays[std::chrono::weekday(day).c_encoding()];
  }
};

void append_clock(const Calendar& at, std::string& out) {
  append_padded(out, at.clock.hours().count(), 2);
  out += ':';
  append_padded(out, at.clock.minutes().count(), 2);
  out += ':';
  append_padded(out, at.clock.seconds().count(), 2);
}

void append_day(const Calendar& at, std::string& out) {
  append_padded(out, at.year(), 4);
  out += '-';
  append_padded(out, at.month(), 2);
  out += '-';
  append_padded(out, at.day_of_month(), 2);
}

void append_conversion(const Calendar& at, char conversion, std::string& out) {
  switch (conversion) {
    case 'Y': return append_padded(out, at.year(), 4);
    case 'm': return append_padded(out, at.month(), 2);
    case 'd': return append_padded(out, at.day_of_month(), 2);
    case 'H': return append_padded(out, at.clock.hours().count(), 2);
    case 'M': return append_padded(out, at.clock.minutes().count(), 2);
    case 'S': return append_padded(out, at.clock.seconds().count(), 2);
    case 'y': return append_padded(out, at.year() % 100, 2);
    case 'j': return append_padded(out, at.day_of_year(), 3);
    case 'e': return append_padded(out, at.day_of_month(), 2, ' ');
    case 'a': out += at.weekday().substr(0, kShortName); return;
    case 'A': out += at.weekday(); return;
    case 'b': out += kMonths[at.month() - 1].substr(0, kShortName); return;
    case 'B': out += kMonths[at.month() - 1]; return;
    case 'F': return append_day(at, out);
    case 'T': return append_clock(at, out);
    case 'z': out += "+0000"; return;
    case 'Z': out += "UTC"; return;
    case 's':
      out += std::to_string(std::chrono::floor<std::chrono::seconds>(at.since_epoch).count());
      return;
    default: out += conversion; return;
  }
}

}  // namespace

void append_rfc3339(base::RuleTime time, std::string& out) {
  const Calendar at(time);
  append_day(at, out);
  out += 'T';
  append_clock(at, out);
  out += '.';
  append_padded(out, at.clock.subseconds().count() / 1'000, 6);
  out += 'Z';
}

void append_date(base::RuleTime time, std::string_view format, std::string& out) {
  const Calendar at(time);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
    } else {
      append_conversion(at, format[++i], out);
    }
  }
}

std::string_view unknown_conversion(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (i + 1 == format.size() || kConversions.find(format[i + 1]) == std::string_view::npos)
      return format.substr(i, 2);
    ++i;
  }
  return {};
}

void append_time_ticks(std::uint32_t hundredths, std::string& out) {
  constexpr std::uint32_t kPerSecond = 100;
  constexpr std::uint32_t kPerDay = 86'400 * kPerSecond;
  const std::uint32_t day_count = hundredths / kPerDay;
  if (day_count != 0) {
    out += std::to_string(day_count);
    out += day_count == 1 ? " day, " : " days, ";
  }
  const std::uint32_t seconds = hundredths % kPerDay / kPerSecond;
  out += std::to_string(seconds / 3'600);
  out += ':';
  append_padded(out, seconds / 60 % 60, 2);
  out += ':';
  append_padded(out, seconds % 60, 2);
  out += '.';
  append_padded(out, hundredths % kPerSecond, 2);
}

}  // namespace trapline::rules
