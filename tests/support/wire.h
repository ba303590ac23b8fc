// Octets for tests: written as hex or as elements, and handed out in memory that ends where they
// end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace trapline::test_support {

using Octets = std::vector<std::byte>;

// "30 0a 02 01" as octets; anything but hex digits is left out, and a comment runs from ';' to its
// line's end.
[[nodiscard]] Octets hex(std::string_view text);
// One behind the other.
[[nodiscard]] Octets join(std::initializer_list<Octets> parts);

// Elements with minimal lengths.
[[nodiscard]] Octets tlv(std::uint8_t identifier, const Octets& content);
// The same with a length of four octets, which no content needs.
[[nodiscard]] Octets tlv_wide(std::uint8_t identifier, const Octets& content);
[[nodiscard]] Octets sequence(std::initializer_list<Octets> parts);
[[nodiscard]] Octets integer(std::int64_t number);
[[nodiscard]] Octets octet_string(std::string_view text);
[[nodiscard]] Octets oid(std::string_view dotted);
[[nodiscard]] Octets time_ticks(std::uint32_t ticks);
[[nodiscard]] Octets varbind(std::string_view name, const Octets& value);

// sysUpTime.0 and snmpTrapOID.0 as varbinds.
[[nodiscard]] Octets uptime_varbind(std::uint32_t ticks = 4711);
[[nodiscard]] Octets trap_oid_varbind(std::string_view dotted = "1.3.6.1.6.3.1.1.5.3");

// A PDU of the v2 shape: request-id, two zeros, the varbinds.
[[nodiscard]] Octets pdu_v2(std::uint8_t identifier, std::int64_t request_id,
                            std::initializer_list<Octets> varbinds);
// A v1 Trap-PDU.
struct TrapV1 {
  std::string_view enterprise = "1.3.6.1.4.1.8072";
  Octets agent_addr = hex("40 04 c0 00 02 01");
  std::int64_t generic = 6;
  std::int64_t specific = 17;
  Octets varbinds;
};
// The Trap-PDU of these fields.
[[nodiscard]] Octets pdu_v1(const TrapV1& trap);
// A message of community "public" around a PDU.
[[nodiscard]] Octets message(std::int64_t version, const Octets& pdu);
// A v2c trap with the two standard varbinds and these.
[[nodiscard]] Octets v2c_trap(std::initializer_list<Octets> varbinds);

// A copy that ends exactly where its memory ends, so that AddressSanitizer sees a read beyond it.
class ExactCopy {
 public:
  explicit ExactCopy(base::Bytes octets)
      : memory_(new std::byte[octets.size()]), size_bytes_(octets.size()) {
    std::copy(octets.begin(), octets.end(), memory_.get());
  }
  [[nodiscard]] base::Bytes bytes() const { return {memory_.get(), size_bytes_}; }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_bytes_;
};

}  // namespace trapline::test_support
