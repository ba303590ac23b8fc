// ObjectSyntax (RFC 2578 §7.1) and the exceptions of RFC 3416 §3.
//
//   02 INTEGER   04 OCTET STRING   05 NULL   06 OBJECT IDENTIFIER
//   40 IpAddress 41 Counter32 42 Gauge32/Unsigned32 43 TimeTicks 44 Opaque 46 Counter64 47
//   UInteger32 80 noSuchObject 81 noSuchInstance 82 endOfMibView
//
// Inside an Opaque, net-snmp puts a BER element of its own: 9f 78 04 float, 9f 79 08 double,
// 9f 7a nn signed and 9f 7b nn unsigned 64-bit integer.

#include "protocol/value_codec.h"

#include <array>
#include <bit>

namespace trapline::protocol {
namespace {

constexpr std::size_t kInteger32Bytes = 4;
constexpr std::byte kTopBit{0x80};
constexpr std::byte kOpaqueMark{0x9f};
constexpr std::uint8_t kOpaqueFloat = 0x78;
constexpr std::uint8_t kOpaqueDouble = 0x79;
constexpr std::uint8_t kOpaqueInt64 = 0x7a;
constexpr std::uint8_t kOpaqueUint64 = 0x7b;
constexpr std::size_t kOpaqueHeaderBytes = 3;

bool accept_integer32(base::Bytes content, BerContext& context, Value& out) {
  out.type = ValueType::integer32;
  if (content.empty() || content.size() > kMaxIntegerBytes) {
    return context.fail(DecodeErrorKind::integer_size, content.data());
  }
  if (content.size() > kInteger32Bytes) context.flags.add(Tolerance::wide_integer);
  out.number = static_cast<std::uint64_t>(signed_number(content));
  return true;
}

bool accept_unsigned32(ValueType type, base::Bytes content, BerContext& context, Value& out) {
  out.type = type;
  const std::optional<std::uint64_t> number = accept_unsigned(content, context);
  if (!number) return false;
  out.number = *number;
  return true;
}

// Nine octets are right where the first is zero and the second has its top bit set.
bool accept_counter64(base::Bytes content, BerContext& context, Value& out) {
  out.type = ValueType::counter64;
  if (content.empty() || content.size() > kMaxIntegerBytes + 1 ||
      (content.size() > kMaxIntegerBytes && content[0] != std::byte{0})) {
    return context.fail(DecodeErrorKind::value_size, content.data());
  }
  if ((content[0] & kTopBit) != std::byte{0}) context.flags.add(Tolerance::negative_unsigned);
  if (content.size() > kMaxIntegerBytes && (content[1] & kTopBit) == std::byte{0}) {
    context.flags.add(Tolerance::wide_counter64);
  }
  out.number = unsigned_number(content);
  return true;
}

// An Opaque stays one unless it holds exactly one of net-snmp's elements.
void accept_opaque(base::Bytes whole, Value& out) {
  out.type = ValueType::opaque;
  if (whole.size() <= kOpaqueHeaderBytes || whole[0] != kOpaqueMark) return;
  const base::Bytes inner = whole.subspan(kOpaqueHeaderBytes);
  if (std::to_integer<std::size_t>(whole[2]) != inner.size()) return;
  const auto kind = std::to_integer<std::uint8_t>(whole[1]);
  if (kind == kOpaqueFloat && inner.size() == sizeof(float)) {
    out.type = ValueType::opaque_float;
    const auto bits = static_cast<std::uint32_t>(unsigned_number(inner));
    out.number = std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(bits)));
  } else if (kind == kOpaqueDouble && inner.size() == sizeof(double)) {
    out.type = ValueType::opaque_double;
    out.number = unsigned_number(inner);
  } else if (kind == kOpaqueInt64 && inner.size() <= kMaxIntegerBytes) {
    out.type = ValueType::opaque_int64;
    out.number = static_cast<std::uint64_t>(signed_number(inner));
  } else if (kind == kOpaqueUint64 &&
             (inner.size() <= kMaxIntegerBytes ||
              (inner.size() == kMaxIntegerBytes + 1 && inner[0] == std::byte{0}))) {
    out.type = ValueType::opaque_uint64;
    out.number = unsigned_number(inner);
  } else {
    return;
  }
  out.content = inner;
}

bool accept_null(ValueType type, base::Bytes content, BerContext& context, Value& out) {
  out.type = type;
  if (!content.empty()) context.flags.add(Tolerance::null_with_content);
  return true;
}

bool accept_exception(ValueType type, base::Bytes content, BerContext& context, Value& out) {
  context.flags.add(Tolerance::exception_in_notification);
  return accept_null(type, content, context, out);
}

bool accept_oid_value(base::Bytes content, BerContext& context, Value& out) {
  out.type = ValueType::object_identifier;
  const std::optional<OidView> oid = accept_oid(content, context);
  if (!oid) return false;
  out.content = oid->content();
  return true;
}

