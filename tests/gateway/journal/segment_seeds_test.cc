// The segment fuzzer's seeds in tests/data/fuzz/segment are generated here and replayed here. To
// write them anew, run this test with TRAPLINE_WRITE_SEEDS=1.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "gateway/journal/append_batch.h"
#include "tests/fuzz/segment_invariants.h"
#include "tests/support/captures.h"

namespace trapline::gateway::journal {
namespace {

namespace fs = std::filesystem;
using Octets = std::vector<std::byte>;

fs::path seeds_folder() {
  return fs::path(__FILE__).parent_path().parent_path().parent_path() / "data/fuzz/segment";
}

// Frames of two records each: an EVENT, and one of each other type in turn.
Octets frames(std::uint64_t count) {
  Octets body{std::byte{0xff}, std::byte{1}};
  Lsn lsn{1};
  for (std::uint64_t i = 0; i < count; ++i) {
    AppendBatch batch;
    const auto second = static_cast<RecordType>(2 + i % 4);
    for (const RecordType type : {RecordType::event, second}) {
      const auto payload = batch.add(type, 24 + 8 * i, {});
      std::fill(payload.begin(), payload.end(), std::byte{1});
    }
    const base::MutableBytes records = batch.bytes();
    std::vector<std::uint32_t> crcs;
    for (std::size_t at = 0; at < records.size();) {
      const std::size_t size = record_bytes(load<std::uint32_t>(records.data() + at));
      crcs.push_back(stamp_record(records.data() + at, Lsn{lsn.value + crcs.size()}, RuleTime{1},
                                  fuzz::kFuzzEpoch));
      at += size;
    }
    Octets head(kFrameHeaderBytes);
    encode_frame_header({0, static_cast<std::uint32_t>(records.size()), 2, lsn}, head);
    store(head.data() + 4, frame_crc(head, crcs, fuzz::kFuzzEpoch));
    body.insert(body.end(), head.begin(), head.end());
    body.insert(body.end(), records.begin(), records.end());
    lsn.value += 2;
  }
  return body;
}

Octets flipped() {
  Octets body = frames(4);
  body[0] = std::byte{0};
  body[body.size() / 2] ^= std::byte{4};
  return body;
}

Octets torn() {
  Octets body = frames(3);
  body[0] = std::byte{0};
  body.erase(body.end() - 20, body.end());
  return body;
}

Octets sealed() {
  Octets body = frames(2);
  SegmentFooter footer;
  footer.header = {fuzz::kFuzzEpoch, SegmentNumber{1}, Lsn{1}, {}, "fuzz"};
  footer.totals.records = 4;
  footer.totals.events = 2;
  footer.totals.last = Lsn{4};
  footer.totals.last_event = Lsn{3};
  footer.offset = kDataOffset + body.size() - 2;
  encode_footer(footer, {}, body);
  return body;
}

TEST(SegmentSeeds, AreThoseGenerated) {
  const std::pair<std::string, Octets> seeds[] = {{"empty", {}},
                                                  {"frames", frames(4)},
                                                  {"flipped", flipped()},
                                                  {"torn", torn()},
                                                  {"sealed", sealed()}};
  for (const auto& [name, octets] : seeds) {
    const fs::path file = seeds_folder() / (name + ".bin");
    if (std::getenv("TRAPLINE_WRITE_SEEDS") != nullptr) {
      const std::string_view text = base::as_text(octets);
      std::ofstream(file, std::ios::binary)
          .write(text.data(), static_cast<std::streamsize>(text.size()));
    }
    EXPECT_TRUE(fs::exists(file)) << file;
    EXPECT_EQ(test_support::read_capture(file).octets, octets) << file;
  }
}

TEST(SegmentSeeds, BreakNoInvariant) {
  const auto files = test_support::read_captures(seeds_folder());
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    fuzz::check_segment(file.octets);
  }
}

}  // namespace
}  // namespace trapline::gateway::journal
