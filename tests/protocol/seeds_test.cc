// The fuzzers' seeds in tests/data/fuzz are generated here and replayed here. To write them anew,
// run this test with TRAPLINE_WRITE_SEEDS=1.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/fuzz/ber_invariants.h"
#include "tests/fuzz/decode_invariants.h"
#include "tests/fuzz/v3_invariants.h"
#include "tests/protocol/seed_messages.h"
#include "tests/support/captures.h"

namespace trapline::protocol {
namespace {

namespace fs = std::filesystem;

fs::path seeds_folder(std::string_view fuzzer) {
  const fs::path tests = fs::path(__FILE__).parent_path().parent_path();
  return tests / "data" / "fuzz" / fuzzer;
}

void write(const fs::path& file, const test_support::Octets& octets) {
  const std::string_view text = base::as_text(octets);
  std::ofstream(file, std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
}

void expect_on_disk(std::string_view fuzzer, const std::vector<Seed>& seeds) {
  const fs::path folder = seeds_folder(fuzzer);
  for (const Seed& seed : seeds) {
    const fs::path file = folder / (seed.name + ".bin");
    if (std::getenv("TRAPLINE_WRITE_SEEDS") != nullptr) write(file, seed.octets);
    EXPECT_TRUE(fs::exists(file)) << file;
    EXPECT_EQ(test_support::read_capture(file).octets, seed.octets) << file;
  }
}

TEST(Seeds, OfTheDecodeFuzzerAreThoseGenerated) { expect_on_disk("decode", decode_seeds()); }
TEST(Seeds, OfTheBerFuzzerAreThoseGenerated) { expect_on_disk("ber", ber_seeds()); }
TEST(Seeds, OfTheV3FuzzerAreThoseGenerated) { expect_on_disk("v3", v3_seeds()); }

TEST(Seeds, OfTheDecodeFuzzerBreakNoInvariant) {
  const auto files = test_support::read_captures(seeds_folder("decode"));
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    const test_support::ExactCopy copy(file.octets);
    fuzz::check_decode(copy.bytes(), kDefaultMaxVarbinds);
    fuzz::check_decode(copy.bytes(), 2);
  }
}

TEST(Seeds, OfTheBerFuzzerBreakNoInvariant) {
  const auto files = test_support::read_captures(seeds_folder("ber"));
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    fuzz::check_ber(test_support::ExactCopy(file.octets).bytes());
  }
}

TEST(Seeds, OfTheV3FuzzerBreakNoInvariantWhereverTheyAreCut) {
  const auto files = test_support::read_captures(seeds_folder("v3"));
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    for (std::size_t size = file.octets.size() + 1; size-- > 0;) {
      fuzz::check_v3(test_support::ExactCopy(base::Bytes(file.octets).first(size)).bytes());
    }
  }
}

}  // namespace
}  // namespace trapline::protocol
