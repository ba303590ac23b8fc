// Times as expressions and templates write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace trapline::rules {

// Appends RFC 3339 in UTC with six decimals, as events have it.
void append_rfc3339(base::RuleTime time, std::string& out);

// Appends `time` in UTC as strftime would write it in the C locale, for the conversions
// %Y %m %d %H %M %S %y %j %e %a %A %b %B %F %T %z %Z %s %%.
void append_date(base::RuleTime time, std::string_view format, std::string& out);
// The first conversion of `format` that `append_date` does not know; empty when it knows all.
[[nodiscard]] std::string_view unknown_conversion(std::string_view format);

// Appends hundredths of a second as events have them: "1 day, 2:03:04.05".
void append_time_ticks(std::uint32_t hundredths, std::string& out);

}  // namespace trapline::rules
