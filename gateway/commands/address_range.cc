#include "gateway/commands/address_range.h"

namespace trapline::gateway {
namespace {

constexpr unsigned kAddressBits = 128;
constexpr unsigned kMostHostBits = 63;

unsigned host_bits(const base::IpPrefix& prefix) { return kAddressBits - prefix.length_bits; }

// Network and broadcast are no hosts, where there is room for both.
bool has_edges(const base::IpPrefix& prefix) {
  return prefix.network.is_v4() && host_bits(prefix) >= 2;
}

// The address `offset` behind the first.
base::IpAddress address_at(const base::IpPrefix& prefix, std::uint64_t offset) {
  std::array<std::uint8_t, 16> octets = prefix.network.octets();
  for (std::size_t i = octets.size(); offset != 0 && i > 0; --i) {
    octets[i - 1] = static_cast<std::uint8_t>(octets[i - 1] | (offset & 0xff));
    offset >>= 8;
  }
  return base::IpAddress::v6(octets);
}

}  // namespace

std::uint64_t address_count(const base::IpPrefix& prefix) {
  if (host_bits(prefix) > kMostHostBits) return UINT64_MAX;
  const std::uint64_t all = std::uint64_t{1} << host_bits(prefix);
  return has_edges(prefix) ? all - 2 : all;
}

std::vector<base::IpAddress> addresses_of(const base::IpPrefix& prefix) {
  const std::uint64_t first = has_edges(prefix) ? 1 : 0;
  const std::uint64_t count = address_count(prefix);
  std::vector<base::IpAddress> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(address_at(prefix, first + i));
  return out;
}

}  // namespace trapline::gateway
