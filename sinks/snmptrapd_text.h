// The event as net-snmp's snmptrapd logs it (`snmptrapd -Lf`, version 5.9), so that what reads its
// log goes on reading ours.
#pragma once

#include <string>

#include "protocol/mib/mib_index.h"
#include "rules/routed_trap.h"

namespace trapline::sinks {

// Appends `event` to `out` in snmptrapd's default format, without the last newline: two lines for a
// v2c or v3 notification, three for a v1 trap. Times are local (TZ), as snmptrapd's are.
//
// It differs where snmptrapd's log would lie or leak: the host name is <UNKNOWN> (no DNS on this
// path), a v1 community is shown by its configured name, a long Hex-STRING stays on its line, and
// text with control characters is a Hex-STRING. Any thread; allocates only when `out` has to grow.
void append_snmptrapd_text(const rules::RoutedTrap& event, const protocol::mib::MibIndex& mibs,
                           std::string& out);

}  // namespace trapline::sinks
