#include "protocol/oid_order.h"

namespace trapline::protocol {

std::uint32_t take_sub_identifier(OidView oid, std::size_t& at) {
  const base::Bytes content = oid.content();
  std::uint32_t value = 0;
  while (at < content.size()) {
    const auto octet = std::to_integer<std::uint32_t>(content[at++]);
    value = (value << 7) | (octet & 0x7f);
    if ((octet & 0x80) == 0) break;
  }
  return value;
}

std::strong_ordering lexicographic_order(OidView a, OidView b) {
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  while (at_a < a.content().size() && at_b < b.content().size()) {
    const std::uint32_t number = take_sub_identifier(a, at_a);
    const std::uint32_t other = take_sub_identifier(b, at_b);
    if (number != other) return number <=> other;
  }
  return (a.content().size() - at_a) <=> (b.content().size() - at_b);
}

}  // namespace trapline::protocol
