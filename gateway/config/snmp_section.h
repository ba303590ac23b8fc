// One sink of type `snmp`.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Reads the map of the sink named `sink.name`. Problems are noted. Call it within a ScrubbedScope.
void read_snmp_sink(const ConfigNode& map, SnmpSinkConfig& sink, ConfigProblems& problems);

// Notes sinks whose `user` is none of v3.users. `sinks` is the section they were read from; to be
// called once users are read, and of no effect when there are problems already.
void check_snmp_users(const ConfigNode& sinks, const Config& config, ConfigProblems& problems);

}  // namespace trapline::gateway
