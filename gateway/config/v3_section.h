// The `v3` section: engine identity and users of SNMPv3.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/field_reader.h"

namespace trapline::gateway {

// Reads `v3` of the top level, if it is there. Turns passwords into keys, about a millisecond each.
void read_v3(FieldReader& top, ConfigProblems& problems, V3Config& v3);

}  // namespace trapline::gateway
