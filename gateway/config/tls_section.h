// `tls` of a sink.
#pragma once

#include "gateway/config/config_node.h"
#include "gateway/config/field_reader.h"
#include "sinks/net/tls_options.h"

namespace trapline::gateway {

// Reads `tls` of the map that `sink` reads, if it is there. Problems are noted.
void read_tls(FieldReader& sink, ConfigProblems& problems, sinks::TlsOptions& tls);

}  // namespace trapline::gateway
