#include "sinks/time_text.h"

#include <string>

#include <gtest/gtest.h>

namespace trapline::sinks {
namespace {

std::string at(std::chrono::nanoseconds since_1970) {
  std::string out;
  TextBuffer text(out);
  put_rfc3339(text, base::WallTime(since_1970));
  return text.out();
}

std::string ticks(std::uint32_t hundredths) {
  std::string out;
  TextBuffer text(out);
  put_time_ticks(text, hundredths);
  return text.out();
}

TEST(TimeText, Rfc3339) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(at(nanoseconds(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(at(nanoseconds(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(at(std::chrono::seconds(951'782'399)), "2000-02-28T23:59:59.000000Z");
  EXPECT_EQ(at(std::chrono::seconds(951'782'400)), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(at(nanoseconds(1'767'225'599'999'999'999)), "2025-12-31T23:59:59.999999Z");
}

TEST(TimeText, TimeTicks) {
  EXPECT_EQ(ticks(0), "0:00:00.00");
  EXPECT_EQ(ticks(4'711), "0:00:47.11");
  EXPECT_EQ(ticks(8'639'999), "23:59:59.99");
  EXPECT_EQ(ticks(8'640'000), "1 day, 0:00:00.00");
  EXPECT_EQ(ticks(4'294'967'295), "497 days, 2:27:52.95");
}

}  // namespace
}  // namespace trapline::sinks
