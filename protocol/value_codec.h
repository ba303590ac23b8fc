// Reads and writes the value of a variable binding (RFC 2578 §7, RFC 3416 §3, RFC 1157 §3.2.6).
#pragma once

#include "protocol/ber_reader.h"
#include "protocol/ber_writer.h"
#include "protocol/value.h"

namespace trapline::protocol {

// Interprets one element as a value of any type. What has no type of ours (an unknown tag, a
// constructed string, an IpAddress not of four octets) becomes ValueType::raw and is flagged. Fails
// on integers of impossible sizes and on OIDs that accept_oid refuses; the context says what and
// where. `out` views what `content` views and the context's room; what it held is overwritten.
[[nodiscard]] bool accept_value(std::uint8_t identifier, base::Bytes content, BerContext& context,
                                Value& out);

// Appends `value`: integers, floats and doubles by `number`, everything else by `content`. Of an
// integer wider than its 32-bit type the low 32 bits are written, which is what receivers make of
// it.
void write_value(const Value& value, BerWriter& writer);

// Appends `value` inside an Opaque (RFC 2578 §7.1.9), which may hold any element: for values of a
// type that receivers need not know.
void write_as_opaque(const Value& value, BerWriter& writer);

// The octets of a Counter32, Gauge32, TimeTicks or UInteger32, which need not be minimal, as a
// number. Flags one with its top bit set and one over 32 bits; nothing when empty or over 8 octets.
[[nodiscard]] std::optional<std::uint64_t> accept_unsigned(base::Bytes content,
                                                           BerContext& context);

}  // namespace trapline::protocol
