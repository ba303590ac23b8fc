// Times as text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "sinks/text_buffer.h"

namespace trapline::sinks {

inline constexpr std::size_t kRfc3339Length = 27;

// RFC 3339 in UTC with six decimals: "2026-01-01T00:00:00.000000Z". Years 0 to 9999; others are
// clamped to them.
[[nodiscard]] std::array<char, kRfc3339Length> rfc3339(base::WallTime time);
// The same, appended.
void put_rfc3339(TextBuffer& text, base::WallTime time);

// Hundredths of a second as people read them: "0:00:00.12", "1 day, 2:03:04.05".
void put_time_ticks(TextBuffer& text, std::uint32_t hundredths);

}  // namespace trapline::sinks
