// An engineID as people read and write it: hexadecimal (RFC 3411 §5, SnmpEngineID).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace trapline::gateway {

// "80001f88..." in lower case, without a prefix.
[[nodiscard]] std::string engine_id_text(base::Bytes engine_id);
// The engineID that `text` says: 5 to 32 octets in hexadecimal, with or without 0x. Nothing when it
// says none.
[[nodiscard]] std::optional<std::vector<std::byte>> parse_engine_id(std::string_view text);

}  // namespace trapline::gateway
