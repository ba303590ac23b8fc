// RFC 3414 §2.4.
//
//   UsmSecurityParameters ::= SEQUENCE { msgAuthoritativeEngineID OCTET STRING,
//       msgAuthoritativeEngineBoots, msgAuthoritativeEngineTime INTEGER (0..2147483647),
//       msgUserName OCTET STRING (SIZE(0..32)), msgAuthenticationParameters,
//       msgPrivacyParameters OCTET STRING }

#include "protocol/usm/security_parameters.h"

#include "protocol/usm/user.h"

namespace trapline::protocol::usm {
namespace {

bool read_counter(BerReader& fields, std::int32_t& out) {
  const std::byte* const first = fields.position();
  if (!fields.read_int32(out)) return false;
  return out >= 0 || fields.context().fail(DecodeErrorKind::security_parameters, first);
}

bool read_user(BerReader& fields, std::string_view& out) {
  const std::byte* const first = fields.position();
  base::Bytes octets;
  if (!fields.read(tag::kOctetString, octets)) return false;
  out = base::as_text(octets);
  return out.size() <= kMaxUserNameBytes ||
         fields.context().fail(DecodeErrorKind::security_parameters, first);
}

}  // namespace

bool read_security_parameters(base::Bytes octets, BerContext& context, SecurityParameters& out) {
  BerReader outer(octets, context);
  base::Bytes content;
  if (!outer.read(tag::kSequence, content)) return false;
  BerReader fields(content, context);
  if (!fields.read(tag::kOctetString, out.engine_id) || !read_counter(fields, out.boots) ||
      !read_counter(fields, out.time) || !read_user(fields, out.user) ||
      !fields.read(tag::kOctetString, out.digest) || !fields.read(tag::kOctetString, out.salt)) {
    return false;
  }
  if (!fields.at_end() || !outer.at_end()) context.flags.add(Tolerance::trailing_bytes);
  return true;
}

base::MutableBytes put_security_parameters(const SecurityParameters& fields,
                                           BerBackWriter& writer) {
  const std::size_t before = writer.size();
  writer.put(tag::kOctetString, fields.salt);
  const std::size_t before_digest = writer.size();
  writer.put(fields.digest);
  const base::MutableBytes digest =
      writer.ok() ? writer.written().first(fields.digest.size()) : base::MutableBytes{};
  writer.close(tag::kOctetString, before_digest);
  writer.put(tag::kOctetString, base::as_bytes(fields.user));
  writer.put_signed(tag::kInteger, fields.time);
  writer.put_signed(tag::kInteger, fields.boots);
  writer.put(tag::kOctetString, fields.engine_id);
  writer.close(tag::kSequence, before);
  writer.close(tag::kOctetString, before);
  return digest;
}

}  // namespace trapline::protocol::usm
