// The filters of templates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/expression.h"
#include "rules/value.h"

namespace trapline::rules {

enum class FilterKind : std::uint8_t {
  fallback,  // default(x): x when the value is absent
  upper,     // letters of ASCII
  lower,
  json,      // escaped for the inside of a JSON string
  slack,     // & < > as Slack's mrkdwn wants them
  url,       // percent-encoded but for the unreserved (RFC 3986 §2.3)
  truncate,  // to so many characters
  hex,       // a number in hexadecimal, each octet of a text in two digits
  date,      // a time, or seconds since 1970, as strftime writes it
};

// One filter with its argument. Immutable once made.
struct Filter {
  FilterKind kind = FilterKind::upper;
  std::optional<Expression> fallback = {};
  std::size_t characters = 0;
  std::string format = {};
};

// Appends to `out` what a filter other than `fallback` makes of a value that is no error; false
// when it can make nothing of it.
[[nodiscard]] bool apply(const Filter& filter, const Value& value, std::string& out);

}  // namespace trapline::rules
