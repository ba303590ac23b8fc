#include "sinks/time_text.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace trapline::sinks {
namespace {

// Writes `number` in as many digits as `at` has room for, zeros in front.
void write_digits(std::span<char> at, unsigned number) {
  for (std::size_t i = at.size(); i > 0; --i) {
    at[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

}  // namespace

std::array<char, kRfc3339Length> rfc3339(base::WallTime time) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::microseconds;
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto in_day = floor<microseconds>(time - day).count();
  const auto seconds = static_cast<unsigned>(in_day / 1'000'000);
  std::array<char, kRfc3339Length> text{'0', '0', '0', '0', '-', '0', '0', '-', '0',
                                        '0', 'T', '0', '0', ':', '0', '0', ':', '0',
                                        '0', '.', '0', '0', '0', '0', '0', '0', 'Z'};
  const std::span<char> all(text);
  const int year = std::clamp(static_cast<int>(date.year()), 0, 9'999);
  write_digits(all.subspan<0, 4>(), static_cast<unsigned>(year));
  write_digits(all.subspan<5, 2>(), static_cast<unsigned>(date.month()));
  write_digits(all.subspan<8, 2>(), static_cast<unsigned>(date.day()));
  write_digits(all.subspan<11, 2>(), seconds / 3'600);
  write_digits(all.subspan<14, 2>(), seconds / 60 % 60);
  write_digits(all.subspan<17, 2>(), seconds % 60);
  write_digits(all.subspan<20, 6>(), static_cast<unsigned>(in_day % 1'000'000));
  return text;
}

void put_rfc3339(TextBuffer& text, base::WallTime time) {
  const auto written = rfc3339(time);
  text.put(std::string_view(written.data(), written.size()));
}

void put_time_ticks(TextBuffer& text, std::uint32_t hundredths) {
  constexpr std::uint32_t kPerSecond = 100;
  constexpr std::uint32_t kPerDay = 86'400 * kPerSecond;
  const std::uint32_t days = hundredths / kPerDay;
  if (days != 0) {
    text.put_number(days);
    text.put(days == 1 ? std::string_view(" day, ") : std::string_view(" days, "));
  }
  const std::uint32_t seconds = hundredths % kPerDay / kPerSecond;
  text.put_number(seconds / 3'600);
  text.put(':');
  text.put_two_digits(seconds / 60 % 60);
  text.put(':');
  text.put_two_digits(seconds % 60);
  text.put('.');
  text.put_two_digits(hundredths % kPerSecond);
}

}  // namespace trapline::sinks
