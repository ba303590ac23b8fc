// The order in which an agent walks through its values.
#pragma once

#include <compare>

#include "protocol/oid.h"

namespace trapline::protocol {

// By sub-identifiers as numbers, an ancestor before what is below it (RFC 3416 §4.2.2). O(octets);
// allocates nothing.
[[nodiscard]] std::strong_ordering lexicographic_order(OidView a, OidView b);

// The sub-identifier at octet `at`, which moves behind it; 0 at the end. Of a suffix, the first one
// is as any other.
[[nodiscard]] std::uint32_t take_sub_identifier(OidView oid, std::size_t& at);

}  // namespace trapline::protocol
