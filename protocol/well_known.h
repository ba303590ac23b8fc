// The OIDs this folder treats by their meaning (RFC 3418, RFC 3584 §3.1): as content octets, at no
// cost.
#pragma once

#include <array>
#include <cstddef>

#include "protocol/oid.h"

namespace trapline::protocol::well_known {

// Content octets of an OID below 1.3.6.1.
template <class... Octets>
constexpr std::array<std::byte, sizeof...(Octets) + 3> below_internet(Octets... octets) {
  return {std::byte{0x2b}, std::byte{6}, std::byte{1}, std::byte(octets)...};
}

inline constexpr auto kSysUpTime0 = below_internet(2, 1, 1, 3, 0);
inline constexpr auto kSnmpTrapOid0 = below_internet(6, 3, 1, 1, 4, 1, 0);
inline constexpr auto kSnmpTrapEnterprise0 = below_internet(6, 3, 1, 1, 4, 3, 0);
inline constexpr auto kSnmpTrapAddress0 = below_internet(6, 3, 18, 1, 3, 0);
inline constexpr auto kSnmpTrapCommunity0 = below_internet(6, 3, 18, 1, 4, 0);
inline constexpr auto kSnmpTraps = below_internet(6, 3, 1, 1, 5);
// snmpTraps.1 to .6, in the order of generic-trap 0 to 5.
inline constexpr std::array kStandardTraps = {
    below_internet(6, 3, 1, 1, 5, 1), below_internet(6, 3, 1, 1, 5, 2),
    below_internet(6, 3, 1, 1, 5, 3), below_internet(6, 3, 1, 1, 5, 4),
    below_internet(6, 3, 1, 1, 5, 5), below_internet(6, 3, 1, 1, 5, 6)};

// sysUpTime.0, 1.3.6.1.2.1.1.3.0.
inline OidView sys_up_time_0() { return OidView(base::Bytes(kSysUpTime0)); }
// snmpTrapOID.0, 1.3.6.1.6.3.1.1.4.1.0.
inline OidView snmp_trap_oid_0() { return OidView(base::Bytes(kSnmpTrapOid0)); }
// snmpTrapEnterprise.0, 1.3.6.1.6.3.1.1.4.3.0.
inline OidView snmp_trap_enterprise_0() { return OidView(base::Bytes(kSnmpTrapEnterprise0)); }
// snmpTrapAddress.0, 1.3.6.1.6.3.18.1.3.0.
inline OidView snmp_trap_address_0() { return OidView(base::Bytes(kSnmpTrapAddress0)); }
// snmpTrapCommunity.0, 1.3.6.1.6.3.18.1.4.0.
inline OidView snmp_trap_community_0() { return OidView(base::Bytes(kSnmpTrapCommunity0)); }
// snmpTraps, 1.3.6.1.6.3.1.1.5.
inline OidView snmp_traps() { return OidView(base::Bytes(kSnmpTraps)); }

}  // namespace trapline::protocol::well_known
