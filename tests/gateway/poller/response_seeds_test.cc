// The seeds of the response fuzzer are generated here and replayed here. To write them anew, run
// this test with TRAPLINE_WRITE_SEEDS=1.

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/fuzz/response_invariants.h"
#include "tests/support/captures.h"
#include "tests/support/wire.h"

namespace trapline::gateway {
namespace {

namespace fs = std::filesystem;
using namespace test_support;

constexpr const char* kName = "1.3.6.1.2.1.1.5.0";
constexpr const char* kOther = "1.3.6.1.2.1.1.6.0";
constexpr std::int64_t kId = 0x01020304;

// A Response of these, with an error.
Octets response(std::int64_t status, std::int64_t index, const Octets& varbinds) {
  return tlv(0xa2, join({integer(kId), integer(status), integer(index), tlv(0x30, varbinds)}));
}

// A v3 message of no security with this PDU.
Octets v3(const Octets& pdu) {
  const Octets engine = hex("80 00 1f 88 04 74 65 73 74");
  const Octets header = sequence({integer(kId), integer(65'507), hex("04 01 00"), integer(3)});
  const Octets security = sequence({tlv(0x04, engine), integer(3), integer(4711),
                                    octet_string("none"), octet_string(""), octet_string("")});
  return sequence({integer(3), header, tlv(0x04, security),
                   sequence({tlv(0x04, engine), octet_string(""), pdu})});
}

std::vector<std::pair<std::string, Octets>> seeds() {
  const Octets both =
      join({varbind(kName, octet_string("core")), varbind(kOther, octet_string(""))});
  const Octets missing = join({varbind(kName, hex("80 00")), varbind(kOther, hex("82 00"))});
  const Octets report =
      tlv(0xa8, join({integer(kId), integer(0), integer(0),
                      tlv(0x30, varbind("1.3.6.1.6.3.15.1.1.4.0", hex("41 01 07")))}));
  return {{"values", message(1, response(0, 0, both))},
          {"exceptions", message(1, response(0, 0, missing))},
          {"v1_values", message(0, response(0, 0, both))},
          {"no_such_name", message(0, response(2, 2, both))},
          {"too_big", message(1, response(1, 0, {}))},
          {"wild_index", message(1, response(5, 77, both))},
          {"nothing", message(1, response(0, 0, {}))},
          {"request",
           message(1, tlv(0xa0, join({integer(kId), integer(0), integer(0), tlv(0x30, both)})))},
          {"v3_report", v3(report)},
          {"v3_values", v3(response(0, 0, both))}};
}

fs::path folder() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path() / "data" / "fuzz" /
         "response";
}

TEST(ResponseSeeds, AreThoseGenerated) {
  for (const auto& [name, octets] : seeds()) {
    const fs::path file = folder() / (name + ".bin");
    if (std::getenv("TRAPLINE_WRITE_SEEDS") != nullptr) {
      fs::create_directories(folder());
      const std::string_view text = base::as_text(octets);
      std::ofstream(file, std::ios::binary)
          .write(text.data(), static_cast<std::streamsize>(text.size()));
    }
    EXPECT_EQ(read_capture(file).octets, octets) << file;
  }
}

TEST(ResponseSeeds, BreakNoInvariantNorDoTheirBeginnings) {
  const auto files = read_captures(folder());
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    for (std::size_t size = 0; size <= file.octets.size(); ++size) {
      fuzz::check_response(ExactCopy(base::Bytes(file.octets).first(size)).bytes());
    }
  }
}

}  // namespace
}  // namespace trapline::gateway
