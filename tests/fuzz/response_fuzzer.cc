// libFuzzer: a datagram that claims to be an answer to the poller.

#include "gateway/poller/poller.h"
#include "tests/fuzz/response_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trapline::fuzz::check_response(std::as_bytes(std::span(data, size)));
  return 0;
}
