// "Did you mean": the known name nearest to a mistyped one.
#pragma once

#include <span>
#include <string_view>

namespace trapline::gateway {

// The candidate within a third of `name`'s length in edits (swapped neighbours count as one), the
// first of equally near ones; empty when none is that near. Views the candidate.
[[nodiscard]] std::string_view nearest_name(std::string_view name,
                                            std::span<const std::string_view> candidates);

}  // namespace trapline::gateway
