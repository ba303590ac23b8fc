// "did you mean": the known name that is nearest to one that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace trapline::rules {

// "did you mean `...`?", or nothing when none of `known` is near.
[[nodiscard]] std::string nearest_hint(std::string_view name,
                                       std::span<const std::string_view> known);

}  // namespace trapline::rules
