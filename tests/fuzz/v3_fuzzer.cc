// libFuzzer: one v3 message, encrypted and signed behind the fuzzer's back.

#include "tests/fuzz/v3_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trapline::fuzz::check_v3(std::as_bytes(std::span(data, size)));
  return 0;
}
