#include "tests/protocol/seed_messages.h"

#include "protocol/ber_reader.h"

namespace trapline::protocol {
namespace {

using test_support::hex;
using test_support::integer;
using test_support::join;
using test_support::message;
using test_support::octet_string;
using test_support::Octets;
using test_support::oid;
using test_support::pdu_v1;
using test_support::pdu_v2;
using test_support::sequence;
using test_support::time_ticks;
using test_support::tlv;
using test_support::tlv_wide;
using test_support::trap_oid_varbind;
using test_support::TrapV1;
using test_support::uptime_varbind;
using test_support::v2c_trap;
using test_support::varbind;

constexpr std::string_view kName = "1.3.6.1.4.1.8072.1.2.7";

Octets link_down_varbinds() {
  return join({varbind("1.3.6.1.2.1.2.2.1.1.7", integer(7)),
               varbind("1.3.6.1.2.1.2.2.1.7.7", integer(2)),
               varbind("1.3.6.1.2.1.2.2.1.8.7", integer(2)),
               varbind("1.3.6.1.2.1.31.1.1.1.1.7", octet_string("ge-0/0/7"))});
}

// Every value type there is, in one trap.
Octets all_types() {
  return v2c_trap({varbind(kName, integer(-1)), varbind(kName, octet_string("text")),
                   varbind(kName, hex("0500")), varbind(kName, oid("1.3.6.1.4.1.8072")),
                   varbind(kName, hex("4004c0000201")), varbind(kName, hex("410101")),
                   varbind(kName, hex("420500ffffffff")), varbind(kName, time_ticks(4711)),
                   varbind(kName, hex("440301 0203")),
                   varbind(kName, hex("460900ffffffffffffffff")),
                   varbind(kName, hex("47047fffffff")), varbind(kName, hex("44079f780441200000")),
                   varbind(kName, hex("440b9f79084024000000000000")),
                   varbind(kName, hex("44049f7a01ff")), varbind(kName, hex("44049f7b01ff"))});
}

std::vector<Seed> plain_messages() {
  TrapV1 cold_start;
  cold_start.generic = 0;
  TrapV1 specific;
  specific.varbinds = link_down_varbinds();
  return {
      {"v2c_link_down", v2c_trap({link_down_varbinds()})},
      {"v2c_all_types", all_types()},
      {"v2c_inform", message(1, pdu_v2(0xa6, -2, {uptime_varbind(), trap_oid_varbind()}))},
      {"v1_cold_start", message(0, pdu_v1(cold_start))},
      {"v1_specific", message(0, pdu_v1(specific))},
      {"v2c_get", message(1, pdu_v2(0xa0, 1, {varbind(kName, hex("0500"))}))},
      {"v2c_response", message(1, pdu_v2(0xa2, 1, {varbind(kName, integer(1))}))},
      {"v3_header", sequence({integer(3), hex("300d 020101 0202ffff 040104 020103")})},
  };
}

std::vector<Seed> odd_values() {
  return {
      {"exceptions", v2c_trap({varbind(kName, hex("8000")), varbind(kName, hex("8100")),
                               varbind(kName, hex("8200"))})},
      {"raw_values",
       v2c_trap({varbind(kName, hex("400101")), varbind(kName, hex("24030401aa")),
                 varbind(kName, hex("4d0101")), varbind(kName, hex("1f8101 02aabb"))})},
      {"wide_numbers",
       v2c_trap({varbind(kName, hex("4104ffffffff")), varbind(kName, hex("02080123456789abcdef")),
                 varbind(kName, hex("4609000000000000000001"))})},
      {"odd_oids", v2c_trap({sequence({hex("0600"), hex("0600")}),
                             sequence({hex("06048080 2b06"), hex("06032b8001")})})},
      {"null_with_content", v2c_trap({varbind(kName, hex("050100"))})},
      {"empty_integer", v2c_trap({varbind(kName, hex("0200"))})},
      {"counter64_of_ten", v2c_trap({varbind(kName, hex("460a00000000000000000001"))})},
      {"unterminated_oid", v2c_trap({varbind(kName, hex("06022bff"))})},
      {"varbind_with_a_tail", v2c_trap({sequence({oid(kName), integer(1), integer(2)})})},
  };
}

std::vector<Seed> odd_messages() {
  const Octets trap = v2c_trap({});
  const Octets late = pdu_v2(
      0xa7, 1,
      {varbind(kName, integer(1)), trap_oid_varbind(), uptime_varbind(), trap_oid_varbind()});
  TrapV1 odd;
  odd.generic = 9;
  odd.specific = -1;
  odd.agent_addr = hex("400000");
  return {
      {"trailing_octets", join({trap, hex("0000")})},
      {"long_lengths",
       tlv_wide(0x30, join({integer(1), octet_string("public"),
                            tlv_wide(0xa7, join({integer(1), integer(0), integer(0),
                                                 tlv_wide(0x30, uptime_varbind())}))}))},
      {"indefinite", hex("3080 020101 0400 0000")},
      {"high_tag_pdu", message(0, hex("bf0403020100"))},
      {"standard_varbinds_late", message(1, late)},
      {"no_trap_oid", message(1, pdu_v2(0xa7, 1, {varbind(kName, integer(1))}))},
      {"trap_oid_of_text",
       message(1, pdu_v2(0xa7, 1,
                         {uptime_varbind(),
                          varbind("1.3.6.1.6.3.1.1.4.1.0", octet_string("linkDown"))}))},
      {"no_varbinds", message(1, pdu_v2(0xa7, 1, {}))},
      {"v1_odd", message(0, pdu_v1(odd))},
      {"v1_pdu_in_v2c", message(1, pdu_v1({}))},
      {"v2_pdu_in_v1", message(0, pdu_v2(0xa6, 1, {uptime_varbind(), trap_oid_varbind()}))},
      {"relayed", v2c_trap({varbind("1.3.6.1.6.3.18.1.3.0", hex("4004c0000209")),
                            varbind("1.3.6.1.6.3.1.1.4.3.0", oid("1.3.6.1.4.1.9"))})},
      {"inform_with_wide_fields",
       message(1, tlv(0xa6, join({integer(77), hex("02040000000502020003"),
                                  sequence({uptime_varbind(), trap_oid_varbind()})})))},
  };
}

}  // namespace

std::vector<Seed> decode_seeds() {
  std::vector<Seed> out = plain_messages();
  for (Seed& seed : odd_values()) out.push_back(std::move(seed));
  for (Seed& seed : odd_messages()) out.push_back(std::move(seed));
  return out;
}

std::vector<Seed> ber_seeds() {
  return {
      {"elements", join({hex("03 00 00 00"), integer(7), octet_string("a"), hex("0500")})},
      {"oids", join({hex("02 04 04"), oid(kName), hex("06032b8001")})},
      {"integers",
       join({hex("03 02 03 02"), integer(-129), integer(70000), hex("0208ffffffffffffffff")})},
      {"sequence", join({hex("02 01 00"), sequence({integer(1)}), hex("1f812303000102")})},
      {"long_length", join({hex("01 00 0484 00000002"), hex("aabb")})},
      {"length_beyond", hex("01 00 0405aa")},
      {"float", hex("44 9f780441200000")},
      {"counter64", hex("46 00ffffffffffffffff")},
  };
}

}  // namespace trapline::protocol