void write_opaque(std::uint8_t kind, const Value& value, BerWriter& writer) {
  const std::size_t opaque = writer.begin(tag::kOpaque);
  writer.append_octet(std::to_integer<std::uint8_t>(kOpaqueMark));
  switch (kind) {
    case kOpaqueFloat: {
      const auto number = static_cast<float>(value.as_double());
      writer.write_fixed(kind, std::bit_cast<std::uint32_t>(number), sizeof(float));
      break;
    }
    case kOpaqueDouble: writer.write_fixed(kind, value.number, sizeof(double)); break;
    case kOpaqueInt64: writer.write_signed(kind, value.as_signed()); break;
    default: writer.write_unsigned(kind, value.number); break;
  }
  writer.end(opaque);
}

// A raw value's tag and content as they were received (see Element for identifiers of several
// octets).
void write_raw(const Value& value, BerWriter& writer) {
  if ((value.tag & tag::kHighTagMark) != tag::kHighTagMark) {
    writer.write(value.tag, value.content);
    return;
  }
  writer.append_octet(value.tag);
  writer.append(value.content);
}

}  // namespace

std::optional<std::uint64_t> accept_unsigned(base::Bytes content, BerContext& context) {
  if (content.empty() || content.size() > kMaxIntegerBytes) {
    context.fail(DecodeErrorKind::value_size, content.data());
    return std::nullopt;
  }
  if ((content[0] & kTopBit) != std::byte{0}) context.flags.add(Tolerance::negative_unsigned);
  const bool leading_zero = content[0] == std::byte{0};
  if (content.size() > kInteger32Bytes + (leading_zero ? 1U : 0U)) {
    context.flags.add(Tolerance::wide_integer);
  }
  return unsigned_number(content);
}

bool accept_value(std::uint8_t identifier, base::Bytes content, BerContext& context, Value& out) {
  out.tag = identifier;
  out.content = content;
  out.number = 0;
  switch (identifier) {
    case tag::kInteger: return accept_integer32(content, context, out);
    case tag::kCounter32: return accept_unsigned32(ValueType::counter32, content, context, out);
    case tag::kGauge32: return accept_unsigned32(ValueType::gauge32, content, context, out);
    case tag::kTimeTicks: return accept_unsigned32(ValueType::time_ticks, content, context, out);
    case tag::kUnsigned32: return accept_unsigned32(ValueType::unsigned32, content, context, out);
    case tag::kCounter64: return accept_counter64(content, context, out);
    case tag::kObjectIdentifier: return accept_oid_value(content, context, out);
    case tag::kOctetString: out.type = ValueType::octet_string; return true;
    case tag::kOpaque: accept_opaque(content, out); return true;
    case tag::kNull: return accept_null(ValueType::null, content, context, out);
    case tag::kNoSuchObject:
      return accept_exception(ValueType::no_such_object, content, context, out);
    case tag::kNoSuchInstance:
      return accept_exception(ValueType::no_such_instance, content, context, out);
    case tag::kEndOfMibView:
      return accept_exception(ValueType::end_of_mib_view, content, context, out);
    case tag::kIpAddress:
      if (content.size() != 4) break;
      out.type = ValueType::ip_address;
      return true;
    default: break;
  }
  out.type = ValueType::raw;
  context.flags.add(Tolerance::raw_value);
  return true;
}

void write_value(const Value& value, BerWriter& writer) {
  const auto low32 = static_cast<std::uint32_t>(value.number);
  switch (value.type) {
    case ValueType::integer32:
      writer.write_signed(tag::kInteger, static_cast<std::int32_t>(low32));
      return;
    case ValueType::counter32: writer.write_unsigned(tag::kCounter32, low32); return;
    case ValueType::gauge32: writer.write_unsigned(tag::kGauge32, low32); return;
    case ValueType::time_ticks: writer.write_unsigned(tag::kTimeTicks, low32); return;
    case ValueType::unsigned32: writer.write_unsigned(tag::kUnsigned32, low32); return;
    case ValueType::counter64: writer.write_unsigned(tag::kCounter64, value.number); return;
    case ValueType::octet_string: writer.write(tag::kOctetString, value.content); return;
    case ValueType::object_identifier: writer.write_oid(value.as_oid()); return;
    case ValueType::ip_address: writer.write(tag::kIpAddress, value.content); return;
    case ValueType::opaque: writer.write(tag::kOpaque, value.content); return;
    case ValueType::null: writer.write(tag::kNull, {}); return;
    case ValueType::no_such_object: writer.write(tag::kNoSuchObject, {}); return;
    case ValueType::no_such_instance: writer.write(tag::kNoSuchInstance, {}); return;
    case ValueType::end_of_mib_view: writer.write(tag::kEndOfMibView, {}); return;
    case ValueType::opaque_float: write_opaque(kOpaqueFloat, value, writer); return;
    case ValueType::opaque_double: write_opaque(kOpaqueDouble, value, writer); return;
    case ValueType::opaque_int64: write_opaque(kOpaqueInt64, value, writer); return;
    case ValueType::opaque_uint64: write_opaque(kOpaqueUint64, value, writer); return;
    case ValueType::raw: write_raw(value, writer); return;
  }
}

void write_as_opaque(const Value& value, BerWriter& writer) {
  const std::size_t opaque = writer.begin(tag::kOpaque);
  write_value(value, writer);
  writer.end(opaque);
}

double Value::as_double() const { return std::bit_cast<double>(number); }

}  // namespace trapline::protocol
