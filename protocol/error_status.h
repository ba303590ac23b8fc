// error-status (RFC 3416 §3): how a Response says that it holds no values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline::protocol {

// Those a reader of values has to tell apart.
inline constexpr std::int32_t kNoError = 0;
inline constexpr std::int32_t kTooBig = 1;
inline constexpr std::int32_t kNoSuchName = 2;  // of SNMPv1 alone

// "noError", "tooBig", ...; the number when there is no such name.
[[nodiscard]] std::string error_status_name(std::int32_t error_status);
// The same as a phrase: "the device has no such name".
[[nodiscard]] std::string_view error_status_meaning(std::int32_t error_status);

}  // namespace trapline::protocol
