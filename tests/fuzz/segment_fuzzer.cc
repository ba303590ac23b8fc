// libFuzzer: the octets of one journal segment.

#include "gateway/journal/journal.h"
#include "tests/fuzz/segment_invariants.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trapline::fuzz::check_segment(std::as_bytes(std::span(data, size)));
  return 0;
}
