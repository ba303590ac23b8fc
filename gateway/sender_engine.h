// The SNMP engine of a program that only sends: `trapline send` and `trapline bench`.
#pragma once

#include <vector>

#include "base/clock.h"
#include "protocol/usm/local_engine.h"

namespace trapline::gateway {

// The authoritative engine of traps that this machine sends, without a file to keep boots in: boots
// are the minutes since 2020 and time the seconds within the minute, so that no receiver takes a
// later run for a replay of an earlier one as long as the wall clock is not set back. `id` is the
// engineID; empty, it is made of the machine's identity and host name, the same in every run.
[[nodiscard]] protocol::usm::LocalEngine sender_engine(const base::Clock& clock,
                                                       std::vector<std::byte> id);

}  // namespace trapline::gateway
