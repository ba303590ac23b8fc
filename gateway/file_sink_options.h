// From a file sink's configuration to what the sink wants to know.
#pragma once

#include "gateway/config/config.h"
#include "sinks/file_sink.h"

namespace trapline::gateway {

// Pure.
[[nodiscard]] sinks::FileSinkOptions file_sink_options(const FileSinkConfig& config);

}  // namespace trapline::gateway
