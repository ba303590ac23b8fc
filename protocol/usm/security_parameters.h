// UsmSecurityParameters (RFC 3414 §2.4).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "protocol/ber_back_writer.h"
#include "protocol/ber_reader.h"

namespace trapline::protocol::usm {

// Plain value; views the datagram. The engineID, the digest and the salt may have any size: what
// that means is for USM to say.
struct SecurityParameters {
  base::Bytes engine_id;
  std::int32_t boots = 0;
  std::int32_t time = 0;
  std::string_view user;
  base::Bytes digest;
  base::Bytes salt;
};

// Reads what msgSecurityParameters contains. Fails with security_parameters (negative boots or
// time, a user name over 32 octets), or as BerReader does. Octets behind it are flagged.
[[nodiscard]] bool read_security_parameters(base::Bytes octets, BerContext& context,
                                            SecurityParameters& out);

// Puts msgSecurityParameters, as an OCTET STRING, in front of what `writer` has. Returns where the
// digest stands, so that it can be signed; its octets come from `fields`.
base::MutableBytes put_security_parameters(const SecurityParameters& fields, BerBackWriter& writer);

}  // namespace trapline::protocol::usm
