// One sink of type `syslog`.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Reads the map of the sink named `sink.name`. Problems are noted.
void read_syslog_sink(const ConfigNode& map, SyslogSinkConfig& sink, ConfigProblems& problems);

}  // namespace trapline::gateway
