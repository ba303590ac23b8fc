// libFuzzer: the BER cursor and the values, below the grammar of messages.

#include "tests/fuzz/ber_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trapline::fuzz::check_ber(std::as_bytes(std::span(data, size)));
  return 0;
}
