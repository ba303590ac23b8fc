// The `v3` section: engine identity and users of SNMPv3.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/field_reader.h"

namespace trapline::gateway {

// Reads `v3` of the top level, if it is there. Turns passwords into keys, about a millisecond each.
void read_v3(FieldReader& top, ConfigProblems& problems, V3Config& v3);

// Reads one user, `where` in messages: a name, protocols and passwords.
[[nodiscard]] protocol::usm::UsmUser read_v3_user(const ConfigNode& map, const std::string& where,
                                                  ConfigProblems& problems);

}  // namespace trapline::gateway
