// A variable binding out of an answer, owning its octets.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/oid.h"
#include "protocol/varbind.h"

namespace trapline::gateway {

// Plain value; survives the datagram it came in.
struct PolledVarBind {
  protocol::Oid name;
  protocol::ValueType type = protocol::ValueType::null;
  std::uint8_t tag = 0x05;         // the identifier octet as received
  std::uint64_t number = 0;        // as in protocol::Value
  std::vector<std::byte> content;  // as in protocol::Value

  // The same as views of this object, which must stay where it is.
  [[nodiscard]] protocol::VarBind view() const {
    return {name.view(), {type, tag, number, base::Bytes(content)}};
  }
  // True for noSuchObject, noSuchInstance and endOfMibView: the device has no such value.
  [[nodiscard]] bool is_exception() const {
    return type >= protocol::ValueType::no_such_object &&
           type <= protocol::ValueType::end_of_mib_view;
  }
};

}  // namespace trapline::gateway
