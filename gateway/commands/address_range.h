// The addresses of a prefix, to be asked one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace trapline::gateway {

// How many hosts a prefix has: of IPv4, without network and broadcast address below /31. UINT64_MAX
// when they are more than 2^63.
[[nodiscard]] std::uint64_t address_count(const base::IpPrefix& prefix);
// They, in order. The caller has looked at address_count.
[[nodiscard]] std::vector<base::IpAddress> addresses_of(const base::IpPrefix& prefix);

}  // namespace trapline::gateway
