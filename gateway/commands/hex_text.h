// Octets written in hexadecimal by people and tools.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace trapline::gateway {

// The octets of "30 29 02", "30:29:02", "0x302902" or "302902", in any mix with blanks and line
// ends. Nothing when something else stands in it or an octet is half.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_hex(std::string_view text);

}  // namespace trapline::gateway
