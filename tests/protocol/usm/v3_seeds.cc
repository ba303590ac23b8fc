// Seeds of the v3 fuzzer: every level, both PDUs, what is refused at each step.

#include "tests/protocol/seed_messages.h"

namespace trapline::protocol {
namespace {

using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::octet_string;
using test_support::Octets;
using test_support::pdu_v2;
using test_support::sequence;
using test_support::tlv;
using test_support::trap_oid_varbind;
using test_support::uptime_varbind;

const Octets kOwnEngine = hex("800000000102030405060708");  // the fuzzer's receiver
const Octets kPeerEngine = hex("80001f8880aabbccdd");

struct V3Seed {
  int flags = 0;
  std::string_view user = "none";
  std::size_t digest_size = 0;
  Octets engine = kPeerEngine;
  Octets pdu = pdu_v2(0xa7, 99, {uptime_varbind(), trap_oid_varbind()});
  std::int64_t boots = 3;
  std::int64_t time = 500;
  bool is_padded = false;  // to whole blocks of DES
};

Octets v3_message(const V3Seed& seed) {
  const bool priv = (seed.flags & 2) != 0;
  const Octets flags{std::byte(seed.flags)};
  const Octets header = sequence({integer(4711), integer(65'507), tlv(0x04, flags), integer(3)});
  const Octets security = sequence({tlv(0x04, seed.engine), integer(seed.boots), integer(seed.time),
                                    octet_string(seed.user), tlv(0x04, Octets(seed.digest_size)),
                                    tlv(0x04, priv ? hex("0102030405060708") : Octets())});
  const Octets scoped = sequence({tlv(0x04, seed.engine), octet_string("ctx"), seed.pdu});
  const Octets padding(seed.is_padded ? 8 - scoped.size() % 8 : 0);
  const Octets data = priv ? tlv(0x04, join({scoped, padding})) : scoped;
  return sequence({integer(3), header, tlv(0x04, security), data});
}

V3Seed inform(V3Seed seed) {
  seed.flags |= 4;
  seed.engine = kOwnEngine;
  seed.pdu = pdu_v2(0xa6, 99, {uptime_varbind(), trap_oid_varbind()});
  return seed;
}

}  // namespace

std::vector<Seed> v3_seeds() {
  const V3Seed aes{.flags = 3, .user = "aes", .digest_size = 24};
  const V3Seed des{.flags = 3, .user = "des", .digest_size = 12};
  V3Seed triple{.flags = 3, .user = "sha512", .digest_size = 48};
  V3Seed padded = des;
  padded.is_padded = triple.is_padded = true;
  V3Seed late = aes;
  late.boots = 1;
  V3Seed probe = inform({.flags = 0, .user = ""});
  probe.engine = {};
  probe.pdu = pdu_v2(0xa0, 1, {});
  V3Seed stranger = inform(aes);
  stranger.user = "stranger";
  V3Seed report = aes;
  report.pdu = pdu_v2(0xa8, 1, {test_support::varbind("1.3.6.1.6.3.15.1.1.2.0", hex("410101"))});
  V3Seed v1 = {};
  v1.pdu = test_support::pdu_v1({});
  return {
      {"trap_plain", v3_message({})},
      {"trap_v1_pdu", v3_message(v1)},
      {"trap_auth", v3_message({.flags = 1, .user = "aes", .digest_size = 24})},
      {"trap_aes", v3_message(aes)},
      {"trap_des", v3_message(padded)},
      {"trap_3des", v3_message(triple)},
      {"trap_auto", v3_message({.flags = 3, .user = "auto", .digest_size = 24})},
      {"inform_plain", v3_message(inform({}))},
      {"inform_auth", v3_message(inform({.flags = 1, .user = "des", .digest_size = 12}))},
      {"inform_aes", v3_message(inform(aes))},
      {"late", v3_message(late)},
      {"probe", v3_message(probe)},
      {"unknown_user", v3_message(stranger)},
      {"report", v3_message(report)},
  };
}

}  // namespace trapline::protocol
