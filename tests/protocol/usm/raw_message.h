// v3 messages that no writer of ours would write: every field as one likes, signed all the same.
#pragma once

#include <string>

#include "tests/protocol/usm/v3_peer.h"

namespace trapline::protocol::usm {

// Plain value: HeaderData and UsmSecurityParameters, in octets where their size is at stake.
struct RawMessage {
  std::int64_t msg_id = 4711;
  std::int64_t max_size = 65'507;
  test_support::Octets flags = test_support::hex("01");
  std::int64_t security_model = 3;
  test_support::Octets engine_id = peer_engine();
  std::int64_t boots = 3;
  std::int64_t time = 500;
  std::string user = "ops";
  std::size_t digest_size = 24;
  test_support::Octets salt;
  test_support::Octets data;  // a trap's scopedPDU when empty
};

// The message, its digest zero octets.
[[nodiscard]] inline test_support::Octets raw_octets(const RawMessage& raw) {
  using namespace test_support;
  const Octets header = sequence({integer(raw.msg_id), integer(raw.max_size), tlv(0x04, raw.flags),
                                  integer(raw.security_model)});
  const Octets security =
      sequence({tlv(0x04, raw.engine_id), integer(raw.boots), integer(raw.time),
                octet_string(raw.user), tlv(0x04, Octets(raw.digest_size)), tlv(0x04, raw.salt)});
  const Octets data = raw.data.empty()
                          ? sequence({tlv(0x04, raw.engine_id), octet_string(""), trap_pdu()})
                          : raw.data;
  return sequence({integer(3), header, tlv(0x04, security), data});
}

// The message, signed as `user` would: of a digest that is too long or too short, a prefix.
[[nodiscard]] inline test_support::Octets raw_signed(const RawMessage& raw, const UsmUser& user) {
  test_support::Octets octets = raw_octets(raw);
  test_support::Octets room;
  BerContext context(octets, room);
  V3Message message;
  SecurityParameters security;
  bool has_header = false;
  if (!read_v3_message(octets, context, message, has_header) ||
      !read_security_parameters(message.security_parameters, context, security)) {
    return octets;
  }
  const auto at = static_cast<std::size_t>(security.digest.data() - octets.data());
  const base::MutableBytes digest = base::MutableBytes(octets).subspan(at, raw.digest_size);
  UserKeys(user, 0, raw.engine_id).auth().sign(octets, digest);
  return octets;
}

}  // namespace trapline::protocol::usm
