// What to do about a Report of SNMPv3 (RFC 3414 §3.2).
#pragma once

#include <string>

#include "gateway/poller/poll_access.h"
#include "protocol/usm/originator.h"

namespace trapline::gateway {

// What a Report means and what to do about it, in one line, for the sender at the command line.
[[nodiscard]] std::string advice_on(protocol::usm::ReportKind report, const V3Access& access);

}  // namespace trapline::gateway
