// The value of a variable binding (RFC 2578 §7, RFC 3416 §3), as it stood on the wire.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "protocol/oid.h"

namespace trapline::protocol {

enum class ValueType : std::uint8_t {
  integer32,          // tag 0x02
  octet_string,       // tag 0x04; BITS too, which only a MIB can tell apart
  null,               // tag 0x05
  object_identifier,  // tag 0x06
  ip_address,         // tag 0x40
  counter32,          // tag 0x41
  gauge32,            // tag 0x42; Unsigned32 is the same on the wire
  time_ticks,         // tag 0x43
  opaque,             // tag 0x44
  counter64,          // tag 0x46
  unsigned32,         // tag 0x47, the obsolete UInteger32 of RFC 1442
  no_such_object,     // tag 0x80
  no_such_instance,   // tag 0x81
  end_of_mib_view,    // tag 0x82
  opaque_float,       // net-snmp's special types inside an Opaque: 9f 78
  opaque_double,      // 9f 79
  opaque_int64,       // 9f 7a
  opaque_uint64,      // 9f 7b
  raw,                // kept undecoded: unknown tag, constructed string, IpAddress not of 4 octets
};

// Plain value; `content` views the datagram (or the scratch, for an OID made canonical).
struct Value {
  ValueType type = ValueType::null;
  std::uint8_t tag = 0x05;  // the identifier octet as received
  // Integers: sign-extended (integer32, opaque_int64) or zero-extended. Float and double: the bits
  // of a double. Others: 0.
  std::uint64_t number = 0;
  // The content octets; for opaque_* those of the inner value, for object_identifier canonical.
  base::Bytes content;

  // For integer32 and opaque_int64.
  [[nodiscard]] std::int64_t as_signed() const { return static_cast<std::int64_t>(number); }
  // For opaque_float and opaque_double.
  [[nodiscard]] double as_double() const;
  // For object_identifier.
  [[nodiscard]] OidView as_oid() const { return OidView(content); }
};

// "Integer32", "OCTET STRING", "Counter64", ... : what events show as `varbinds[].type`.
[[nodiscard]] std::string_view name_of(ValueType type);

}  // namespace trapline::protocol
