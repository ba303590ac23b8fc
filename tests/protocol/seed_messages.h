// The seeds of the fuzzers: one message, or one run of elements, per thing a decoder can get wrong.
#pragma once

#include <string>
#include <vector>

#include "tests/support/wire.h"

namespace trapline::protocol {

// A seed and the name of its file.
struct Seed {
  std::string name;
  test_support::Octets octets;
};

// Whole datagrams, for the decode fuzzer.
[[nodiscard]] std::vector<Seed> decode_seeds();
// Inputs of the BER fuzzer: how many reads, which ones, what they read.
[[nodiscard]] std::vector<Seed> ber_seeds();
// v3 messages as the v3 fuzzer takes them: in the clear and unsigned.
[[nodiscard]] std::vector<Seed> v3_seeds();

}  // namespace trapline::protocol
