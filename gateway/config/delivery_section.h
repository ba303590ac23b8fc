// What the sections of all sinks say in the same words.
#pragma once

#include "gateway/config/config.h"
#include "gateway/config/config_node.h"
#include "gateway/config/field_reader.h"

namespace trapline::gateway {

// Reads `required` and `start` of the map that `sink` reads. Problems are noted.
void read_retention(FieldReader& sink, SinkConfig& out);

// Reads those, `rate_limit` and `max_age_secs`. Problems are noted.
void read_delivery(FieldReader& sink, ConfigProblems& problems, LanedSinkConfig& out);

}  // namespace trapline::gateway
