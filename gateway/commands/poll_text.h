// Values as the verbs that ask devices print them: lines as net-snmp's tools write them, or JSON.
#pragma once

#include <string>

#include "gateway/poller/polled_varbind.h"

namespace trapline::gateway {

// "IF-MIB::ifOperStatus.2 = INTEGER: up(1)"; with `numeric`, ".1.3.6.1.2.1.2.2.1.8.2 = INTEGER: 1".
// Control characters in text come out as `.`, or the octets as hexadecimal. Pure.
[[nodiscard]] std::string varbind_line(const PolledVarBind& varbind, bool numeric);

// The same as one JSON object: oid, name, type, value, text; with `host` in front unless empty.
[[nodiscard]] std::string varbind_json(const PolledVarBind& varbind, std::string_view host);

// The value alone and as short as it goes, for a cell of a table: "up", "0:1:02:03.45", "eth0".
[[nodiscard]] std::string cell_text(const PolledVarBind& varbind);

}  // namespace trapline::gateway
