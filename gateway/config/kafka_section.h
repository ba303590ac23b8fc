// One sink of type `kafka`.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"

namespace trapline::gateway {

// Reads the map of the sink named `sink.name`. Problems are noted. Call it within a ScrubbedScope.
void read_kafka_sink(const ConfigNode& map, KafkaSinkConfig& sink, ConfigProblems& problems);

}  // namespace trapline::gateway
