#include "gateway/file_sink_options.h"

namespace trapline::gateway {

sinks::FileSinkOptions file_sink_options(const FileSinkConfig& config) {
  sinks::FileSinkOptions options;
  options.path = config.path;
  options.format = static_cast<sinks::EventFormat>(config.format);
  options.fsync = config.fsync;
  options.rotate.bytes = config.rotate.bytes;
  options.rotate.every = static_cast<sinks::RotateEvery>(config.rotate.every);
  options.rotate.keep = config.rotate.keep;
  options.rotate.compress = config.rotate.compress == Compression::zstd;
  return options;
}

}  // namespace trapline::gateway
