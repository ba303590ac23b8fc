// What must hold for any octets in a segment file: recovery, reading and inspection end, nothing is
// handed out that its CRC does not cover, and the journal takes events again.
//
// An input is a byte that says which records' CRCs are put right (bit i: every eighth from the ith
// on; without that a fuzzer would never get past them), a byte of which bit 0 does the same for the
// frames, and the octets behind the segment's header, which is always intact.
#pragma once

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "gateway/journal/inspect.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/record_wire.h"
#include "gateway/journal/segment_format.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"
#include "tests/support/sim_fs.h"

namespace trapline::fuzz {

namespace journal = gateway::journal;

inline constexpr journal::Epoch kFuzzEpoch{0x1badcafe};
inline constexpr std::size_t kMaxBodyBytes = 48 << 10;
inline const std::string kFuzzDirectory = "/data/journal";

// Ends the process: libFuzzer and gtest alike report the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Puts right the CRCs that the input asks for, from the first frame on, as far as there is a
// structure to follow.
inline void repair(std::vector<std::byte>& image, unsigned records, bool frames) {
  std::size_t at = journal::kDataOffset;
  for (unsigned index = 0; at + journal::kFrameHeaderBytes <= image.size();) {
    std::byte* const head = image.data() + at;
    const auto frame = journal::decode_frame_header({head, journal::kFrameHeaderBytes});
    if (!frame) return;
    at += journal::kFrameHeaderBytes;
    const std::size_t end = std::min<std::size_t>(image.size(), at + frame->body_bytes);
    std::vector<std::uint32_t> crcs;
    while (at + journal::kRecordHeaderBytes <= end) {
      const auto record = journal::read_header({image.data() + at, image.size() - at});
      if (!record || at + journal::record_bytes(record->payload_bytes) > image.size()) return;
      crcs.push_back(record->crc);
      if ((records >> index++ % 8 & 1U) != 0) {
        crcs.back() =
            journal::stamp_record(image.data() + at, record->lsn, record->rule_time, kFuzzEpoch);
      }
      at += journal::record_bytes(record->payload_bytes);
    }
    if (!frames) continue;
    const std::uint32_t crc =
        journal::frame_crc({head, journal::kFrameHeaderBytes}, crcs, kFuzzEpoch);
    journal::store(head + 4, crc);
  }
}

// The segment file that an input stands for.
inline std::vector<std::byte> segment_image(base::Bytes input) {
  const base::Bytes body = input.subspan(std::min<std::size_t>(input.size(), 2));
  std::vector<std::byte> image(journal::kDataOffset);
  const journal::SegmentHeader header{
      kFuzzEpoch, journal::SegmentNumber{1}, journal::Lsn{1}, {}, "fuzz"};
  for (const std::size_t at : {std::size_t{0}, std::size_t{journal::kSecondHeaderAt}}) {
    journal::encode_header(header, {image.data() + at, journal::kHeaderBytes});
  }
  image.insert(image.end(), body.begin(), body.end());
  if (input.size() >= 2) {
    repair(image, std::to_integer<unsigned>(input[0]), (input[1] & std::byte{1}) != std::byte{0});
  }
  return image;
}

// A record of the segment must stand in the image as it was shown, under a CRC that holds.
inline void check_record(const std::vector<std::byte>& image, const journal::RecordView& record) {
  if (record.ref.segment != journal::SegmentNumber{1}) return;
  const std::size_t at = record.ref.offset;
  require(at + journal::kRecordHeaderBytes + record.payload.size() <= image.size());
  const auto size = static_cast<std::uint32_t>(record.payload.size());
  require(journal::record_intact(image.data() + at, size, kFuzzEpoch));
  require(
      std::equal(record.payload.begin(), record.payload.end(),
                 image.begin() + static_cast<std::ptrdiff_t>(at) + journal::kRecordHeaderBytes));
}

// Reads all there is; LSNs rise, and there is an end.
inline void check_reading(journal::Journal& opened, const std::vector<std::byte>& image) {
  const auto reader = opened.reader(~journal::RecordMask{0}, journal::Lsn{});
  journal::Lsn last;
  for (std::size_t calls = 0; reader->position() < opened.durable(); ++calls) {
    require(calls < 10'000);
    for (const journal::RecordView& record : reader->next(1 << 16)) {
      require(record.ref.lsn > last);
      last = record.ref.lsn;
      check_record(image, record);
    }
  }
}

// Opens a journal of this one segment, reads it, and stores one event more.
inline void check_journal(test_support::SimFs& fs, const std::vector<std::byte>& image) {
  journal::JournalOptions options;
  options.directory = kFuzzDirectory;
  options.default_node = "fuzz";
  options.segment_bytes = 64 << 10;
  options.max_bytes = 1 << 20;
  options.ring_bytes = 64 << 10;
  options.sinks = {{"file"}};
  test_support::FakeClock clock;
  test_support::SeededRandom random{1};
  base::Log log{base::LogFormat::logfmt, base::LogLevel::error, clock, [](std::string_view) {}};
  std::string message;
  auto opened = journal::Journal::open(options, fs, clock, random, log, message);
  require(static_cast<bool>(opened));
  check_reading(**opened, image);
  const journal::Lsn before = (*opened)->durable();
  auto batch = (*opened)->new_batch();
  batch->add(journal::RecordType::event, 0, {});
  batch->urgent = true;
  (*opened)->append(journal::Lane::reception, std::move(batch));
  (*opened)->commit_step();
  require((*opened)->durable() == before.next());
  (*opened)->housekeeping_step();
}

// All of it, for one input.
inline void check_segment(base::Bytes input) {
  const auto image = segment_image(input.first(std::min(input.size(), kMaxBodyBytes)));
  test_support::SimFs fs(1);
  static_cast<void>(fs.make_directory(kFuzzDirectory));
  fs.put(kFuzzDirectory + "/" + journal::segment_file_name(journal::SegmentNumber{1}), image);
  require(static_cast<bool>(journal::list_segments(fs, kFuzzDirectory)));
  require(static_cast<bool>(journal::verify_journal(fs, kFuzzDirectory)));
  const auto visit = [&](const journal::SegmentSummary&, const journal::RecordView& record) {
    check_record(image, record);
    return true;
  };
  require(static_cast<bool>(journal::visit_records(fs, kFuzzDirectory, journal::Lsn{}, visit)));
  check_journal(fs, image);
}

}  // namespace trapline::fuzz
