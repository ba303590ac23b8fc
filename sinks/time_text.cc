#include "sinks/time_text.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace trapline::sinks {
namespace {

// The last `digits` decimal digits of `number`, zeros in front.
void put_digits(TextBuffer& text, unsigned number, unsigned digits) {
  std::array<char, 10> decimal;
  for (unsigned i = digits; i > 0; --i) {
    decimal[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  text.put(std::string_view(decimal.data(), digits));
}

}  // namespace

void put_rfc3339(TextBuffer& text, base::WallTime time) {
  using std::chrono::days;
  using std::chrono::floor;
  using std::chrono::microseconds;
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto in_day = floor<microseconds>(time - day).count();
  const auto seconds = static_cast<unsigned>(in_day / 1'000'000);
  put_digits(text, static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9'999)), 4);
  text.put('-');
  text.put_two_digits(static_cast<unsigned>(date.month()));
  text.put('-');
  text.put_two_digits(static_cast<unsigned>(date.day()));
  text.put('T');
  text.put_two_digits(seconds / 3'600);
  text.put(':');
  text.put_two_digits(seconds / 60 % 60);
  text.put(':');
  text.put_two_digits(seconds % 60);
  text.put('.');
  put_digits(text, static_cast<unsigned>(in_day % 1'000'000), 6);
  text.put('Z');
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
