// libFuzzer: the text of a configuration.

#include "tests/fuzz/config_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trapline::fuzz::check_config(std::as_bytes(std::span(data, size)));
  return 0;
}
