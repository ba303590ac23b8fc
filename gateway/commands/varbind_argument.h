// NAME TYPE VALUE on a command line: a variable binding to be sent, with net-snmp's type letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/mib/mib_index.h"
#include "protocol/varbind.h"

namespace trapline::gateway {

// A variable binding that owns what it is made of. Plain value.
struct VarBindArgument {
  protocol::Oid name;
  protocol::ValueType type = protocol::ValueType::null;
  std::uint64_t number = 0;        // of integers and floating point, as in protocol::Value
  std::vector<std::byte> content;  // of everything else

  // Views this object, which must not move.
  [[nodiscard]] protocol::VarBind view() const;
};

// The letters, for help texts.
inline constexpr std::string_view kTypeLetters =
    "i INTEGER (a number or its name)   u Gauge32   c Counter32   C Counter64   t TimeTicks\n"
    "a IpAddress   o OBJECT IDENTIFIER   s text   x octets in hex   d octets in decimal\n"
    "b BITS (numbers of the bits that are set)   n NULL   I int64   U uint64   F float   D double\n"
    "= the type the built-in MIB knows";

// Reads one triple. Names and enumerations come from `mibs`. Fails with a sentence that says what
// is expected. Pure; any thread.
[[nodiscard]] base::Result<VarBindArgument, std::string> parse_varbind_argument(
    std::string_view name, std::string_view type, std::string_view value,
    const protocol::mib::MibIndex& mibs);

}  // namespace trapline::gateway
