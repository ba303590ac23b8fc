// A gateway's status for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trapline::gateway {

// The document that GET /status answers, as aligned lines in sections, ending in a newline. Members
// it does not know are shown too; members that are missing are left out. Nothing when `json` is no
// JSON object. Control characters are escaped. Pure.
[[nodiscard]] std::optional<std::string> status_text(std::string_view json);

}  // namespace trapline::gateway
