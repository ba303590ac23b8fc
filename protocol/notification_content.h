// What a notification says, in octets that are the same whichever SNMP version carried it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/ip_address.h"
#include "protocol/trap_message.h"

namespace trapline::protocol {

// Appends them: trap, sysUpTime, who it comes from as told, and the varbinds. Two notifications
// give the same octets when one is the other after any number of translations (RFC 3584 §3): left
// out are request-id, snmpTrapAddress.0, snmpTrapCommunity.0 and snmpTrapEnterprise.0, Counter64
// and exceptions, which v1 loses, and a zero before the last sub-identifier of the trap, which v1
// cannot tell. Pure.
void append_content(const TrapMessage& message, const std::optional<base::IpAddress>& origin,
                    std::vector<std::byte>& out);

}  // namespace trapline::protocol
