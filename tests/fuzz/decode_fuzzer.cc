// libFuzzer: one whole datagram, with the usual varbind limit and with a small one.

#include "tests/fuzz/decode_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trapline;
  const base::Bytes input = std::as_bytes(std::span(data, size));
  fuzz::check_decode(input, protocol::kDefaultMaxVarbinds);
  fuzz::check_decode(input, 2);
  return 0;
}
